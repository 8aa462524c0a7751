"""The measuring of drawings finds what it is there to find; without that its silence would prove nothing."""

from pathlib import Path

import pytest
from lxml import etree

from tests.sop.geometry import faults

RENJA = Path(__file__).parents[2] / "bpmn" / "renja.bpmn"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"


def moved(element: str, *, x: int = 0, y: int = 0, label: bool = False) -> bytes:
    """Return Renja with the shape of an element, or its label, moved."""
    root = etree.fromstring(RENJA.read_bytes())
    item = next(
        item for item in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge") if item.get("bpmnElement") == element
    )
    holder = item.find(f"{BPMNDI}BPMNLabel") if label else item
    assert holder is not None
    bounds = holder.find(f"{DC}Bounds")
    assert bounds is not None
    for name, by in (("x", x), ("y", y)):
        bounds.set(name, str(int(bounds.get(name, "0")) + by))
    return etree.tostring(root)


def bent(flow: str, place: int, *, x: int = 0, y: int = 0) -> bytes:
    """Return Renja with one point of a flow moved."""
    root = etree.fromstring(RENJA.read_bytes())
    edge = next(edge for edge in root.iter(f"{BPMNDI}BPMNEdge") if edge.get("bpmnElement") == flow)
    point = edge.findall(f"{DI}waypoint")[place]
    for name, by in (("x", x), ("y", y)):
        point.set(name, str(int(point.get(name, "0")) + by))
    return etree.tostring(root)


class TestFaults:
    def test_finds_nothing_in_a_good_drawing(self) -> None:
        assert faults(RENJA.read_bytes()) == []

    def test_finds_a_shape_outside_its_lane(self) -> None:
        assert "kegiatan_07 is not inside its lane" in faults(moved("kegiatan_07", y=150))

    def test_finds_shapes_on_each_other(self) -> None:
        assert "kegiatan_06 and gateway_06 overlap or touch" in faults(moved("gateway_06", x=-40))

    def test_finds_a_row_left_of_the_one_before(self) -> None:
        assert "kegiatan_07 does not stand to the right of kegiatan_06" in faults(moved("kegiatan_07", x=-600))

    def test_finds_a_slanted_flow(self) -> None:
        assert any("flow_kegiatan_01 is not made of" in fault for fault in faults(bent("flow_kegiatan_01", -1, y=9)))

    def test_finds_a_flow_that_ends_beside_its_shape(self) -> None:
        found = faults(bent("flow_kegiatan_01", -1, x=-9))

        assert any("flow_kegiatan_01 does not touch the edge of kegiatan_02" in fault for fault in found)

    def test_finds_a_flow_through_a_shape(self) -> None:
        assert "flow_06_dikembalikan runs through kegiatan_06" in faults(moved("kegiatan_06", x=150))

    def test_finds_a_label_on_a_shape(self) -> None:
        assert "the label of gateway_06 lies on gateway_06" in faults(moved("gateway_06", y=-25, label=True))

    def test_finds_a_label_on_a_flow(self) -> None:
        found = faults(moved("flow_06_dikembalikan", x=-30, label=True))

        assert "the label of flow_06_dikembalikan lies on flow_06_dikembalikan" in found

    def test_finds_a_label_across_two_lanes(self) -> None:
        assert "the label of mulai does not lie in one lane" in faults(moved("mulai", y=85, label=True))

    @pytest.mark.parametrize("lane", ["lane_sekretaris", "lane_bappeda"])
    def test_finds_lanes_that_do_not_fill_the_pool(self, lane: str) -> None:
        assert any("lane" in fault for fault in faults(moved(lane, y=7)))

    def test_finds_two_flows_on_one_line(self) -> None:
        root = etree.fromstring(RENJA.read_bytes())
        edges = {edge.get("bpmnElement"): edge for edge in root.iter(f"{BPMNDI}BPMNEdge")}
        first, second = edges["flow_11_dikembalikan"], edges["flow_12_dikembalikan"]
        for point in second.findall(f"{DI}waypoint"):
            second.remove(point)
        for place, point in enumerate(first.findall(f"{DI}waypoint")):
            second.insert(place, etree.fromstring(etree.tostring(point)))

        assert "flow_11_dikembalikan and flow_12_dikembalikan run on the same line" in faults(etree.tostring(root))
