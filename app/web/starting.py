"""Mulai berkas: the SOPs that the visitor may start, and the form that starts one."""

from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData

from app.core.problems import Invalid, NotFound
from app.core.text import is_blank
from app.definitions.catalogue import Catalogue, Definition
from app.engine import FormField
from app.engine.model import FieldType
from app.instances import commands
from app.instances.commands import NewInstance
from app.instances.startable import startable
from app.web.language import Speech
from app.web.page import go, show
from app.web.refusals import said
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_LONGEST = 255


class Typed(NamedTuple):
    """What was typed into a form, read by its fields: the values, and what is wrong by the ids of the fields."""

    values: dict[str, Any]
    faults: list[tuple[str, str]]


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
    typed = {"judul": "", "nomor": ""}
    typed |= {field_name(field.id): field.default or "" for field in definition.process.model.start_form}
    return _form(visit, definition, typed)


@router.post("/berkas/mulai/{key}")
def start_case(visit: Visitor, key: str, sent: Sent) -> Response:
    """Start an SOP, and lead to its case; a form with a mistake is shown again with what was typed."""
    definition, speech = _definition(visit, key), visit.speech
    typed = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
    read = read_fields(definition.process.model.start_form, sent, speech)
    faults = [*_long(typed, "judul", speech), *_long(typed, "nomor", speech), *read.faults]
    if faults:
        return _form(visit, definition, typed, faults, status=422)
    wanted = NewInstance(
        process_definition_key=key,
        process_definition_id=None,
        business_key=typed.get("nomor", "").strip() or None,
        title=typed.get("judul") or None,
        unit=None,
        variables=read.values,
    )
    try:
        case = visit.act(
            lambda uow, actor: commands.start(uow, _catalogue(visit), actor=actor, wanted=wanted, now=visit.now)
        )
    except Invalid as refusal:
        return _form(visit, definition, typed, [("", said(refusal, speech))], status=422)
    return go(visit.request, f"/berkas/{case['id']}", speech("Berkas “%(title)s” dimulai.", title=case["title"]))


def _long(typed: dict[str, str], name: str, speech: Speech) -> list[tuple[str, str]]:
    if len(typed.get(name, "")) <= _LONGEST:
        return []
    return [(name, speech("Tulis paling banyak %(n)s huruf.", n=_LONGEST))]


def _form(
    visit: Visit,
    definition: Definition,
    typed: dict[str, str],
    faults: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    return show(
        visit,
        "cases/start.html",
        status=status,
        definition=definition,
        address=f"/berkas/mulai/{quote(definition.key)}",
        fields=definition.process.model.start_form,
        steps=sorted(definition.tasks.values(), key=lambda plan: plan.activity_no or 0),
        roles=visit.actor.office.roles,
        typed=typed,
        faults=faults or [],
        wrong=dict(faults or []),
        field_name=field_name,
    )


def field_name(field_id: str) -> str:
    """Return the name that a field of an SOP's form has on a page, where other fields stand beside it."""
    return f"isi-{field_id}"


def read_fields(form: tuple[FormField, ...], sent: FormData, speech: Speech) -> Typed:
    """Read what was typed as the values of a form: numbers, dates and choices as such; what is left empty is null."""
    values: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for field in form:
        text = sent.get(field_name(field.id))
        text = text if isinstance(text, str) else ""
        try:
            values[field.id] = _value(field, text, speech)
        except ValueError as fault:
            faults.append((field_name(field.id), str(fault)))
    return Typed(values, faults)


def _value(field: FormField, text: str, speech: Speech) -> Any:
    if field.type is FieldType.BOOLEAN:
        return text == "true"
    if is_blank(text):
        if field.required:
            raise ValueError(speech("%(label)s harus diisi.", label=field.label))
        return None
    if field.type is FieldType.LONG:
        digits = text.strip()
        if not digits.removeprefix("-").isdecimal() or len(digits) > 19:
            raise ValueError(speech("%(label)s diisi dengan bilangan bulat, misalnya 12.", label=field.label))
        _within(field, int(digits), speech)
        return int(digits)
    if field.type is FieldType.STRING:
        _within(field, len(text), speech)
    return text


def _within(field: FormField, size: int, speech: Speech) -> None:
    """Check a number, or the length of a text, against the bounds of its field."""
    letters = field.type is FieldType.STRING
    if field.minimum is not None and size < field.minimum:
        text = speech("%(label)s paling sedikit %(n)s.", label=field.label, n=speech.number(field.minimum))
        if letters:
            text = speech("%(label)s paling sedikit %(n)s huruf.", label=field.label, n=speech.number(field.minimum))
        raise ValueError(text)
    if field.maximum is not None and size > field.maximum:
        text = speech("%(label)s paling banyak %(n)s.", label=field.label, n=speech.number(field.maximum))
        if letters:
            text = speech("%(label)s paling banyak %(n)s huruf.", label=field.label, n=speech.number(field.maximum))
        raise ValueError(text)
