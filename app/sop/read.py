"""An SOP table read out of a BPMN document: one of ours, or one that somebody has changed or drawn anew."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from app.sop import cells
from app.sop.cells import from_properties, lines_of
from app.sop.document import CATCH, END_EVENT, GATEWAY, USER_TASK, Arrow, Document, Lane, Node, document_of
from app.sop.rules import case_values
from app.sop.table import (
    END,
    OUTCOME_CODES,
    Activity,
    Approval,
    Branch,
    Case,
    Continuation,
    Decision,
    DecisionTask,
    Identity,
    Outcome,
    OutsideEvent,
    Relation,
    Role,
    SopTable,
    Target,
    Trigger,
    Value,
    in_order,
)

_COMPARISON: Final = re.compile(r"(\w+)\s*(?:==|\beq\b)\s*(?:'([^']*)'|\"([^\"]*)\"|(-?\d+))")


def read(root: etree._Element) -> SopTable:
    """Return the SOP table that a BPMN document says; what it does not say is empty.

    The diagram counts before its properties: roles are lanes, targets are where the flows go. Rows come by number,
    those without one last, in the order of the file. Nothing is refused: a document that is not of this kind gives a
    table with less in it.
    """
    document = document_of(root)
    return SopTable(key="") if document is None else _Reader(document).table()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Where a flow leads: a row or an end, and the wait that it passes."""

    target: Target
    wait: Node | None


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.roles: tuple[Role, ...] = ()
        for lane in document.lanes:
            self.roles += (self.role(lane),)
        tasks = [node for node in document.nodes.values() if node.tag == USER_TASK]
        self.deciding: dict[int, Node] = {}
        self.rows: list[tuple[int | None, Node]] = []
        for node in tasks:
            decision_for = _number(node.properties.get("keputusan_untuk"))
            if decision_for is not None:
                self.deciding.setdefault(decision_for, node)
            else:
                self.rows.append((_number(node.properties.get("nomor")), node))
        self.rows.sort(key=lambda row: (row[0] is None, row[0] or 0))
        self.numbers: dict[str, Target] = {node.id: node.id if number is None else number for number, node in self.rows}
        self.activities: list[Activity] = []
        self.decisions: list[Decision] = []
        self.branches: list[Branch] = []
        self.waits: list[OutsideEvent] = []

    def table(self) -> SopTable:
        for number, node in self.rows:
            self.row(number, node)
        properties = self.document.properties
        head = from_properties(cells.TABLE, properties)
        decisions, branches, waits = in_order(self.decisions, self.branches, self.waits)
        return SopTable(
            **{"title": self.document.name, **head, "key": self.document.key},
            identity=self.identity(properties),
            trigger=Trigger(**from_properties(cells.TRIGGER, properties)),
            roles=self.roles,
            outside_events=waits,
            activities=tuple(self.activities),
            decisions=decisions,
            branches=branches,
            stated_empty=lines_of(properties.get("dinyatakan_kosong", "")),
        )

    def identity(self, properties: Mapping[str, str]) -> Identity:
        texts = lines_of(properties.get("keterkaitan", ""))
        sops = lines_of(properties.get("keterkaitan.sop", ""))
        keys = [None if sop == "-" else sop for sop in sops] + [None] * len(texts)
        return Identity(
            **from_properties(cells.IDENTITY, properties),
            approval=Approval(**from_properties(cells.APPROVAL, properties)),
            relations=tuple(Relation(text=text, sop=sop) for text, sop in zip(texts, keys, strict=False)),
        )

    def role(self, lane: Lane) -> Role:
        """Return the role of a lane; the copy of a lane, which states its original's key, goes by its own id."""
        found = from_properties(cells.ROLE, lane.properties)
        if found.get("key") in {role.key for role in self.roles}:
            del found["key"]
        return Role(**{"key": lane.id.removeprefix("lane_"), **found, "label": lane.name})

    def role_of(self, node: Node) -> str | None:
        return None if node.lane is None else self.roles[node.lane].key

    def row(self, number: int | None, node: Node) -> None:
        last = self.deciding.get(number, node) if number is not None else node
        gateway = self.gateway_after(last)
        arrows = self.document.arrows.get(last.id if gateway is None else gateway.id, [])
        arrivals = [(arrow, arrival) for arrow in arrows for arrival in self.arrivals(arrow)]
        following = tuple(dict.fromkeys(arrival.target for _, arrival in arrivals))
        if number is not None:
            for _, arrival in arrivals:
                if arrival.wait is not None:
                    self.waits.append(self.wait(number, arrival.target, arrival.wait))
            if gateway is not None and any(_code(arrow) for arrow in arrows):
                decision = self.decision(number, node, last, gateway, arrivals)
                self.decisions.append(decision)
                following = tuple(outcome.target for outcome in decision.outcomes)
            elif gateway is not None:
                branch = self.branch(number, gateway, arrivals)
                self.branches.append(branch)
                following = tuple(dict.fromkeys(case.target for case in branch.cases))
        if gateway is None:
            following = tuple(target for target in following if target != END)
        found = from_properties(cells.ACTIVITY, node.properties)
        self.activities.append(
            Activity(
                **found,
                element_id=node.id,
                name=node.name,
                statement=node.documentation,
                role=self.role_of(node),
                next=following,
            )
        )

    def gateway_after(self, node: Node) -> Node | None:
        """Return the exclusive gateway with several ways out that directly follows a task."""
        arrows = self.document.arrows.get(node.id, [])
        target = self.document.nodes.get(arrows[0].target) if len(arrows) == 1 else None
        if target is None or target.tag != GATEWAY or len(self.document.arrows.get(target.id, [])) < 2:
            return None
        return target

    def arrivals(self, arrow: Arrow) -> Iterator[_Arrival]:
        """Yield each row or end that a flow leads to without passing another row."""
        seen: set[str] = set()
        ahead: list[tuple[str, Node | None]] = [(arrow.target, None)]
        while ahead:
            id_, wait = ahead.pop(0)
            node = self.document.nodes.get(id_)
            if node is None or id_ in seen:
                continue
            seen.add(id_)
            if id_ in self.numbers:
                yield _Arrival(self.numbers[id_], wait)
            elif node.tag == END_EVENT:
                yield _Arrival(END, wait)
            else:
                wait = node if node.tag == CATCH and node.message is not None else wait
                ahead += [(following.target, wait) for following in self.document.arrows.get(id_, [])]

    def decision(
        self, number: int, node: Node, last: Node, gateway: Node, arrivals: list[tuple[Arrow, _Arrival]]
    ) -> Decision:
        labels = last.values.get("keputusan", {})
        codes = {_code(arrow) for arrow, _ in arrivals}
        rest = [code for code in OUTCOME_CODES if code not in codes]
        outcomes: dict[str, Outcome] = {}
        for arrow, arrival in arrivals:
            code = _code(arrow) or (rest[0] if rest and not arrow.condition else None)
            if code is not None and code not in outcomes:
                outcomes[code] = Outcome(
                    code=code,
                    label=labels.get(code),
                    target=arrival.target,
                    provenance=cells.PROVENANCE.parse(gateway.properties.get(f"asal.{code}", "")),
                    flow_label=arrow.name,
                )
        task = None
        if last is not node:
            task = DecisionTask(
                **from_properties(cells.DECISION_TASK, last.properties),
                statement=last.documentation,
                role=self.role_of(last),
                label=last.name,
            )
        return Decision(
            **from_properties(cells.DECISION, gateway.properties),
            row=number,
            decider=self.role_of(last),
            task=task,
            outcomes=tuple(outcomes[code] for code in OUTCOME_CODES if code in outcomes),
            gateway_label=gateway.name,
        )

    def branch(self, number: int, gateway: Node, arrivals: list[tuple[Arrow, _Arrival]]) -> Branch:
        """Return an automatic choice; its cases go where the flow for their values goes."""
        targets: dict[Value, Target] = {}
        for arrow, arrival in arrivals:
            for _, value in _compared(arrow):
                targets.setdefault(value, arrival.target)
        cases = []
        place = 1
        while f"cabang.{place}.bila" in gateway.properties:
            case = from_properties(cells.CASE, gateway.properties, f"cabang.{place}.")
            values = [value for value in case_values(Case(**case, target=END)) if value in targets]
            if values:
                cases.append(Case(**case, target=targets[values[0]]))
            place += 1
        drawn = {case.target for case in cases}
        cases += [
            Case(condition=arrow.name, values=tuple(value for _, value in _compared(arrow)), target=arrival.target)
            for arrow, arrival in arrivals
            if arrival.target not in drawn
        ]
        count = _number(gateway.properties.get("mengalir_ke"))
        continuations = (
            None
            if count is None
            else tuple(
                Continuation(**from_properties(cells.CONTINUATION, gateway.properties, f"mengalir_ke.{item}."))
                for item in range(1, count + 1)
            )
        )
        variables = [variable for arrow, _ in arrivals for variable, _ in _compared(arrow)]
        head = from_properties(cells.BRANCH, gateway.properties)
        head |= from_properties(cells.BRANCH_GATEWAY, gateway.properties)
        if variables:
            head["variable"] = variables[0]
        return Branch(**head, after=number, gateway_label=gateway.name, cases=tuple(cases), continuations=continuations)

    def wait(self, after: int, before: Target, node: Node) -> OutsideEvent:
        return OutsideEvent(
            **from_properties(cells.OUTSIDE_EVENT, node.properties),
            after=after,
            before=before,
            description=node.documentation,
            label=node.name,
            message=node.message,
        )


def _number(text: str | None) -> int | None:
    return None if text is None else cells.NUMBER.parse(text)


def _compared(arrow: Arrow) -> list[tuple[str, Value]]:
    """Return each comparison of a variable with a value that a flow's condition makes."""
    return [
        (name, int(number) if number else single or double)
        for name, single, double, number in _COMPARISON.findall(arrow.condition or "")
    ]


def _code(arrow: Arrow) -> str | None:
    """Return which outcome of a decision takes a flow, or None where its condition reads something else."""
    codes = (str(value) for name, value in _compared(arrow) if name == "keputusan")
    return next((code for code in codes if code in OUTCOME_CODES), None)
