"""Small models drawn as a few lines of flows, for tests of single rules."""

from xml.sax.saxutils import escape, quoteattr

from tests.engine.bpmn_drawing import CAMUNDA, MODEL, XSI

KINDS = {"S": "startEvent", "E": "endEvent", "T": "endEvent", "X": "exclusiveGateway", "A": "parallelGateway",
         "O": "inclusiveGateway", "V": "eventBasedGateway", "C": "intermediateCatchEvent", "B": "boundaryEvent",
         "P": "subProcess", "U": "userTask", "N": "task", "R": "receiveTask"}  # fmt: skip
MESSAGE = '<messageEventDefinition messageRef="m1"/>'


def scope(flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None) -> str:
    """Draw a scope from lines `source target [condition]`; the first letter of an id is the kind of the node.

    The id of a flow is `source-target`, and `source-target.2` for the second between the same nodes.
    """
    attributes, inside = attributes or {}, dict(inside or {})
    lines = [line.split(maxsplit=2) for line in flows.splitlines() if line.strip()]
    drawn = []
    for id_ in dict.fromkeys(node for line in lines for node in line[:2]):
        content = inside.get(id_, "<terminateEventDefinition/>" if id_[0] == "T" else "")
        drawn.append(f"<{KINDS[id_[0]]} id={quoteattr(id_)} {attributes.get(id_, '')}>{content}</{KINDS[id_[0]]}>")
    ids: list[str] = []
    for source, target, *rest in lines:
        ids.append(f"{source}-{target}")
        times = ids.count(ids[-1])
        id_ = ids[-1] if times == 1 else f"{ids[-1]}.{times}"
        test = f"<conditionExpression>{escape(rest[0])}</conditionExpression>" if rest else ""
        drawn.append(f'<sequenceFlow id="{id_}" sourceRef="{source}" targetRef="{target}">{test}</sequenceFlow>')
    return "".join(f"  {line}\n" for line in drawn)


def timer(literal: str, kind: str = "timeDuration") -> str:
    """The definition of a timer event."""
    return f"<timerEventDefinition><{kind}>{literal}</{kind}></timerEventDefinition>"


def document(body: str, *, attributes: str = 'isExecutable="true"', beside: str = "") -> bytes:
    """A file with one process; the message `m1` is called `surat`, and `beside` stands before the process."""
    return (
        f'<definitions xmlns="{MODEL}" xmlns:camunda="{CAMUNDA}" xmlns:xsi="{XSI}" id="d">\n'
        f'<message id="m1" name="surat"/>\n{beside}'
        f'<process id="p" {attributes}>\n{body}</process>\n</definitions>\n'
    ).encode()
