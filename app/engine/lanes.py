"""Lanes: who performs what, by the name of the innermost lane that a node stands in."""

from collections.abc import Mapping

from lxml import etree

from app.core.text import Text
from app.engine.namespaces import BPMN
from app.engine.report import Report
from app.engine.xml import text_of


def read_lanes(
    lane_set: etree._Element,
    elements: Mapping[str, etree._Element],
    lanes: list[str],
    lane_of: dict[str, str],
    report: Report,
) -> None:
    """Add the names of some lanes to `lanes`, and to `lane_of` the innermost lane of each node by its id."""
    seen: set[str] = set()
    for lane in lane_set.iterfind(BPMN + "lane"):
        name = " ".join((lane.get("name") or "").split())
        members = [text_of(ref) for ref in lane.iterfind(BPMN + "flowNodeRef")]
        for member in members:
            if member not in elements:
                report.add(lane, "unknown-reference", _unknown(member))
            elif member in seen:
                report.add(
                    elements[member],
                    "several-lanes",
                    Text(
                        "Unsur ini tercatat di dua lane. Geser unsur itu di dalam lane-nya, lalu simpan kembali.",
                        "This element is listed in two lanes. Move it within its lane and save the file again.",
                    ),
                )
            elif name:
                lane_of[member] = name
        seen.update(members)
        if name:
            lanes.append(name)
        elif members:
            report.add(
                lane,
                "lane-without-name",
                Text(
                    "Lane ini tidak bernama, jadi pelaksananya tidak diketahui. Isi nama jabatannya.",
                    "This lane has no name, so nobody knows who performs it. Give it the name of a role.",
                ),
            )
        for child in lane.iterfind(BPMN + "childLaneSet"):
            read_lanes(child, elements, lanes, lane_of, report)


def _unknown(reference: str) -> Text:
    return Text(
        f"Merujuk ke '{reference}', yang tidak ada dalam berkas ini.",
        f"Refers to '{reference}', which is not in this file.",
    )
