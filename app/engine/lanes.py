"""Lanes: who performs what, by the name of the innermost lane that a node stands in."""

from collections.abc import Mapping

from lxml import etree

from app.core.text import Text
from app.engine.namespaces import BPMN
from app.engine.report import Report
from app.engine.xml import text_of


class Lanes:
    """The lanes of a file as they are read: their names in order, and the innermost named one of each node by its id.

    A node may be listed by a lane and by one inside it, which is the same place told twice; listed by two lanes that
    do not stand inside each other, whatever set they belong to, it would have two performers, and is reported.
    """

    def __init__(self, elements: Mapping[str, etree._Element], report: Report) -> None:
        self.names: list[str] = []
        # The id of the first lane of each name.
        self.ids: dict[str, str] = {}
        self.of: dict[str, str] = {}
        self._elements = elements
        self._report = report
        self._listed: dict[str, tuple[etree._Element, ...]] = {}

    def read(self, lane_set: etree._Element, around: tuple[etree._Element, ...] = ()) -> None:
        """Read a set of lanes, which may stand inside the lanes `around`."""
        for lane in lane_set.iterfind(BPMN + "lane"):
            name = " ".join((lane.get("name") or "").split())
            members = [text_of(ref) for ref in lane.iterfind(BPMN + "flowNodeRef")]
            place = (*around, lane)
            for member in members:
                self._place(member, place, name)
            if name:
                self.names.append(name)
                self.ids.setdefault(name, lane.get("id") or "")
            elif members:
                self._report.add(lane, "lane-without-name", _WITHOUT_NAME)
            for child in lane.iterfind(BPMN + "childLaneSet"):
                self.read(child, place)

    def _place(self, member: str, place: tuple[etree._Element, ...], name: str) -> None:
        before = self._listed.get(member)
        if member not in self._elements:
            self._report.add(place[-1], "unknown-reference", _unknown(member))
        elif before is not None and before != place[: len(before)] and place != before[: len(place)]:
            self._report.add(self._elements[member], "several-lanes", _SEVERAL)
        elif before is None or len(before) < len(place):
            self._listed[member] = place
            if name:
                self.of[member] = name


_WITHOUT_NAME = Text(
    "Lane ini tidak bernama, jadi pelaksananya tidak diketahui. Isi nama jabatannya.",
    "This lane has no name, so nobody knows who performs it. Give it the name of a role.",
)
_SEVERAL = Text(
    "Unsur ini tercatat di dua lane. Geser unsur itu di dalam lane-nya, lalu simpan kembali.",
    "This element is listed in two lanes. Move it within its lane and save the file again.",
)


def _unknown(reference: str) -> Text:
    return Text(
        f"Merujuk ke '{reference}', yang tidak ada dalam berkas ini.",
        f"Refers to '{reference}', which is not in this file.",
    )
