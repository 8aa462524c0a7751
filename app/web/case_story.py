"""What became of a case, made ready to be read: its rounds, its control sheet, and what was filled in last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from app.definitions.catalogue import Definition
from app.engine import FormField
from app.instances.variables import DECISION, REASON
from app.web.language import Speech

Visit = Mapping[str, Any]


class Round(NamedTuple):
    """The visits up to the one with which the work began again; `returned` is the visit that sent it back, if any."""

    number: int
    visits: list[Visit]
    returned: Visit | None


class Row(NamedTuple):
    """A row of the control sheet: a step of the SOP with every visit to it; `element_id` is where it is drawn."""

    element_id: str
    number: int | None
    name: str
    role: str | None
    standard_time: str | None
    visits: list[Visit]


def rounds(visits: Sequence[Visit]) -> list[Round]:
    """Part visits, the oldest first, into rounds: a new one begins where a step is done that this one has already.

    Those of a multi-instance task are of one visit, so they stay together.
    """
    found: list[Round] = []
    seen: dict[str, int] = {}
    returned: Visit | None = None
    for visit in visits:
        if not found or seen.get(visit["element_id"], visit["visit"]) < visit["visit"]:
            found.append(Round(len(found) + 1, [], returned if found else None))
            seen = {}
        seen[visit["element_id"]] = visit["visit"]
        found[-1].visits.append(visit)
        if visit["reason"] is not None and visit["decision"] is not None:
            returned = visit
    return found


def control_sheet(definition: Definition, visits: Iterable[Visit]) -> list[Row]:
    """Return the steps of the SOP by their numbers, with their visits; then those that only an older version had."""
    made: dict[str, list[Visit]] = {}
    for visit in visits:
        made.setdefault(visit["element_id"], []).append(visit)
    rows = [
        Row(plan.element_id, plan.activity_no, plan.name, plan.role_key, plan.standard_time, made.pop(element_id, []))
        for element_id, plan in definition.tasks.items()
    ]
    rows.sort(key=lambda row: (row.number is None, row.number or 0))
    for element_id, gone in made.items():
        last = gone[-1]
        rows.append(Row(element_id, last["activity_no"], last["name"], last["role"], last["standard_time"], gone))
    return rows


def decision_names(definition: Definition) -> dict[str, dict[str, str]]:
    """Return by element what its decisions are called on its form."""
    return {
        element_id: dict(field.options)
        for element_id, plan in definition.tasks.items()
        for field in plan.form
        if field.id == DECISION
    }


def filled_in(definition: Definition, variables: Mapping[str, Any], speech: Speech) -> list[tuple[str, str]]:
    """Return what was filled in last, as label and value; decisions and their reasons are told by the visits."""
    fields: dict[str, FormField] = {}
    for field in _fields(definition):
        fields.setdefault(field.id, field)
    order = [*fields, *sorted(variables.keys() - fields.keys())]
    return [
        (fields[name].label if name in fields else name, _shown(fields.get(name), variables[name], speech))
        for name in order
        if name not in (DECISION, REASON) and variables.get(name) is not None
    ]


def _fields(definition: Definition) -> Iterator[FormField]:
    yield from definition.process.model.start_form
    for plan in definition.tasks.values():
        yield from plan.form


def _shown(field: FormField | None, value: Any, speech: Speech) -> str:
    if isinstance(value, bool):
        return speech("Ya") if value else speech("Tidak")
    if isinstance(value, str):
        return dict(field.options).get(value, value) if field is not None else value
    # A number is written without separators: most are years and numbers of letters.
    return orjson.dumps(value).decode()
