"""How a hostile file is drawn: a small process with one thing in it that means harm.

`FILE` and `PORT` in a file stand for a file with a secret and for a port that listens: nothing may read the one or
call the other.
"""

from typing import NamedTuple
from xml.sax.saxutils import escape

from tests.drawings import END, START, chain, drawing, flow, task

FILE, PORT = b"BERKAS-RAHASIA", b"PORT-TELINGA"


class Hostile(NamedTuple):
    """A file and what may become of it: `refused`, `accepted` and then harmless, or `either`."""

    name: str
    data: bytes
    expected: str = "refused"


def process(inside: str = "", *, extra: str = "", before: str = "", lane: str = "Staf") -> bytes:
    """Draw a process `p` of one task of staf; `inside` stands in the task and `extra` beside it."""
    body = START + task("kerja", inner=inside) + END + chain("mulai", "kerja", "selesai") + extra
    return drawing("p", body, lanes={lane: "mulai kerja selesai"}, before=before)


def condition(source: str) -> bytes:
    """Draw a process with a gateway that reads an expression."""
    body = (
        START
        + task("kerja")
        + '<bpmn:exclusiveGateway id="pilih" default="pilih_lain"/>'
        + END
        + '<bpmn:endEvent id="lain"/>'
        + chain("mulai", "kerja", "pilih")
        + flow("pilih", "selesai", escape(source))
        + flow("pilih", "lain")
    )
    return drawing("p", body, lanes={"Staf": "mulai kerja pilih selesai lain"})


def timer(literal: str, word: str = "timeDuration", *, interrupting: bool = True) -> bytes:
    """Draw a process whose task has a timer at its border."""
    event = (
        f'<bpmn:boundaryEvent id="jam" attachedToRef="kerja" cancelActivity="{str(interrupting).lower()}">'
        f"<bpmn:timerEventDefinition><bpmn:{word}>{escape(literal)}</bpmn:{word}></bpmn:timerEventDefinition>"
        '</bpmn:boundaryEvent><bpmn:endEvent id="habis"/>' + chain("jam", "habis")
    )
    return process(extra=event)


def graph(nodes: str, flows: str) -> bytes:
    """Draw nodes and flows as they are given, all in the lane of staf."""
    return drawing("p", nodes + flows)


def node(kind: str, id_: str, attributes: str = "", inside: str = "") -> str:
    return f'<bpmn:{kind} id="{id_}" {attributes}>{inside}</bpmn:{kind}>\n'
