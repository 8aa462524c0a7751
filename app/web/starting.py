"""Mulai berkas: the SOPs that the visitor may start, and the form that starts one."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData

from app.core.problems import Invalid, NotFound
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.queries import form_json
from app.instances import commands
from app.instances.commands import NewInstance
from app.instances.startable import startable
from app.web import form_fields
from app.web.form_fields import Typed
from app.web.page import go, show
from app.web.refusals import said
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_LONGEST = 255


class Entered(NamedTuple):
    """What somebody has entered in the form that starts an SOP: title and number of the case, texts of its fields."""

    judul: str
    nomor: str
    typed: Typed


def _catalogue(visit: Visit) -> Catalogue:
    catalogue: Catalogue = visit.request.app.state.catalogue
    return catalogue


@router.get("/berkas/mulai")
def choose_sop(visit: Visitor) -> Response:
    """Show the SOPs that the visitor may start."""

    def query(connection: Connection) -> dict[str, Any]:
        return {"definitions": startable(connection, _catalogue(visit), visit.actor, visit.now)}

    return show(visit, "cases/choose.html", **visit.read(query))


def _definition(visit: Visit, key: str) -> Definition:
    found = visit.read(lambda connection: startable(connection, _catalogue(visit), visit.actor, visit.now))
    for definition in found:
        if definition.key == key:
            return definition
    raise NotFound(f"There is no process '{key[:200]}' that you may start.")


@router.get("/berkas/mulai/{key}")
def show_start_form(visit: Visitor, key: str) -> Response:
    """Show the form that starts an SOP."""
    definition = _definition(visit, key)
    fields = form_json(definition.process.model.start_form)
    return _form(visit, definition, Entered("", "", form_fields.defaults_of(fields)))


@router.post("/berkas/mulai/{key}")
def start_case(visit: Visitor, key: str, sent: Sent) -> Response:
    """Start an SOP, and lead to its case; a form with a mistake is shown again with what was typed."""
    definition, speech = _definition(visit, key), visit.speech
    fields = form_json(definition.process.model.start_form)
    entered = Entered(_text(sent, "judul"), _text(sent, "nomor"), form_fields.typed_in(fields, sent))
    values, wrong = form_fields.read_values(fields, entered.typed, speech)
    too_long = {name for name in ("judul", "nomor") if len(getattr(entered, name)) > _LONGEST}
    if wrong or too_long:
        return _form(visit, definition, entered, wrong=wrong, too_long=too_long)
    wanted = NewInstance(
        process_definition_key=key,
        process_definition_id=None,
        business_key=entered.nomor.strip() or None,
        title=entered.judul or None,
        unit=None,
        variables=values,
    )
    try:
        case = visit.act_once(
            sent, lambda uow, actor: commands.start(uow, _catalogue(visit), actor=actor, wanted=wanted, now=visit.now)
        ).answer
    except Invalid as refusal:
        wrong = form_fields.faults_of(refusal, fields, entered.typed, speech)
        return _form(visit, definition, entered, wrong=wrong, message="" if wrong else said(refusal, speech))
    return go(visit.request, f"/berkas/{case['id']}", speech("Berkas “%(title)s” dimulai.", title=case["title"]))


def _text(sent: FormData, name: str) -> str:
    given = sent.get(name)
    return given if isinstance(given, str) else ""


def _form(
    visit: Visit,
    definition: Definition,
    entered: Entered,
    *,
    wrong: Mapping[str, str] | None = None,
    too_long: Collection[str] = (),
    message: str = "",
) -> Response:
    """Show the form with what was entered; with anything wrong in it, it has not been sent."""
    fields, wrong = form_json(definition.process.model.start_form), wrong or {}
    own = {name: visit.speech("Tulis paling banyak %(n)s huruf.", n=_LONGEST) for name in too_long}
    faults: list[tuple[str, str]] = [(name, own[name]) for name in ("judul", "nomor") if name in own]
    faults += [
        (f"isian-{place}", form_fields.fault_line(field, wrong[field["id"]]))
        for place, field in enumerate(fields)
        if field["id"] in wrong
    ]
    faults += [("", message)] if message else []
    return show(
        visit,
        "cases/start.html",
        status=422 if faults else 200,
        definition=definition,
        address=f"/berkas/mulai/{quote(definition.key)}",
        fields=fields,
        form=form_fields,
        steps=sorted(definition.tasks.values(), key=lambda plan: plan.activity_no or 0),
        roles=visit.actor.office.roles,
        entered=entered,
        faults=faults,
        own=own,
        wrong=wrong,
    )
