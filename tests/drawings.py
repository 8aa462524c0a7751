"""Small processes for tests, written as BPMN: what is between their lanes and their end is up to the test."""

from collections.abc import Mapping
from itertools import pairwise

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="berkas" targetNamespace="urn:alur:tests">
"""


def drawing(
    key: str,
    body: str,
    *,
    lanes: Mapping[str, str] | None = None,
    before: str = "",
    properties: Mapping[str, str] | None = None,
) -> bytes:
    """Return a file with one process; `lanes` names the nodes of each lane, divided by spaces, by the lane's name."""
    sets = "".join(
        f'<bpmn:lane id="lane_{number}" name="{name}">'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes.split())
        + "</bpmn:lane>"
        for number, (name, nodes) in enumerate((lanes or {}).items())
    )
    extension = "".join(
        f'<camunda:property name="{name}" value="{value}"/>' for name, value in (properties or {}).items()
    )
    return (
        f"{_HEAD}{before}"
        f'<bpmn:process id="{key}" name="Proses {key}" isExecutable="true" camunda:historyTimeToLive="P5Y">\n'
        + (
            f"<bpmn:extensionElements><camunda:properties>{extension}</camunda:properties></bpmn:extensionElements>\n"
            if extension
            else ""
        )
        + (f"<bpmn:laneSet>{sets}</bpmn:laneSet>\n" if sets else "")
        + f"{body}\n</bpmn:process>\n</bpmn:definitions>\n"
    ).encode()


def flow(source: str, target: str, condition: str | None = None) -> str:
    """Return a sequence flow, named after its two ends."""
    inner = (
        f'<bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inner}</bpmn:sequenceFlow>\n"
    )


def chain(*nodes: str) -> str:
    """Return the flows from each node to the next."""
    return "".join(flow(here, there) for here, there in pairwise(nodes))


START = '<bpmn:startEvent id="mulai"/>\n'
END = '<bpmn:endEvent id="selesai"/>\n'


def task(node: str, name: str | None = None, inner: str = "", **properties: object) -> str:
    """Return a user task with extension properties; without any, `inner` may bring extensions of its own."""
    extension = "".join(f'<camunda:property name="{key}" value="{value}"/>' for key, value in properties.items())
    if extension:
        inner = (
            f"<bpmn:extensionElements><camunda:properties>{extension}</camunda:properties></bpmn:extensionElements>"
            f"{inner}"
        )
    return f'<bpmn:userTask id="{node}" name="{name or node}">{inner}</bpmn:userTask>\n'


def one_task(
    key: str, *, name: str = "Bekerja", lane: str = "Staf", properties: Mapping[str, str] | None = None
) -> bytes:
    """Return a process of one user task."""
    body = START + task("kerja", name, nomor=1) + END + chain("mulai", "kerja", "selesai")
    return drawing(key, body, lanes={lane: "mulai kerja selesai"}, properties=properties)


def two_branches(key: str = "cabang") -> bytes:
    """Return a process in which staf and sekretaris work side by side, and staf goes on when both are done."""
    body = (
        START
        + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
        + task("satu")
        + task("dua")
        + task("akhir")
        + END
        + chain("mulai", "pisah", "satu", "gabung", "akhir", "selesai")
        + chain("pisah", "dua", "gabung")
    )
    return drawing(key, body, lanes={"Staf": "mulai pisah satu gabung akhir selesai", "Sekretaris": "dua"})


def with_deadline(key: str = "tenggat", duration: str = "PT2H") -> bytes:
    """Return a process whose first task, of staf, is taken away after a time and goes to sekretaris instead."""
    body = (
        START
        + task("biasa")
        + task("naik")
        + END
        + f'<bpmn:boundaryEvent id="waktu" attachedToRef="biasa"><bpmn:timerEventDefinition id="jam">'
        f'<bpmn:timeDuration xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>\n"
        + '<bpmn:exclusiveGateway id="temu"/>\n'
        + chain("mulai", "biasa", "temu", "selesai")
        + chain("waktu", "naik", "temu")
    )
    return drawing(key, body, lanes={"Staf": "mulai biasa waktu temu selesai", "Sekretaris": "naik"})


def with_dead_end(key: str = "buntu") -> bytes:
    """Return a process whose timer leads to a gateway that cannot decide unless somebody has said how."""
    body = (
        START
        + task("biasa")
        + task("naik")
        + END
        + '<bpmn:boundaryEvent id="waktu" attachedToRef="biasa"><bpmn:timerEventDefinition id="jam">'
        '<bpmn:timeDuration xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>\n"
        + '<bpmn:exclusiveGateway id="pilih"/>\n<bpmn:exclusiveGateway id="temu"/>\n'
        + chain("mulai", "biasa", "temu", "selesai")
        + chain("waktu", "pilih")
        + flow("pilih", "naik", "${tingkat == 1}")
        + flow("pilih", "temu", "${tingkat == 2}")
        + chain("naik", "temu")
    )
    return drawing(key, body, lanes={"Staf": "mulai biasa waktu pilih temu selesai", "Sekretaris": "naik"})
