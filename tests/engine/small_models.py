"""Small models drawn as a few lines of flows, for tests of single rules."""

from xml.sax.saxutils import escape, quoteattr

from tests.engine.bpmn_drawing import CAMUNDA, MODEL, XSI

KINDS = {"S": "startEvent", "E": "endEvent", "T": "endEvent", "X": "exclusiveGateway", "A": "parallelGateway",
         "O": "inclusiveGateway", "V": "eventBasedGateway", "C": "intermediateCatchEvent", "B": "boundaryEvent",
         "P": "subProcess", "U": "userTask", "N": "task", "R": "receiveTask", "W": "serviceTask",
         "I": "intermediateThrowEvent", "K": "callActivity"}  # fmt: skip
MESSAGE = '<messageEventDefinition messageRef="m1"/>'
SIGNAL = '<signalEventDefinition signalRef="s1"/>'
ERROR = '<errorEventDefinition errorRef="e1"/>'
ESCALATION = '<escalationEventDefinition escalationRef="x1"/>'
EXTERNAL = 'camunda:type="external" camunda:topic="arsip"'
SHARED = '<extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'


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


def document(body: str, *, attributes: str = 'isExecutable="true"', beside: str = "", process_id: str = "p") -> bytes:
    """A file with one process, `beside` stands before it.

    The message `m1` is called `surat`, the signal `s1` `tanda`; the errors `e1`, `e2` and the escalations `x1`, `x2`
    have the codes `E1`, `E2`, `X1` and `X2`.
    """
    return (
        f'<definitions xmlns="{MODEL}" xmlns:camunda="{CAMUNDA}" xmlns:xsi="{XSI}" id="d">\n'
        '<message id="m1" name="surat"/><signal id="s1" name="tanda"/>\n'
        '<error id="e1" errorCode="E1" camunda:errorMessage="berkas rusak"/><error id="e2" errorCode="E2"/>\n'
        '<escalation id="x1" escalationCode="X1"/><escalation id="x2" escalationCode="X2"/>\n'
        f'{beside}<process id="{process_id}" {attributes}>\n{body}</process>\n</definitions>\n'
    ).encode()
