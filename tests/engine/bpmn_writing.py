"""Elements and flows written as BPMN 2.0 XML, in an order and with redundancies that are drawn at random."""

from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape, quoteattr


@dataclass(slots=True, eq=False)
class Scope:
    elements: list["Element"] = field(default_factory=list)
    flows: list["Flow"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Element:
    tag: str
    id: str
    attributes: dict[str, str]
    inside: str = ""
    scope: Scope | None = None


@dataclass(slots=True, eq=False)
class Flow:
    id: str
    source: Element
    target: Element
    condition: str | None


class Writer:
    """Writes with one prefix; `references`: whether elements name their flows."""

    def __init__(self, random: Random, prefix: str, *, references: bool) -> None:
        self._random = random
        self._prefix = prefix
        self._references = references

    def written(self, scope: Scope) -> str:
        elements = list(scope.elements)
        self._random.shuffle(elements)
        flows = self._shuffled_flows(scope.flows)
        return "".join(self._written_element(element, flows) for element in elements) + "".join(
            self._written_flow(flow) for flow in flows
        )

    def _shuffled_flows(self, flows: list[Flow]) -> list[Flow]:
        """Shuffle, but keep the order of the flows that leave the same node: it decides which condition comes first."""
        shuffled = list(flows)
        self._random.shuffle(shuffled)
        queues = {flow.source.id: iter([f for f in flows if f.source is flow.source]) for flow in flows}
        return [next(queues[flow.source.id]) for flow in shuffled]

    def _written_element(self, element: Element, flows: list[Flow]) -> str:
        p = self._prefix
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
        inside = ""
        if self._references:
            inside += "".join(f"<{p}incoming>{f.id}</{p}incoming>" for f in flows if f.target is element)
            inside += "".join(f"<{p}outgoing>{f.id}</{p}outgoing>" for f in flows if f.source is element)
        inside = element.inside + inside if "extensionElements>" in element.inside else inside + element.inside
        if element.scope is not None:
            inside += "\n" + self.written(element.scope)
        return f"    <{p}{element.tag} id={quoteattr(element.id)}{attributes}>{inside}</{p}{element.tag}>\n"

    def _written_flow(self, flow: Flow) -> str:
        p = self._prefix
        ends = f"sourceRef={quoteattr(flow.source.id)} targetRef={quoteattr(flow.target.id)}"
        if flow.condition is None:
            return f"    <{p}sequenceFlow id={quoteattr(flow.id)} {ends}/>\n"
        return (
            f"    <{p}sequenceFlow id={quoteattr(flow.id)} {ends}>"
            f'<{p}conditionExpression xsi:type="{p}tFormalExpression">{escape(flow.condition)}'
            f"</{p}conditionExpression></{p}sequenceFlow>\n"
        )
