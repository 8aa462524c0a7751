"""The process that an SOP table describes: its elements in reading order and the flows between them."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from textwrap import shorten

from app.sop.rules import MAX_NAME, branch_targets, case_values
from app.sop.table import END, RETURNED, Activity, Branch, Decision, OutsideEvent, SopTable, Target, Value


class ElementKind(StrEnum):
    START = "startEvent"
    TASK = "userTask"
    DECISION_TASK = "decisionTask"
    DECISION = "decisionGateway"
    BRANCH = "branchGateway"
    MERGE = "mergeGateway"
    WAIT = "intermediateCatchEvent"
    END = "endEvent"


@dataclass(frozen=True, slots=True)
class Element:
    """A node of the diagram, in the lane of `role`; `source` is what of the table it stands for."""

    id: str
    kind: ElementKind
    role: str
    name: str | None = None
    source: Activity | Decision | Branch | OutsideEvent | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]


def process_of(table: SopTable) -> Process:
    """Return the process of a table that has passed `rules.check`.

    A row that several flows reach gets a merge gateway before it; a wait stands before that merge, so that a return to
    the row does not wait again.
    """
    return _Builder(table).build()


def flow_label(conditions: list[str]) -> str:
    """Return the name of a flow for the cases named by `conditions`, a common first word said once.

    >>> flow_label(["TW I atau TW III"]), flow_label(["TW II", "TW IV"]), flow_label(["baru", "lama"])
    ('TW I / III', 'TW II / IV', 'baru / lama')
    """
    words = [word.strip() for condition in conditions for word in condition.split(" atau ")]
    first = words[0].split()[0]
    common = all(word.startswith(f"{first} ") for word in words)
    rest = [word.removeprefix(f"{first} ") if common else word for word in words[1:]]
    return " / ".join([words[0], *rest])


def condition_on(variable: str, values: list[Value]) -> str:
    return "${" + " || ".join(f"{variable} == {value!r}" for value in values) + "}"


class _Builder:
    def __init__(self, table: SopTable) -> None:
        self.table = table
        self.elements: list[Element] = []
        self.flows: list[Flow] = []
        first = table.activities[0].number or 0
        self.arrivals = Counter[Target]({first: 1})
        for row in table.activities:
            self.arrivals.update(set(row.next))
        self.ends = sum(1 for row in table.activities if not row.next) + self.arrivals[END]

    def build(self) -> Process:
        first = self.table.activities[0]
        self.add(Element("mulai", ElementKind.START, first.role or "", start_name(self.table.trigger.description)))
        self.flows.append(Flow("flow_mulai", "mulai", self.entry(first.number or 0)))
        for row in self.table.activities:
            self.row(row)
        return Process(tuple(self.elements), tuple(self.flows))

    def add(self, element: Element) -> str:
        self.elements.append(element)
        return element.id

    def entry(self, row: Target) -> str:
        return f"merge_{row:02}" if self.arrivals[row] > 1 else f"kegiatan_{row:02}"

    def row(self, row: Activity) -> None:
        number, role = row.number or 0, row.role or ""
        tag = f"{number:02}"
        if self.arrivals[number] > 1:
            merge = self.add(Element(f"merge_{tag}", ElementKind.MERGE, role, None, row))
            self.flows.append(Flow(f"flow_merge_{tag}", merge, f"kegiatan_{tag}"))
        chain = [self.add(Element(f"kegiatan_{tag}", ElementKind.TASK, role, row.name, row))]
        decision, branch = self.table.decision_of(number), self.table.branch_after(number)
        if decision is not None:
            if decision.task is not None:
                role = decision.task.role or ""
                chain.append(
                    self.add(
                        Element(f"keputusan_{tag}", ElementKind.DECISION_TASK, role, decision.task.label, decision)
                    )
                )
            chain.append(
                self.add(Element(f"gateway_{tag}", ElementKind.DECISION, role, decision.gateway_label, decision))
            )
        if branch is not None:
            chain.append(self.add(Element(f"gateway_{tag}", ElementKind.BRANCH, role, branch.gateway_label, branch)))
        for source, target in pairwise(chain):
            self.flows.append(Flow(f"flow_{source}", source, target))
        if decision is not None:
            self.outcomes(decision, chain[-1], role)
        elif branch is not None:
            self.cases(branch, chain[-1], role)
        else:
            self.leave(f"flow_{chain[-1]}", chain[-1], row.next[0] if row.next else END, number, role)

    def outcomes(self, decision: Decision, gateway: str, role: str) -> None:
        for outcome in decision.outcomes:
            self.leave(
                f"flow_{decision.row:02}_{outcome.code}",
                gateway,
                outcome.target,
                decision.row,
                role,
                outcome.flow_label,
                condition_on("keputusan", [outcome.code]),
                back=outcome.code == RETURNED,
            )

    def cases(self, branch: Branch, gateway: str, role: str) -> None:
        for target, cases in branch_targets(branch).items():
            values = [value for case in cases for value in case_values(case)]
            self.leave(
                f"flow_{branch.after:02}_{target if target == END else f'{target:02}'}",
                gateway,
                target,
                branch.after,
                role,
                flow_label([case.condition or "" for case in cases]),
                condition_on(branch.variable or "", values),
                back=target != END and int(target) <= branch.after,
            )

    def leave(
        self,
        flow: str,
        source: str,
        target: Target,
        row: int,
        role: str,
        name: str | None = None,
        condition: str | None = None,
        *,
        back: bool = False,
    ) -> None:
        """Lead a flow out of a row: through the wait that stands there, to the next row or to an end of its own."""
        wait = None if back else self.table.wait_between(row, target)
        if wait is not None:
            event = self.add(Element(f"menunggu_{wait.message}", ElementKind.WAIT, role, wait.label, wait))
            self.flows.append(Flow(flow, source, event, name, condition))
            flow, source, name, condition = f"flow_{event}", event, None, None
        if target == END:
            end = "selesai" if self.ends == 1 else f"selesai_{row:02}"
            goal = self.add(Element(end, ElementKind.END, role, "Selesai"))
        else:
            goal = self.entry(target)
        self.flows.append(Flow(flow, source, goal, name, condition))


def start_name(description: str | None) -> str:
    """Return the name of the start event: what starts the procedure, without its details.

    >>> start_name("setiap akhir triwulan (TW I-IV)"), start_name("disposisi surat; tahunan")
    ('Setiap akhir triwulan', 'Disposisi surat')
    """
    name = shorten((description or "").split("(")[0].split(";")[0], MAX_NAME, placeholder=" …")
    return (name[:1].upper() + name[1:]) or "Mulai"
