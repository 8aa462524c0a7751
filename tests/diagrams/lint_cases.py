"""Models for `lint_oracle.mjs`, and what Alur's lint says of each: `python -m tests.diagrams.lint_cases [how many]`.

Prints a JSON object a line: `name`, `xml`, and `remarks`, which are (rule, element, message), or null where the file
cannot be read. Whole models come first: the six SOPs, tables and processes made at random, one model with every
element that a rule looks at. Then each of them damaged in many ways. Equal arguments give equal cases.
"""

import json
import random
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree

from app.core.shipped import shipped
from app.definitions.bpmnlint import remarks
from app.engine import xml
from app.sop.write import write
from tests.engine.bpmn_drawing import draw
from tests.engine.random_processes import random_process
from tests.sop.random_tables import random_table

TABLES = 40
PROCESSES = 100
_SAMPLE = (Path(__file__).parent / "fixtures" / "every-rule.bpmn").read_text(encoding="utf-8")

_NAMES = ("", " ", "\u00a0", "\u200b", "0", "null", "constructor", "__proto__", "type_", "Σ", "nama")
_NUMBERS = ("", "NaN", "0", "-1", "1e3", "Infinity", "12px", " 7 ", "0x10", "99999999999999999999")
_FLAGS = ("true", "false", "1", "", "TRUE")

# What is put into a model to damage it.
_PIECES = (
    '<bpmn:startEvent id="p1"/>',
    '<bpmn:startEvent id="p2"><bpmn:messageEventDefinition messageRef="message_1"/></bpmn:startEvent>',
    '<bpmn:endEvent id="p3"><bpmn:terminateEventDefinition/></bpmn:endEvent>',
    '<bpmn:inclusiveGateway id="p4" name="p4"/>',
    '<bpmn:complexGateway id="p5"/>',
    '<bpmn:eventBasedGateway id="p6"><bpmn:outgoing>p7</bpmn:outgoing>'
    '</bpmn:eventBasedGateway><bpmn:sequenceFlow id="p7" sourceRef="p6" targetRef="p6">'
    "<bpmn:conditionExpression>x</bpmn:conditionExpression></bpmn:sequenceFlow>",
    '<bpmn:adHocSubProcess id="p8"><bpmn:startEvent id="p9"/><bpmn:task id="p10"/></bpmn:adHocSubProcess>',
    '<bpmn:subProcess id="p11" triggeredByEvent="true"><bpmn:startEvent id="p12" isInterrupting="false">'
    "<bpmn:timerEventDefinition/></bpmn:startEvent></bpmn:subProcess>",
    '<bpmn:subProcess id="p13"><bpmn:startEvent id="p14"><bpmn:timerEventDefinition/>'
    "</bpmn:startEvent></bpmn:subProcess>",
    '<bpmn:transaction id="p15"/>',
    '<bpmn:intermediateThrowEvent id="p16"><bpmn:linkEventDefinition name="A"/></bpmn:intermediateThrowEvent>',
    '<bpmn:intermediateCatchEvent id="p17"><bpmn:linkEventDefinition name="A"/></bpmn:intermediateCatchEvent>',
    '<bpmn:intermediateCatchEvent id="p18"><bpmn:linkEventDefinition/></bpmn:intermediateCatchEvent>',
    '<bpmn:intermediateCatchEvent id="p19"><bpmn:linkEventDefinition name="__proto__"/></bpmn:intermediateCatchEvent>',
    '<bpmn:message id="p20"/>',
    '<bpmn:message id="p21" name=" "/>',
    '<bpmn:signal id="p22" name="sinyal"/>',
    '<bpmn:error id="p23"/><bpmn:error id="p24"/>',
    '<bpmn:escalation id="p25" name="e"/>',
    '<bpmn:sequenceFlow id="p26" sourceRef="a_start" targetRef="a_task" name="x"/>',
    '<bpmn:boundaryEvent id="p27" attachedToRef="a_task"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>',
    '<bpmn:sendTask id="p28" messageRef="message_3"/>',
    '<bpmn:intermediateThrowEvent id="p29"><bpmn:escalationEventDefinition escalationRef="escalation"/>'
    '<bpmn:signalEventDefinition signalRef="p22"/></bpmn:intermediateThrowEvent>',
    '<bpmn:group id="p30"/><bpmn:textAnnotation id="p31"/>',
    '<bpmn:laneSet><bpmn:lane id="p32"/><bpmn:lane/></bpmn:laneSet>',
    '<bpmn:choreography id="p33"/><bpmn:globalUserTask id="p34"/>',
    '<bpmn:extensionElements><camunda:properties><camunda:property name="a"/>'
    "</camunda:properties></bpmn:extensionElements>",
    '<bpmn:nope id="p35"><bpmn:task id="p36"/></bpmn:nope>',
    '<bpmn:process id="p37"/>',
    '<bpmn:collaboration id="p38"><bpmn:participant id="p39" processRef="a"/></bpmn:collaboration>',
    "<bpmn:task/>",
)


