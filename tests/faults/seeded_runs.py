"""Runs of Alur with a bug in it, each of which must end in faults of the kind that the bug makes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.faults.crowds import joins
from tests.faults.load import Plan
from tests.faults.runs import Report, kills

# A client that hangs up without listening finds what was not kept; a kill finds what was done by halves.
PLAN = Plan(completions=120, strikes=3, impatience=0.2)
CASES = 7

Run = Callable[[str, Path, int], Report]


def _killed(bug: str, url: str, folder: Path, seed: int) -> Report:
    return kills(url, folder, seed, PLAN, workers=1, seeded=bug)


def _joined(bug: str, url: str, folder: Path, seed: int) -> Report:
    return joins(url, folder, seed, CASES, workers=1, seeded=bug)


# Each bug with its run, and the kinds of faults that the oracle must find.
RUNS: dict[str, tuple[Run, frozenset[str]]] = {
    "answer-before-commit": (partial(_killed, "answer-before-commit"), frozenset({"inconsistent"})),
    "two-transactions": (partial(_killed, "two-transactions"), frozenset({"unasked"})),
    "no-idempotency": (partial(_killed, "no-idempotency"), frozenset({"unasked", "forgotten"})),
    "no-lock": (partial(_joined, "no-lock"), frozenset({"not joined", "broken", "wrong way"})),
}


def missed(bug: str, report: Report) -> Sequence[str]:
    """Return the kinds of faults that a run with a bug should have found, and did not."""
    found = {fault.partition(":")[0] for fault in report.faults}
    return sorted(RUNS[bug][1] - found)
