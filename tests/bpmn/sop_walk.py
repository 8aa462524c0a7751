"""What running an SOP must look like, worked out from its printed table alone.

This reads the tables of `bpmn/tables` as plain YAML and walks their rows; it knows nothing of diagrams, and shares no
code with what draws or runs them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).resolve().parents[2] / "bpmn" / "tables"

SETUJU, DIKEMBALIKAN = "setuju", "dikembalikan"
_QUARTERS = {"I": 1, "II": 2, "III": 3, "IV": 4}


@dataclass(frozen=True, slots=True)
class Stop:
    """A task that must be open next: its row, who performs it, and the `visit`-th time that it is."""

    row: int
    name: str
    role: str
    lane: str
    standard_time: str | None
    visit: int
    decision: str | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A message from outside that must be waited for next."""

    message: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with the decision that stands at its end: who takes it, and where each outcome leads."""

    number: int
    name: str
    role: str
    standard_time: str | None
    next: int | None
    outcomes: Mapping[str, int]
    decider: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Sop:
    """An SOP as its table tells it. `quarters` holds those in which the procedure goes on behind row `branch`."""

    key: str
    rows: Mapping[int, Row]
    lanes: Mapping[str, str]
    waits: Mapping[tuple[int, int], Wait]
    branch: int | None
    quarters: frozenset[int]

    @property
    def decisions(self) -> tuple[int, ...]:
        """The rows that end in a decision."""
        return tuple(number for number, row in self.rows.items() if row.outcomes)

    @property
    def start_variables(self) -> dict[str, int]:
        """What the start form asks for."""
        return {"tahun": 2027} if self.branch is None else {"tahun": 2027, "triwulan": 1}

    def walk(self, returned: Mapping[int, int] | None = None, quarter: int = 1) -> Iterator[Stop | Wait]:
        """Yield what must happen, in order; `returned` says how often the decision of a row goes back first."""
        left = Counter(returned or {})
        visits: Counter[tuple[int, str]] = Counter()
        here: int | None = min(self.rows)
        while here is not None:
            row = self.rows[here]
            decision = None
            if row.outcomes:
                decision = DIKEMBALIKAN if left[here] > 0 else SETUJU
                left[here] -= 1
            own = decision if row.decider is None else None
            visits[here, row.name] += 1
            yield self._stop(row, row.name, row.role, row.standard_time, visits[here, row.name], own)
            if row.decider is not None:
                name, role = row.decider
                visits[here, name] += 1
                yield self._stop(row, name, role, None, visits[here, name], decision)
            there = row.outcomes[decision] if decision is not None else row.next
            if here == self.branch and quarter not in self.quarters:
                there = None
            if there is not None and decision != DIKEMBALIKAN and (here, there) in self.waits:
                yield self.waits[here, there]
            here = there

    def _stop(
        self, row: Row, name: str, role: str, standard_time: str | None, visit: int, decision: str | None
    ) -> Stop:
        return Stop(row.number, name, role, self.lanes[role], standard_time, visit, decision)


@cache
def sops() -> Mapping[str, Sop]:
    """Return the six SOPs by their key."""
    found = [_read(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(TABLES.glob("*.yaml"))]
    return {sop.key: sop for sop in found}


def _read(table: dict[str, Any]) -> Sop:
    decisions = {decision["langkah"]: decision for decision in table["decisions"]}
    cycle = table.get("siklus", {}).get("keputusan")
    rows = [_row(entry, decisions.get(int(entry["no"]))) for entry in table["activities"]]
    return Sop(
        key=table["key"],
        rows={row.number: row for row in rows},
        lanes={role["key"]: role["label"] for role in table["roles"]},
        waits={
            (event["sesudah"], event["sebelum"]): Wait(event["pesan"], event["label"])
            for event in table["peristiwa_luar"]
        },
        branch=cycle["sesudah"] if cycle else None,
        quarters=frozenset(
            _QUARTERS[word.split()[1]]
            for case in (cycle["cabang"] if cycle else [])
            if case["ke"] != "selesai"
            for word in case["bila"].split(" atau ")
        ),
    )


def _row(entry: dict[str, Any], decision: dict[str, Any] | None) -> Row:
    onward = [target for target in entry["next"] if target != "selesai"]
    apart = decision.get("tugas_keputusan") if decision else None
    return Row(
        number=int(entry["no"]),
        name=entry["label"],
        role=entry["role"],
        standard_time=entry["waktu"],
        next=onward[0] if onward else None,
        outcomes={outcome["kode"]: outcome["ke"] for outcome in decision["hasil"]} if decision else {},
        decider=(apart["label"], apart["role"]) if apart else None,
    )
