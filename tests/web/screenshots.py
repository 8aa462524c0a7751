"""`python -m tests.web.screenshots`: photographs every page, as everybody sees it, in both themes and languages.

The office in the pictures has a past (`tests.web.history`), made anew each time; so two runs differ in nothing but what
was changed between them. `--readme` takes the two pictures of the README instead.
"""

import argparse
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from app.web.language import INDONESIAN, LANGUAGES
from tests.databases import SqliteFiles, fill
from tests.house.tree import ROOT
from tests.office import Clock, running_office
from tests.web.chromium import running_chromium
from tests.web.history import History, make_history
from tests.web.places import answers, places
from tests.web.windows import THEMES, Windows, served

WIDTHS = (1280, 360)
IMAGES = ROOT / "docs" / "images"
# The pictures of the README: name, who looks, where.
README = (
    ("kotak-tugas.png", "kasubag_perencanaan", "/tugas/{drafting_task}?tab=saya"),
    ("berkas.png", "kasubag_perencanaan", "/berkas/{returned}"),
)
_README_HEIGHT = 860


def photograph(folder: Path, wanted: str) -> int:
    """Write a picture of every page whose address holds what is wanted; returns how many there are.

    Raises:
        SystemExit: a page said on its console, or by an answer, that something is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    with _office_with_windows() as (windows, history):
        for place in (*places(), *answers()):
            if wanted not in place.name:
                continue
            for language in LANGUAGES:
                page = windows.open(place.username, language=language)
                place.reach(page, history)
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 900})
                    for theme in THEMES:
                        page.emulate_media(color_scheme=theme)
                        name = f"{_name(place.what)}-{place.username or 'siapa-pun'}-{language}-{theme}-{width}.png"
                        _take(page, folder / name, whole=True)
                        taken += 1
                windows.close()
    return taken


def photograph_for_readme() -> None:
    """Write the pictures of the README."""
    with _office_with_windows() as (windows, history):
        for name, username, place in README:
            path = place.format_map(history._asdict())
            page = windows.open(username, path, height=_README_HEIGHT, language=INDONESIAN)
            _take(page, IMAGES / name, whole=False)
            windows.close()


@contextmanager
def _office_with_windows() -> Iterator[tuple[Windows, History]]:
    folder = Path(tempfile.mkdtemp(prefix="screenshots"))
    try:
        url = SqliteFiles(folder).empty()
        fill(url)
        with running_office(url, Clock()) as office, served(office.app) as address, running_chromium() as chromium:
            windows = Windows(chromium, address)
            yield windows, make_history(office)
            windows.close()
    finally:
        shutil.rmtree(folder)
    if windows.faults:
        raise SystemExit("\n".join(["The pages are not well:", *windows.faults]))


def _take(page: Page, path: Path, *, whole: bool) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=whole)


def _name(address: str) -> str:
    """Return an address as a part of a file name, ids by the names of what they are."""
    return re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots", help="where the pictures go")
    parser.add_argument("--only", default="", help="pages whose address holds this")
    parser.add_argument("--readme", action="store_true", help="the two pictures of the README, into docs/images")
    options = parser.parse_args(arguments)
    # The PostgreSQL of the tests, which is not used here, looks for a desktop session's folder as it is imported.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    if options.readme:
        photograph_for_readme()
        print(f"{len(README)} pictures for the README in {IMAGES}")
    else:
        print(f"{photograph(options.out, options.only)} pictures in {options.out}")


if __name__ == "__main__":
    main()
