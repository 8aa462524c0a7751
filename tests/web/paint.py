"""`python -m tests.web.paint`: how soon the inbox is seen in headless Chromium, beside 100,000 open tasks.

The first visit fetches everything; the next ones have scripts, styles and font from before. The target is that half of
the visits see the inbox within 0.5 s; the reference, in turns, is the page to sign in, which reads nothing.
"""

import argparse
import statistics
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.databases import SQLITE
from bench.fill import fill
from bench.stage import FULL, open_stage
from tests.web.chromium import running_chromium
from tests.web.windows import Windows

TARGET = 500.0
_USER = "kasubag_perencanaan"
_PAINTED = """
() => new Promise((resolve) => new PerformanceObserver((list, observer) => {
  for (const entry of list.getEntriesByName("first-contentful-paint")) {
    observer.disconnect();
    resolve(entry.startTime);
  }
}).observe({ type: "paint", buffered: true }))
"""


def first_paint(page: Page, path: str) -> float:
    """Open a page and return the milliseconds from asking for it to the first of it that is seen."""
    page.goto(path)
    found: float = page.evaluate(_PAINTED)
    return found


def measure(chromium: Browser, address: str, visits: int) -> dict[str, list[float]]:
    """Return the milliseconds of each visit: to the inbox and to the reference, first and again."""
    found: dict[str, list[float]] = {name: [] for name in ("inbox, first visit", "inbox, again", "signing in, first")}
    for _ in range(visits):
        windows = Windows(chromium, address)
        found["signing in, first"].append(first_paint(windows.open(), "/masuk"))
        page = windows.open(_USER)
        found["inbox, first visit"].append(first_paint(page, "/tugas?tab=tim"))
        found["inbox, again"].append(first_paint(page, "/tugas?tab=tim"))
        windows.close()
        if windows.faults:
            raise SystemExit("\n".join(windows.faults))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.paint", description=__doc__)
    parser.add_argument("--tasks", type=int, default=FULL.many_tasks, help="open tasks in the database")
    parser.add_argument("--visits", type=int, default=15)
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    with tempfile.TemporaryDirectory(prefix="paint") as folder, open_stage(SQLITE, FULL, Path(folder) / "db") as stage:
        url = stage.site.copy(stage.template)
        fill(url, options.tasks)
        with stage.alur(url) as server, running_chromium() as chromium:
            measure(chromium, f"http://127.0.0.1:{server.port}", 2)
            found = measure(chromium, f"http://127.0.0.1:{server.port}", options.visits)
    for name, times in found.items():
        target = f", target {TARGET:.0f} ms" if name.startswith("inbox") else ", the reference"
        print(f"{name}: {statistics.median(times):.0f} ms ({min(times):.0f}-{max(times):.0f}){target}")


if __name__ == "__main__":
    main()
