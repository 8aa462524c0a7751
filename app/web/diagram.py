"""The diagram of a process on a page: its BPMN, and what a page draws over it (`templates/diagram.html`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import orjson
from fastapi import APIRouter, Request, Response

from app.core.http import names_tag
from app.definitions import queries
from app.web.visit import Visitor

router = APIRouter()


class Heat(NamedTuple):
    """How hot an element is, from 0 to 1, and what that says in words."""

    value: float
    label: str


class Finding(NamedTuple):
    """A finding on an element; `place` is where its text stands on the page, such as `#temuan-3`."""

    severity: Literal["error", "warning", "info"]
    number: int
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over a diagram, by the ids of its elements; `active` gives each one's label."""

    active: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    taken: Sequence[str] = ()
    heat: Mapping[str, Heat] = field(default_factory=dict)
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    marks: Mapping[str, Literal["added", "changed", "removed"]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn over it, so that it needs no legend."""
        return not (self.active or self.visits or self.taken or self.heat or self.findings or self.marks)

    def json(self) -> str:
        """Return it as the script of the diagram reads it."""
        return orjson.dumps(
            {
                "active": self.active,
                "visits": self.visits,
                "taken": self.taken,
                "heat": {element: one._asdict() for element, one in self.heat.items()},
                "findings": {element: [one._asdict() for one in found] for element, found in self.findings.items()},
                "marks": self.marks,
            }
        ).decode()


@router.get("/sop/{definition_id}/bpmn")
def show_bpmn(request: Request, visit: Visitor, definition_id: str) -> Response:
    """Give the BPMN of a definition to who may see it; a browser that has it asks only whether it still may.

    The bytes of a definition never change, and its id holds their hash. They are somebody else's: opened by themselves,
    they are saved and run nothing.
    """

    tag = f'"{definition_id.rpartition(":")[2]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Content-Disposition": "attachment",
    }
    if names_tag(request, tag):
        visit.read(lambda connection: queries.visible_row(connection, visit.actor, visit.now, definition_id))
        return Response(status_code=304, headers=headers)
    data = visit.read(lambda connection: queries.definition_xml(connection, visit.actor, visit.now, definition_id))
    return Response(data, headers=headers, media_type="application/xml")
