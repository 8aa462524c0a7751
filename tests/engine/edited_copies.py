"""A model and a copy of it as an analyst edits one: rows added, renamed and moved to other lanes, and new ids."""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from lxml import etree

from tests.engine.bpmn_drawing import Drawing
from tests.engine.process_net import BPMN, FLOW_NODES

REFERENCES = ("sourceRef", "targetRef", "attachedToRef", "default")
JOINS = ("parallelGateway", "inclusiveGateway")


class Split(NamedTuple):
    """What a flow has become where a row was put on it."""

    first: str
    row: str
    second: str


@dataclass(slots=True)
class Copy:
    """An edited copy: `ids` holds what each element and flow is called in it, `mapping` what a migration must be told.

    `splits` are the flows, by their old ids, on which a row was put.
    """

    drawing: Drawing
    ids: dict[str, str] = field(default_factory=dict)
    mapping: dict[str, str] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)

    def new_id(self, id_: str) -> str:
        """Return what an element or flow is called in the copy; what is inside a call has the call's new id before."""
        outermost, slash, inner = id_.partition("/")
        return self.ids.get(outermost, outermost) + slash + inner


def edited(drawing: Drawing, random: Random) -> Copy:
    """Return an edited copy of a drawing; equal states of `random` give equal copies."""
    return _Editor(drawing, random).copy()


class _Editor:
    def __init__(self, drawing: Drawing, random: Random) -> None:
        self.random = random
        self.drawing = drawing
        self.root = etree.fromstring(drawing.xml)
        self.process = next(self.root.iter(f"{BPMN}process"))
        self.result = Copy(drawing)

    def copy(self) -> Copy:
        etree.strip_elements(self.root, f"{BPMN}incoming", f"{BPMN}outgoing")
        self.rename_some()
        self.add_rows()
        self.move_to_lanes()
        for task in self.root.iter(f"{BPMN}userTask"):
            if self.random.random() < 0.3:
                task.set("name", "Kegiatan dengan nama baru")
        sets = {self.result.new_id(task): variable for task, variable in self.drawing.sets.items()}
        xml = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
        self.result.drawing = Drawing(xml, sets, self.drawing.called)
        return self.result

    @property
    def flows(self) -> list[etree._Element]:
        return list(self.process.iter(f"{BPMN}sequenceFlow"))

    def kind(self, id_: str) -> str:
        found = next(element for element in self.process.iter(etree.Element) if _id(element) == id_)
        return etree.QName(found).localname

    def rename_some(self) -> None:
        """Give some elements and flows other ids; the source of a flow tells which it is, so not all are told."""
        for flow in self.flows:
            if self.random.random() < 0.3:
                ends = flow.get("sourceRef"), flow.get("targetRef")
                twins = [one for one in self.flows if (one.get("sourceRef"), one.get("targetRef")) == ends]
                self.rename(flow, told=len(twins) > 1 or self.random.random() < 0.5)
        for element in [*self.process.iter(*(f"{BPMN}{kind}" for kind in FLOW_NODES))]:
            if self.random.random() < 0.2:
                self.rename(element, told=True)

    def rename(self, element: etree._Element, *, told: bool) -> None:
        old, new = _id(element), f"baru_{len(self.result.ids)}"
        self.result.ids[old] = new
        if told:
            self.result.mapping[old] = new
        element.set("id", new)
        for other in self.process.iter(etree.Element):
            for name in REFERENCES:
                if other.get(name) == old:
                    other.set(name, new)

    def add_rows(self) -> None:
        old_ids = {new: old for old, new in self.result.ids.items()}
        free = [flow for flow in self.flows if self.kind(str(flow.get("sourceRef"))) != "eventBasedGateway"]
        for number, flow in enumerate(self.random.sample(free, min(len(free), self.random.randint(1, 3)))):
            split = Split(_id(flow), f"tambahan_{number}", f"lanjutan_{number}")
            target = str(flow.get("targetRef"))
            flow.addnext(etree.Element(f"{BPMN}userTask", id=split.row, name="Kegiatan tambahan"))
            ends = {"sourceRef": split.row, "targetRef": target}
            flow.addnext(etree.Element(f"{BPMN}sequenceFlow", {"id": split.second, **ends}))
            old = old_ids.get(split.first, split.first)
            self.result.splits[old] = split
            if self.kind(target) in JOINS:
                # Who waits at the join has come by; the new row is behind him.
                self.result.mapping[old] = split.second
            flow.set("targetRef", split.row)

    def move_to_lanes(self) -> None:
        tasks = [_id(task) for task in self.process.iterchildren(f"{BPMN}userTask")]
        lanes = etree.Element(f"{BPMN}laneSet", id="lajur")
        for name in ("Staf", "Sekretaris"):
            lane = etree.SubElement(lanes, f"{BPMN}lane", id=f"lajur_{name}", name=name)
            for task in [task for task in tasks if self.random.random() < 0.5]:
                etree.SubElement(lane, f"{BPMN}flowNodeRef").text = task
                tasks.remove(task)
        self.process.insert(0, lanes)


def _id(element: etree._Element) -> str:
    return str(element.get("id", ""))
