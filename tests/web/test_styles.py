"""What the style sheets dress is there: no rule is left for what no template and no script names any more."""

import re
from pathlib import Path

import pytest

from tests.web.texts import ROOMS

FRONTEND = ROOMS[0] / "frontend"
# docs.css dresses what Swagger UI draws, which has its own names.
SHEETS = sorted(path for path in (FRONTEND / "css").glob("*.css") if path.name != "docs.css")
# What bpmn-js draws has its own names.
_FOREIGN = re.compile(r"(djs|bjs)-")


def _named() -> set[str]:
    """Every word that a template or a script says; one that is put together is there up to its last hyphen."""
    files = [path for room in ROOMS for path in [*(room / "templates").rglob("*.html"), *room.glob("*.py")]]
    files += (FRONTEND / "src").glob("*.js")
    return {word for path in files for word in re.findall(r"[A-Za-z][\w-]*", path.read_text())}


def _dressed(sheet: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return set(re.findall(r"\.([A-Za-z][\w-]*)", re.sub(r"{[^{}]*}", "{}", text)))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_dresses_only_what_is_named(sheet: Path) -> None:
    named = _named()
    found = {one for one in _dressed(sheet) if not _FOREIGN.match(one)}
    assert {one for one in found if not {one, one.rpartition("-")[0] + "-"} & named} == set()
