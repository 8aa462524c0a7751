"""Bringing running cases into another version of their SOP: the plan in words first, then those that were chosen."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.engine import Connection

from app.core.http import parse_id
from app.core.problems import Problem
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.definitions import policy, queries
from app.identity.http import directory_of
from app.identity.office import Actor
from app.instances import migration
from app.instances.migration import Wanted
from app.instances.versions import MOST_COUNTED, list_versions
from app.web.page import show
from app.web.refusals import said
from app.web.sops import listing
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_A_PAGE = 25
# A field of the form that says which task stands for a task of the older version.
_MAPPED = "padan."
# What can be mended by saying which task stands for which.
_MAPPABLE = ("no-counterpart", "row-elsewhere")


class Planned(NamedTuple):
    """A case with the plan for it, or with the reason why there is none."""

    instance_id: str
    title: str
    business_key: str | None
    allowed: bool
    refusals: list[Text]
    plan: list[tuple[str, list[str]]]


class Moved(NamedTuple):
    """What became of one case; `refusal` is null where it was migrated."""

    instance_id: str
    title: str
    refusal: str | None


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, str]:
    return {
        name.removeprefix(_MAPPED): value
        for name, value in pairs
        if name.startswith(_MAPPED) and isinstance(value, str) and value
    }


@router.get("/sop/{definition_id}/pindahkan")
def show_plan(
    request: Request,
    visit: Visitor,
    definition_id: str,
    dari: Annotated[str | None, Query(max_length=600)] = None,
    setelah: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Show what migrating the cases of an older version would do to each, before anything is done."""
    policy.deployment_unit(visit.actor, visit.now)
    mapping = _mapping(list(request.query_params.multi_items()))
    target = visit.read(lambda connection: queries.visible_row(connection, visit.actor, visit.now, definition_id))
    versions = visit.read(lambda connection: list_versions(connection, visit.actor, visit.now, definition_id))
    sources = [one for one in versions if one["version"] < target.version and (one["running"] or one["id"] == dari)]
    source = next((one for one in sources if one["id"] == dari), sources[0] if sources else None)
    values: dict[str, Any] = {"plans": [], "choices": {}, "next_page": None, "most_counted": MOST_COUNTED}
    if source is not None:
        values |= _plans(visit, source["id"], definition_id, mapping, setelah)
    return show(visit, "sops/migrate.html", target=target, sources=sources, source=source, mapping=mapping, **values)


def _plans(visit: Visit, source_id: str, target_id: str, mapping: dict[str, str], after: str | None) -> dict[str, Any]:
    catalogue = visit.request.app.state.catalogue
    last = parse_id(after, "process instance") if after else None

    def query(connection: Connection) -> migration.Selection:
        return migration.select_of(connection, catalogue, visit.actor, visit.now, source_id, last)

    selection = visit.read(query)
    ids = selection.ids[:_A_PAGE]
    plans: list[Planned] = []
    elements: dict[str, str] = {}
    suggested: dict[str, str] = {}
    for instance_id in ids:
        try:
            plan = visit.act(_migration(visit, instance_id, Wanted(target_id, mapping, True)))
        except Problem as problem:
            plans.append(Planned(instance_id, instance_id, None, False, [Text(*[said(problem, visit.speech)] * 2)], []))
            continue
        errors = [one for one in plan["findings"] if one["severity"] == "error"]
        text = plan["text"] if visit.speech.language == "id" else plan["text_en"]
        names = {task["before"]["element_id"]: task["before"]["name"] for task in plan["tasks"]}
        for one in errors:
            if one["code"] in _MAPPABLE and one["element_id"] is not None:
                elements[one["element_id"]] = names.get(one["element_id"], one["element_id"])
        elements |= {element: names.get(element, element) for element in mapping if element not in elements}
        suggested |= plan["suggested_mapping"]
        plans.append(
            Planned(
                instance_id,
                plan["title"],
                plan["business_key"],
                plan["allowed"],
                [
                    Text(f"{one['message']} {one['remedy']}", f"{one['message_en']} {one['remedy_en']}")
                    for one in errors
                ],
                # What it is about and whether it can be done stand above the plan.
                listing(text)[2:],
            )
        )
    more = len(selection.ids) > _A_PAGE
    there = {"dari": source_id, "setelah": ids[-1] if ids else "", **{_MAPPED + one: to for one, to in mapping.items()}}
    target = visit.read(lambda connection: catalogue.get(connection, target_id))
    rows = sorted(target.tasks.values(), key=lambda plan: (plan.activity_no is None, plan.activity_no or 0))
    return {
        "plans": plans,
        "choices": {one: (name, mapping.get(one) or suggested.get(one)) for one, name in elements.items()},
        "rows": rows,
        "next_page": f"/sop/{target_id}/pindahkan?{urlencode(there)}" if more else None,
    }


@router.post("/sop/{definition_id}/pindahkan")
def migrate_chosen(
    visit: Visitor,
    definition_id: str,
    sent: Sent,
    berkas: Annotated[list[str] | None, Form(max_length=migration.MOST_MIGRATED)] = None,
) -> Response:
    """Migrate the cases that were chosen, each for itself, and show what became of each."""
    policy.deployment_unit(visit.actor, visit.now)
    target = visit.read(lambda connection: queries.visible_row(connection, visit.actor, visit.now, definition_id))
    mapping = _mapping(sent.multi_items())
    moved = []
    for instance_id in berkas or []:
        title = sent.get(f"judul.{instance_id}")
        shown = title if isinstance(title, str) else instance_id
        try:
            instance = visit.act(_migration(visit, instance_id, Wanted(definition_id, mapping, False)))
        except Problem as problem:
            moved.append(Moved(instance_id, shown, _refusal(problem, visit)))
        else:
            moved.append(Moved(instance_id, instance["title"], None))
    return show(visit, "sops/migrated.html", target=target, moved=moved)


def _refusal(problem: Problem, visit: Visit) -> str:
    """Return a refusal in the reader's language; that of a migration names each element with what to do."""
    in_language = [
        f"{one['message']} {one['remedy']}"
        if visit.speech.language == "id"
        else f"{one['message_en']} {one['remedy_en']}"
        for one in problem.errors
        if "remedy" in one
    ]
    return " ".join(in_language) or said(problem, visit.speech)


def _migration(visit: Visit, named: str, wanted: Wanted) -> Any:
    instance_id: UUID = parse_id(named, "process instance")

    def command(uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
        return migration.migrate(
            uow,
            directory_of(visit.request),
            visit.request.app.state.catalogue,
            actor=actor,
            instance_id=instance_id,
            wanted=wanted,
            now=visit.now,
        )

    return command
