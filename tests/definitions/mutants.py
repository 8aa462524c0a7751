"""Changed models at the gate: `python -m tests.definitions.mutants --count 5000 --seed 1`.

Each mutant is one of the six SOPs or a random process with one to three changes to its XML, or to its bytes. The gate
must refuse it with findings that name a place and a remedy, or accept it; what it accepts is then played at random, and
must never come to a point where nothing can happen. Exit status 1 if one mutant did otherwise.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from lxml import etree

from app import engine
from app.core import logging
from app.core.settings import Settings
from app.core.shipped import shipped
from app.definitions.gate import Checked, check
from app.definitions.setup import shipped_sops
from app.engine.xml import XmlRefused, parse
from app.identity.first_office import OFFICE, first_office
from app.identity.office import Office
from tests.engine.bpmn_drawing import draw
from tests.engine.random_processes import random_process
from tests.engine.shapes import Shape

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")
NODES = (*GATEWAYS, "userTask", "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "subProcess")
JUNK = ("", "x", "selesai", "${x}", "#{1}", "-1", "true", "99999999999999999999", "\u202e", "a" * 300, "PT0S", "R/PT1S")
NOW = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
LONGEST_WALK = 40
LONGEST_CHECK = 2.0
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"|\b(\d+)\b")


class Misbehaved(AssertionError):
    """The gate or an accepted model did what it must not do."""


@dataclass
class Tally:
    """What became of the mutants; `codes` are the errors by which they were refused, `faults` what must not be."""

    refused: int = 0
    accepted: int = 0
    finished: int = 0
    slowest: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


# --- Changes --------------------------------------------------------------------------------------------------------


def _all(root: etree._Element, *names: str) -> list[etree._Element]:
    return [element for name in names for element in root.iter(BPMN + name)]


def _other_gateway(root: etree._Element, random: Random) -> None:
    gateways = _all(root, *GATEWAYS)
    if gateways:
        random.choice(gateways).tag = BPMN + random.choice(GATEWAYS)


def _without(root: etree._Element, random: Random) -> None:
    element = random.choice(_all(root, "sequenceFlow", *NODES))
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _led_elsewhere(root: etree._Element, random: Random) -> None:
    flows, nodes = _all(root, "sequenceFlow"), _all(root, *NODES)
    if flows and nodes:
        random.choice(flows).set(random.choice(("sourceRef", "targetRef")), random.choice(nodes).get("id", ""))


def _one_flow_more(root: etree._Element, random: Random) -> None:
    nodes = _all(root, *NODES)
    if nodes:
        holder = random.choice(nodes).getparent()
        if holder is not None:
            flow = etree.SubElement(holder, BPMN + "sequenceFlow", id=f"tambahan_{random.randrange(10**6)}")
            flow.set("sourceRef", random.choice(nodes).get("id", ""))
            flow.set("targetRef", random.choice(nodes).get("id", ""))


def _another_value(root: etree._Element, random: Random) -> None:
    element = random.choice([one for one in root.iter(etree.Element) if one.attrib])
    name = random.choice(list(element.attrib))
    if random.random() < 0.3:
        del element.attrib[name]
    else:
        element.set(name, random.choice(JUNK))


def _another_text(root: etree._Element, random: Random) -> None:
    texts = [one for one in root.iter(etree.Element) if one.text and one.text.strip()]
    if texts:
        random.choice(texts).text = random.choice(JUNK)


def _foreign_element(root: etree._Element, random: Random) -> None:
    holder = random.choice(_all(root, "process", "userTask", *GATEWAYS) or [root])
    name = random.choice(("scriptTask", "callActivity", "multiInstanceLoopCharacteristics", "unheardOf", "startEvent"))
    etree.SubElement(holder, BPMN + name, id=f"asing_{random.randrange(10**6)}")


CHANGES: Sequence[Callable[[etree._Element, Random], None]] = (
    _other_gateway,
    _other_gateway,
    _without,
    _led_elsewhere,
    _led_elsewhere,
    _one_flow_more,
    _another_value,
    _another_text,
    _foreign_element,
)


def _spoiled(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    match random.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:at] + data[random.randrange(len(data)) :]
        case _:
            return data[:at] + random.choice((b"<", b"&", b"]]>", b"<!DOCTYPE a>", b"\0", b"\xff")) + data[at:]


@cache
def _six() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(shipped("bpmn").glob("*.bpmn")))


def mutant(seed: int) -> bytes:
    """Return a changed model; equal seeds give equal bytes."""
    random = Random(seed)
    if random.random() < 0.5:
        data = random.choice(_six())
    else:
        data = draw(random_process(random, Shape(depth=random.randint(1, 3), blocks=random.randint(3, 12)))).xml
    if random.random() < 0.15:
        return _spoiled(data, random)
    root = parse(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        random.choice(CHANGES)(root, random)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


# --- The gate and a walk --------------------------------------------------------------------------------------------


@cache
def _office() -> Office:
    return first_office(shipped_sops().values())


def put_through(data: bytes, seed: int, tally: Tally) -> None:
    """Put a file through the gate and play it if it passes.

    Raises:
        Misbehaved: the gate was slow or did not say where and what to do, or an accepted model got stuck.
    """
    office = _office()
    # The time of this thread alone: whatever else keeps the machine busy is not the gate's.
    began = time.thread_time()
    result = check("mutan.bpmn", data, office=office, unit_id=office.unit_keys[OFFICE].id, now=NOW)
    spent = time.thread_time() - began
    tally.slowest = max(tally.slowest, spent)
    if spent > LONGEST_CHECK:
        raise Misbehaved(f"the gate took {spent:.1f} s")
    findings = result.findings
    for finding in findings:
        if not (finding.text.id and finding.text.en and finding.remedy.id and finding.remedy.en):
            raise Misbehaved(f"{finding.code} does not say what to do")
        if finding.line is None and not finding.code.startswith("xml-") and _is_xml(data):
            raise Misbehaved(f"{finding.code} names no place")
    if not isinstance(result, Checked):
        tally.refused += 1
        tally.codes.update({finding.code for finding in findings if finding.severity == "error"})
        return
    tally.accepted += 1
    if result.process.model.calls:
        # What it calls is not here, and only the whole can be run.
        return
    known = not any(finding.code == "not-checked-completely" for finding in findings)
    tally.finished += walk(result.process, Random(seed), must_go_on=known)


def _is_xml(data: bytes) -> bool:
    try:
        parse(data)
    except XmlRefused:
        return False
    return True


def walk(process: engine.Process, random: Random, *, must_go_on: bool) -> bool:
    """Play a process at random for a while; returns whether it came to its end.

    Raises:
        Misbehaved: nothing is open, nothing is waited for, and yet it has not ended.
    """
    now = NOW
    values = _values(process)
    step = None
    for _ in range(LONGEST_WALK):
        variables = {name: random.choice(options) for name, options in values.items()}
        try:
            if step is None:
                step = engine.start(process, variables, now=now)
            elif step.open_tasks and (not step.waits or random.random() < 0.8):
                task = random.choice(step.open_tasks)
                step = engine.complete(process, step.state, task.token, variables, now=now)
            elif step.waits:
                wait = random.choice(step.waits)
                match wait.kind:
                    case "message":
                        step = engine.send(process, step.state, str(wait.name), variables, now=now)
                    case "signal":
                        step = engine.signal(process, step.state, str(wait.name), variables, now=now)
                    case "external":
                        step = engine.finish(process, step.state, wait.token, variables, now=now)
                    case "timer":
                        now = max(now, wait.due_at or now) + timedelta(seconds=1)
                        step = engine.wake(process, step.state, now=now)
        except (engine.NoFlowMatches, engine.CannotRepeat, engine.TooMuchWork, engine.TimerOutOfBounds):
            # Conditions that fit no value here, a great many tokens, a date beyond the bounds: not the gate's matter.
            continue
        if step.finished:
            return True
        if not step.open_tasks and not step.waits and must_go_on:
            raise Misbehaved("nothing is open and nothing is waited for, but it has not ended")
    return False


def _values(process: engine.Process) -> dict[str, list[Any]]:
    """Return for each variable that a condition reads the values that the conditions speak of."""
    values: dict[str, list[Any]] = {}
    for flow in process.model.flows.values():
        if flow.condition is None:
            continue
        literals: list[Any] = [True, False]
        for single, double, number in _LITERAL.findall(flow.condition.source):
            literals.append(int(number) if number and len(number) < 18 else single or double)
        for name in flow.condition.names:
            values.setdefault(name, []).extend(literals)
    return values


def run(seeds: Sequence[int]) -> Tally:
    """Put mutants through; a fault names its seed, and the others go on."""
    tally = Tally()
    for seed in seeds:
        try:
            put_through(mutant(seed), seed, tally)
        except Exception as fault:
            tally.faults.append(f"mutant {seed}: {type(fault).__name__}: {fault}")
    return tally


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.definitions.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first mutant")
    options = parser.parse_args()
    # A rule of the lint that fails on a spoiled diagram says so in a warning; its trace would drown the result.
    logging.configure(Settings(environment="demo", log_level="error"))
    tally = run(range(options.seed, options.seed + options.count))
    print(
        f"{options.count} mutants: {tally.refused} refused, {tally.accepted} accepted, of which {tally.finished} "
        f"were played to an end; the slowest took {tally.slowest * 1000:.0f} ms at the gate."
    )
    for code, times in tally.codes.most_common():
        print(f"  {times:6} {code}")
    for fault in tally.faults:
        print(fault, file=sys.stderr)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
