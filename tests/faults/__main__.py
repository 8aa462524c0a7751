"""The long form: `python -m tests.faults`, which `make faults` runs; its journals and seeds stay in build/faults."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from bench.load import ROOT
from tests.databases import Server, SqliteFiles, fill
from tests.faults.copies import copy_at_work
from tests.faults.crowds import joins, races
from tests.faults.load import Plan
from tests.faults.returns import PLACES, costs
from tests.faults.runs import Report, cuts, kills, restarts
from tests.faults.seeded_runs import RUNS, missed
from tests.faults.sites import KINDS, POSTGRESQL, Cluster, equip, open_cluster
from tests.faults.upgrade import age, finished, told, upgrade, wait_everywhere

_MOST = 1.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much the long form does on each database; `scale` of the command line multiplies it."""

    kills: int = 200
    completions: int = 20_000
    restarts: int = 50
    cuts: int = 280
    races: int = 1_000
    joins: int = 500
    copies: int = 5
    returns: int = 2_000

    def times(self, scale: float) -> "Size":
        """Return the sizes for a part of the whole; there is at least one of everything."""
        return Size(*(max(1, round(getattr(self, name) * scale)) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of database with a filled one to copy; `cluster` is a PostgreSQL that may be stopped."""

    server: Server
    template: str
    cluster: Cluster | None
    office: str


Scenario = Callable[[Stage, Path, int, Size], Report]


def _kills(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    plan = Plan(size.completions, size.kills, clients=8)
    report = kills(stage.server.copy(stage.template), folder, seed, plan)
    late = report.figures["recoveries over 5 s"]
    return replace(report, faults=[*report.faults, *([f"slow: {late} of them took over 5 s"] if late else [])])


def _restarts(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    assert stage.cluster is not None
    plan = Plan(size.restarts * 40, size.restarts, clients=8)
    return restarts(stage.cluster, stage.server.copy(stage.template), folder, seed, plan)


def _cuts(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    assert stage.cluster is not None
    plan = Plan(size.cuts * 10, size.cuts, clients=8, impatience=0)
    return cuts(stage.cluster, stage.server.copy(stage.template), folder, seed, plan)


def _races(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    return races(stage.server.copy(stage.template), folder, seed, size.races)


def _joins(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    return joins(stage.server.copy(stage.template), folder, seed, size.joins)


def _copies(stage: Stage, folder: Path, seed: int, size: Size) -> Report:
    faults = []
    for number in range(size.copies):
        inner = folder / f"copy-{number}"
        inner.mkdir()
        url, empty = stage.server.copy(stage.template), stage.server.empty()
        faults += copy_at_work(url, empty, inner, seed + number, Plan(400, 1, clients=8)).faults
    return Report("copies", seed, {"copies": size.copies}, faults)


def _upgrade(stage: Stage, _folder: Path, seed: int, _size: Size) -> Report:
    url = stage.server.copy(stage.office)
    cases = wait_everywhere(url, ("evaluasi_kinerja", "iku", "lkj", "pengumpulan_data_kinerja", "renja", "renstra"))
    before = told(url, cases)
    age(url)
    upgrade(url)
    faults = [] if told(url, cases) == before else ["changed: the service tells another story after the upgrade"]
    return Report("upgrade", seed, {"cases": len(cases)}, [*faults, *finished(url, cases)])


def _returns(stage: Stage, _folder: Path, seed: int, size: Size) -> Report:
    figures, faults = {}, []
    for place in PLACES:
        found = costs(stage.server.copy(stage.office), place, (100, max(size.returns, 120)))
        hundredth, last = found
        figures[place] = f"{hundredth} -> {last}"
        if last.statements > hundredth.statements:
            faults.append(f"{place}: {last.statements} statements instead of {hundredth.statements}")
        for name in ("state", "calls"):
            if getattr(last, name) > _MOST * getattr(hundredth, name):
                faults.append(f"{place}: {name} {getattr(hundredth, name)} -> {getattr(last, name)}")
    return Report("returns", seed, figures, faults)


def _seeded(stage: Stage, folder: Path, seed: int, _size: Size) -> Report:
    """Bugs that the harness is given; a fault is one that it does not find."""
    figures, faults = {}, []
    for bug, (run, kinds) in RUNS.items():
        inner = folder / bug
        inner.mkdir()
        left = missed(bug, run(stage.server.copy(stage.template), inner, seed))
        figures[bug] = "not found" if left else f"found: {', '.join(sorted(kinds))}"
        faults += [f"{bug}: nothing says {kind}" for kind in left]
    return Report("seeded", seed, figures, faults)


EVERYWHERE: dict[str, Scenario] = {
    "kills": _kills,
    "races": _races,
    "joins": _joins,
    "copies": _copies,
    "upgrade": _upgrade,
    "returns": _returns,
    "seeded": _seeded,
}
ON_POSTGRESQL: dict[str, Scenario] = {"restarts": _restarts, "cuts": _cuts}


def main() -> None:
    """Run the scenarios that were asked for; the exit status is 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=f"{', '.join([*EVERYWHERE, *ON_POSTGRESQL])}")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one (twice for both)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to make the same choices again")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the whole, such as 0.1")
    given = parser.parse_args()
    unknown = set(given.scenarios) - {*EVERYWHERE, *ON_POSTGRESQL}
    if unknown:
        parser.error(f"There is no scenario {', '.join(sorted(unknown))}.")
    seed = given.seed if given.seed is not None else random.randrange(1_000_000)
    folder = ROOT / "build" / "faults" / f"{time.strftime('%Y%m%d-%H%M%S')}-{seed}"
    folder.mkdir(parents=True)
    print(f"Seed {seed}; journals in {folder.relative_to(ROOT)}. Whole: about two hours on two cores.", flush=True)
    size = Size().times(given.scale)
    wrong = 0
    for kind in given.database or KINDS:
        for report in _reports(kind, folder, seed, size, given.scenarios):
            wrong += len(report.faults)
            print(f"{kind:10} {report.run:12} {len(report.faults)} faults  {report.figures}", flush=True)
            for fault in report.faults[:20]:
                print(f"           {fault[:400]}", flush=True)
    sys.exit(1 if wrong else 0)


def _reports(kind: str, folder: Path, seed: int, size: Size, wanted: list[str]) -> Iterator[Report]:
    scenarios = EVERYWHERE | (ON_POSTGRESQL if kind == POSTGRESQL else {})
    with ExitStack() as stack:
        here = folder / kind
        here.mkdir()
        stage = _stage(stack, kind, here)
        for name, scenario in scenarios.items():
            if wanted and name not in wanted:
                continue
            inner = here / name
            inner.mkdir()
            report = scenario(stage, inner, seed, size)
            report.write(inner)
            yield report


def _stage(stack: ExitStack, kind: str, folder: Path) -> Stage:
    cluster = stack.enter_context(open_cluster()) if kind == POSTGRESQL else None
    server = cluster.databases if cluster is not None else SqliteFiles(folder)
    office = server.empty()
    fill(office)
    template = server.copy(office)
    equip(template)
    return Stage(server, template, cluster, office)


if __name__ == "__main__":
    main()
