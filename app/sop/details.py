"""What conditions, timers and form fields say in two versions of a file, word by word: no cell of a table shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from app.sop.document import BPMN, CAMUNDA

_TIMES: Final = ("timeDate", "timeDuration", "timeCycle")
_FIELD: Final = f"{CAMUNDA}formField"


@dataclass(frozen=True, slots=True)
class Detail:
    """One text that is another one: a `condition`, a `timer` or a form `field`, at an element.

    `before` and `after` are null where only the other version has it. A field is told by its id, type and constraints.
    """

    kind: str
    element_id: str
    name: str
    before: str | None
    after: str | None


def details(old: etree._Element, new: etree._Element) -> tuple[Detail, ...]:
    """Return the conditions, timers and fields that differ at the elements that both documents have."""
    before, after = dict(_texts(old)), dict(_texts(new))
    kept = {one.get("id") for one in old.iter(etree.Element)} & {one.get("id") for one in new.iter(etree.Element)}
    names = {key[:2]: name for root in (old, new) for key, name in _names(root)}
    return tuple(
        Detail(kind, id_, names.get((kind, id_), id_), before.get((kind, id_, part)), after.get((kind, id_, part)))
        for kind, id_, part in dict.fromkeys([*after, *before])
        if id_ in kept and before.get((kind, id_, part)) != after.get((kind, id_, part))
    )


_Key = tuple[str, str, str]


def _texts(root: etree._Element) -> Iterator[tuple[_Key, str]]:
    for key, text, _ in _said(root):
        yield key, text


def _names(root: etree._Element) -> Iterator[tuple[_Key, str]]:
    for key, _, name in _said(root):
        yield key, name


def _said(root: etree._Element) -> Iterator[tuple[_Key, str, str]]:
    """Yield what is compared: its key, what it says, and how its element is called."""
    for element in root.iter(f"{BPMN}conditionExpression", f"{BPMN}completionCondition"):
        holder = _holder(element)
        yield ("condition", holder.get("id", ""), ""), (element.text or "").strip(), _name(holder)
    for element in root.iter(*(BPMN + time for time in _TIMES)):
        holder = _holder(element)
        yield ("timer", holder.get("id", ""), ""), (element.text or "").strip(), _name(holder)
    for element in root.iter(_FIELD):
        holder = _holder(element)
        field = element.get("id", "")
        yield ("field", holder.get("id", ""), field), _field(element), _name(holder)


def _holder(element: etree._Element) -> etree._Element:
    """Return the flow, event or task that something stands in."""
    kinds = ("sequenceFlow", "Event", "Task", "task", "callActivity", "subProcess")
    return next(one for one in (*element.iterancestors(), element) if one.tag.endswith(kinds) or one is element)


def _name(holder: etree._Element) -> str:
    return str(holder.get("name") or holder.get("id", ""))


def _field(element: etree._Element) -> str:
    """Return a field as a line: its id, its type, its default, its values, and what is asked of it."""
    constraints = [(one.get("name", ""), one.get("config")) for one in element.iter(f"{CAMUNDA}constraint")]
    rules = [name if config in (None, "true") else f"{name} {config}" for name, config in constraints]
    values = [one.get("id", "") for one in element.iter(f"{CAMUNDA}value")]
    default = element.get("defaultValue")
    parts = [element.get("type", ""), *rules, *([f"= {default}"] if default is not None else []), *values]
    return f"{element.get('id', '')} ({', '.join(filter(None, parts))})"
