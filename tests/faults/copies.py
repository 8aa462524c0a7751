"""A copy that is taken while people work: what was acknowledged before it stands in it, and it can be worked on."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.faults.journal import Asked, read
from tests.faults.load import Load, Plan
from tests.faults.observed import observe
from tests.faults.oracle import judge_copy, still_open
from tests.faults.processes import LOAD, load_process
from tests.faults.runs import Report
from tests.faults.service import serving
from tests.faults.sites import back_up, restore


class Way(NamedTuple):
    """How a database is copied into a file while it is at work, and an empty one filled from it."""

    back_up: Callable[[str, Path], None]
    restore: Callable[[Path, str], None]


BY_HAND = Way(back_up, restore)


def copy_at_work(url: str, empty: str, folder: Path, seed: int, plan: Plan, *, way: Way = BY_HAND) -> Report:
    """Copy a database while clients work on it, restore it as `empty`, judge it, and drive its cases to their end."""
    before = Asked({}, {})

    def strike(_random: Random) -> float:
        nonlocal before
        began = time.perf_counter()
        before = read(folder)
        way.back_up(url, folder / "copy")
        return time.perf_counter() - began

    with serving(url, folder, workers=1) as service:
        outcome = Load(service.port, folder, seed, plan).run(strike)
    faults = list(outcome.complaints)
    way.restore(folder / "copy", empty)
    files = {LOAD: load_process()}
    faults += judge_copy(before, read(folder), observe(empty), files)
    behind = folder / "behind"
    behind.mkdir()
    with serving(empty, behind, workers=1) as service:
        Load(service.port, behind, seed, plan).finish()
        verdict = service.alur("audit", "verify")
    faults += still_open(observe(empty))
    if verdict.returncode != 0:
        faults.append(f"broken: alur audit verify says {verdict.stdout}{verdict.stderr}")
    acknowledged = sum(1 for _ in before.answered(200, starts=False))
    figures = {
        "acknowledged before the copy": acknowledged,
        "acknowledged completions": outcome.completions,
        "seconds of the copy": round(max(outcome.recoveries, default=0.0), 2),
    }
    report = Report("copy at work", seed, figures, faults)
    report.write(folder)
    return report
