"""Kelola SOP: the SOPs that hold where the visitor is, and each as the office knows it, as the sheet with its table."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from sqlalchemy.engine import Connection

from app.core.search import split_words
from app.definitions import queries
from app.definitions.queries import DefinitionFilter
from app.identity.names import names_of
from app.instances.policy import takes_part
from app.instances.versions import MOST_COUNTED, count_running, list_versions
from app.sop.difference_text import as_text
from app.sop.difference_words import Language, Words
from app.sop.schemas import read_table_json
from app.web.diagram import Overlay
from app.web.page import show
from app.web.sop_marks import Mark, marks_of
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 50


def listing(text: str) -> list[tuple[str, list[str]]]:
    """Return lines of text, as a difference and a plan are told in, as headings with what stands below each."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("- ") and found:
            found[-1][1].append(line.removeprefix("- "))
        else:
            found.append((line, []))
    return found


def language_of(visit: Visit) -> Language:
    """Return the reader's language as the listings of an SOP have it."""
    return "id" if visit.speech.language == "id" else "en"


def may_deploy(visit: Visit) -> bool:
    """Whether the visitor may deploy into any unit."""
    actor = visit.actor
    return bool(actor.units_with("deploy", visit.now) or actor.units_with("administer", visit.now))


@router.get("/sop")
def show_sops(
    visit: Visitor,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Show the SOPs in force."""
    return show(visit, "sops/list.html", q=q, **visit.read(lambda connection: _sops(visit, q, cursor, connection)))


def _sops(visit: Visit, q: str, cursor: str | None, connection: Connection) -> dict[str, Any]:
    actor, now = visit.actor, visit.now
    wanted = DefinitionFilter(in_force=True, words=split_words(q))
    page = queries.list_definitions(connection, actor, now, wanted, sort="name", limit=_A_PAGE, cursor=cursor)
    roles = queries.role_keys(connection, [one["id"] for one in page["items"]])
    running = count_running(connection, actor, now, {one["key"] for one in page["items"]})
    units = actor.office.unit_keys
    sops = [
        {
            **one,
            "unit": units[one["unit"]],
            "roles": sorted(actor.office.roles[key].name for key in roles.get(one["id"], ())),
            "running": [at for at in running if (at.key, at.unit_id) == (one["key"], units[one["unit"]].id)],
        }
        for one in page["items"]
    ]
    next_page = f"/sop?{urlencode({'q': q, 'cursor': page['next_cursor']})}" if page["next_cursor"] else None
    several = len({one["unit"].id for one in sops}) > 1
    return {
        "sops": sops,
        "next_page": next_page,
        "several_units": several,
        "deploys": may_deploy(visit),
        "most_counted": MOST_COUNTED,
    }


@router.get("/sop/{definition_id}")
def show_sop(visit: Visitor, definition_id: str) -> Response:
    """Show one SOP as its sheet, with its diagram, its versions and what has changed."""
    return show(visit, "sops/page.html", **visit.read(lambda connection: _sop(visit, definition_id, connection)))


def _sop(visit: Visit, definition_id: str, connection: Connection) -> dict[str, Any]:
    actor, now, catalogue = visit.actor, visit.now, visit.request.app.state.catalogue
    row = queries.visible_row(connection, actor, now, definition_id)
    read = catalogue.table(connection, row.id)
    versions = list_versions(connection, actor, now, definition_id)
    before = next((one for one in versions if one["version"] < row.version), None)
    changes = None
    marks: tuple[dict[str, Mark], dict[str, Mark]] = ({}, {})
    if before is not None:
        found = catalogue.difference(connection, before["id"], row.id)
        changes, marks = listing(as_text(found, language_of(visit))), marks_of(found)
    role_keys = queries.role_keys(connection, [row.id]).get(row.id, frozenset())
    older = sum(one["running"] for one in versions if one["version"] < row.version)
    this = next(one for one in versions if one["id"] == row.id)
    return {
        "sop": row,
        "table": read_table_json(read),
        "elements": [one.element_id for one in read.activities],
        "rows": {one.number: one for one in read.activities},
        "this": this,
        "versions": versions,
        "before": before,
        "changes": changes,
        "overlay": Overlay(),
        "overlay_before": Overlay(marks=marks[0]),
        "overlay_now": Overlay(marks=marks[1]),
        "people": names_of(connection, {one["deployed_by"] for one in versions}),
        "unit": actor.office.units[row.unit_id],
        "words": Words(language_of(visit)),
        "starts": this["in_force"] and takes_part(actor, role_keys, row.unit_id, now),
        "most_counted": MOST_COUNTED,
        "older_cases": min(older, MOST_COUNTED) if may_deploy(visit) else 0,
        "deploys": may_deploy(visit),
    }
