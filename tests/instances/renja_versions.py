"""The Renja as it is and as an analyst has edited it: a row added, a row renamed, a row moved to another lane.

The model of each is a table walked by `sop_walk`, which knows nothing of diagrams; the diagram of the newer one is
edited here as its table tells.
"""

from dataclasses import replace
from pathlib import Path

from lxml import etree

from tests.bpmn.sop_walk import Row, Sop, sops
from tests.engine.process_net import BPMN

RENJA = Path(__file__).resolve().parents[2] / "bpmn" / "renja.bpmn"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

ADDED, BEFORE_IT, BEHIND_IT = 14, 2, 3
ADDED_ID, ADDED_NAME = "kegiatan_tambahan", "Menyusun jadwal kerja tim"
RENAMED, NEW_NAME = 4, "Menghimpun data dan bahan"
MOVED, FROM_ROLE, TO_ROLE = 7, "sekretaris", "kasubag_perencanaan"


def element(row: int) -> str:
    """Return the id of a row's element in either diagram."""
    return ADDED_ID if row == ADDED else f"kegiatan_{row:02}"


def newer_table() -> Sop:
    """Return the edited table."""
    sop = sops()["renja"]
    rows = dict(sop.rows)
    rows[BEFORE_IT] = replace(rows[BEFORE_IT], next=ADDED)
    rows[ADDED] = Row(ADDED, ADDED_NAME, rows[BEHIND_IT].role, "P2D", BEHIND_IT, {}, None)
    rows[RENAMED] = replace(rows[RENAMED], name=NEW_NAME)
    rows[MOVED] = replace(rows[MOVED], role=TO_ROLE)
    return replace(sop, rows=rows)


def newer_diagram() -> bytes:
    """Return the edited diagram; everything that was there keeps its id."""
    root = etree.fromstring(RENJA.read_bytes())
    elements = {str(found.get("id")): found for found in root.iter(etree.Element) if found.get("id")}
    # What only draws or repeats the flows need not follow the edit.
    etree.strip_elements(root, f"{BPMN}incoming", f"{BPMN}outgoing")
    for diagram in root.iterchildren("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"):
        root.remove(diagram)
    elements[element(RENAMED)].set("name", NEW_NAME)
    _to_lane(elements, element(MOVED), TO_ROLE)
    flow = next(found for found in root.iter(f"{BPMN}sequenceFlow") if found.get("sourceRef") == element(BEFORE_IT))
    ends = {"sourceRef": ADDED_ID, "targetRef": str(flow.get("targetRef"))}
    flow.set("targetRef", ADDED_ID)
    flow.addnext(etree.Element(f"{BPMN}sequenceFlow", {"id": "flow_tambahan", **ends}))
    row = etree.Element(f"{BPMN}userTask", id=ADDED_ID, name=ADDED_NAME)
    extension = etree.SubElement(row, f"{BPMN}extensionElements")
    properties = etree.SubElement(extension, f"{CAMUNDA}properties")
    for name, value in (("nomor", str(ADDED)), ("waktu", "P2D"), ("jenis", "kerja"), ("asal", "tertulis")):
        etree.SubElement(properties, f"{CAMUNDA}property", name=name, value=value)
    flow.addnext(row)
    _to_lane(elements, ADDED_ID, newer_table().rows[ADDED].role)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _to_lane(elements: dict[str, etree._Element], id_: str, role: str) -> None:
    for lane in [found for key, found in elements.items() if key.startswith("lane_")]:
        for reference in lane.findall(f"{BPMN}flowNodeRef"):
            if reference.text == id_:
                lane.remove(reference)
    etree.SubElement(elements[f"lane_{role}"], f"{BPMN}flowNodeRef").text = id_
