"""`python -m bench`: runs the measurements on SQLite and PostgreSQL and prints one table; the same goes to a file."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from bench.completion import measure_many_clients, measure_one_client, measure_returns, measure_start
from bench.counting import measure_instance, measure_statements, measure_trips
from bench.databases import POSTGRESQL, SQLITE
from bench.figures import Figure, table
from bench.gate import measure_gate
from bench.lists import measure_lists
from bench.load import ROOT
from bench.pages import measure_pages
from bench.servers import children
from bench.stage import FULL, QUICK, Plan, Stage, open_stage

MEASUREMENTS: Mapping[str, Callable[[Stage], list[Figure]]] = {
    "completion": measure_one_client,
    "clients": measure_many_clients,
    "statements": measure_statements,
    "trips": measure_trips,
    "returns": measure_returns,
    "lists": measure_lists,
    "pages": measure_pages,
    "instance": measure_instance,
    "start": measure_start,
    "gate": measure_gate,
}
DATABASES = (SQLITE, POSTGRESQL)


def measure(plan: Plan, databases: Iterable[str], wanted: Sequence[str]) -> Iterator[tuple[str, list[Figure]]]:
    """Run measurements on each kind of database; yields how a kind describes itself, with its figures as they come."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for kind in databases:
            with open_stage(kind, plan, Path(folder) / kind.lower()) as stage:
                description = stage.site.describe()
                for name in wanted:
                    began = time.perf_counter()
                    figures = MEASUREMENTS[name](stage)
                    print(f"{kind}: {name} {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
                    yield description, figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    parser.add_argument("--only", action="append", choices=tuple(MEASUREMENTS), help="may be given again")
    parser.add_argument("--database", action="append", choices=DATABASES, help="may be given again")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json", help="the figures as JSON")
    options = parser.parse_args(arguments)
    # A request to end unwinds everything that was started, as Ctrl+C does.
    signal.signal(signal.SIGTERM, _stop)
    try:
        _run(
            QUICK if options.quick else FULL,
            options.database or DATABASES,
            options.only or MEASUREMENTS,
            options.output,
        )
    finally:
        # One that was being started just when the request came is in nobody's hands yet.
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def _run(plan: Plan, databases: Iterable[str], wanted: Iterable[str], output: Path) -> None:
    began, busy = time.perf_counter(), os.getloadavg()[0]
    figures: list[Figure] = []
    descriptions: dict[str, None] = {}
    for description, found in measure(plan, databases, tuple(wanted)):
        descriptions[description] = None
        figures += found
    machine = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load_before": busy,
        "databases": list(descriptions),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    answer = {"machine": machine, "figures": [figure.as_json() for figure in figures]}
    output.write_text(json.dumps(answer, indent=1) + "\n")
    met, missed = (sum(figure.met is verdict for figure in figures) for verdict in (True, False))
    print(table(figures))
    print(f"\n{met} targets met, {missed} missed. {'; '.join(descriptions)}.")
    print(f"Python {machine['python']}, {machine['processors']} processors, load {busy:.1f} before.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit("bench: stopped")


if __name__ == "__main__":
    main()