def cases(damaged: int) -> Iterator[tuple[str, str]]:
    """Yield a name and a file for each case."""
    whole = list(_whole())
    yield from whole
    dice = random.Random(damaged)
    for number in range(damaged):
        name, text = dice.choice(whole) if number % 3 else ("sample", _SAMPLE)
        damaged_text = _damaged(dice, text)
        if _is_xml(damaged_text):
            yield f"damaged {number} of {name}", damaged_text


def _is_xml(text: str) -> bool:
    """Return whether the gate would let the lint see the file at all."""
    try:
        xml.parse(text.encode())
    except xml.XmlRefused:
        return False
    return True


def _whole() -> Iterator[tuple[str, str]]:
    yield "sample", _SAMPLE
    for path in sorted(shipped("bpmn").glob("*.bpmn")):
        yield path.stem, path.read_text(encoding="utf-8")
    for seed in range(TABLES):
        dice = random.Random(seed)
        yield f"table {seed}", write(random_table(seed, dice.randint(1, 6), dice.randint(1, 12))).decode()
    for seed in range(PROCESSES):
        yield f"process {seed}", draw(random_process(random.Random(seed))).xml.decode()


def _damaged(dice: random.Random, text: str) -> str:
    root = etree.fromstring(text.encode())
    for _ in range(dice.choice((1, 1, 2, 3, 5, 8))):
        _damage(dice, root)
    damaged = etree.tostring(root, encoding="unicode")
    return _torn(dice, damaged) if dice.random() < 0.1 else damaged


def _damage(dice: random.Random, root: etree._Element) -> None:
    elements = list(root.iter(etree.Element))
    if len(elements) < 3:
        return
    modelled = [element for element in elements[1:] if "camunda" not in element.tag]
    element = dice.choice(modelled or elements[1:])
    other = dice.choice(elements)
    match dice.randrange(9):
        case 0:
            _remove(element)
        case 1:
            twin = deepcopy(element)
            if dice.random() < 0.6 and twin.get("id") is not None:
                twin.set("id", f"twin_{dice.randrange(10**6)}")
            element.addnext(twin)
        case 2:
            _misdirect(dice, elements)
        case 3:
            if element.attrib:
                del element.attrib[dice.choice(sorted(element.attrib))]
        case 4:
            if element.attrib:
                element.set(dice.choice(sorted(element.attrib)), dice.choice(_NAMES + _NUMBERS + _FLAGS))
        case 5:
            element.tag = dice.choice(elements).tag
        case 6:
            if element is not other and other not in element.iter():
                other.append(element)
        case 7:
            for piece in etree.fromstring(f"<p {_NAMESPACES}>{dice.choice(_PIECES)}</p>"):
                holders = [item for item in elements if item.tag.endswith(("}process", "ubProcess", "}definitions"))]
                dice.choice(holders or elements).append(piece)
        case _:
            element.text = dice.choice((*_NAMES, other.get("id") or "?", "]]>", "<&>"))


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _misdirect(dice: random.Random, elements: list[etree._Element]) -> None:
    """Let a reference point to something else, or to nothing."""
    ids = [found for element in elements if (found := element.get("id"))] + ["nothing"]
    references = [element for element in elements if element.tag.endswith(("Ref", "}incoming", "}outgoing"))]
    holders = [
        (element, name)
        for element in elements
        for name in element.attrib
        if str(name).endswith("Ref") or name in ("default", "bpmnElement")
    ]
    if references and dice.random() < 0.5:
        dice.choice(references).text = dice.choice(ids)
    elif holders:
        element, name = dice.choice(holders)
        element.set(name, dice.choice(ids))


def _torn(dice: random.Random, text: str) -> str:
    """Break the text itself, as an editor or a transfer would."""
    place = dice.randrange(len(text))
    match dice.randrange(6):
        case 0:
            return text[:place]
        case 1:
            return text[:place] + text[place + dice.randrange(1, 30) :]
        case 2:
            return (
                text[:place] + dice.choice(("<", ">", "&", '"', "&nope;", "&#0;", "\x00", "<!--", "]]>")) + text[place:]
            )
        case 3:
            return '<?xml version="1.0" encoding="UTF-16"?>\n' + text
        case 4:
            return "<!DOCTYPE a>\n" + text
        case _:
            return text.replace("http://www.omg.org/spec/BPMN/20100524/MODEL", "urn:other")


_NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
)


def main() -> None:
    for name, text in cases(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
        try:
            found, failed = remarks(text.encode(), seconds=600)
        except Exception:
            said = None
        else:
            said = [*found, *((rule, None, "failed") for rule in failed)]
        print(json.dumps({"name": name, "xml": text, "remarks": said}))


if __name__ == "__main__":
    main()
