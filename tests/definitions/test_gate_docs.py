"""The page about the gate names every code that the gate can say, and no other."""

import ast
import re
from collections.abc import Iterator

from tests.house.tree import ROOT

_CODE = re.compile(r"[a-z]+(-[a-z]+)+|unreachable")
_PLACES = ("app/engine", "app/definitions")
_SAYING = {"add", "refuse", "_refuse_call", "_Fault", "Finding", "_warning", "XmlRefused"}


def said() -> Iterator[str]:
    """Yield the codes that stand in a call that says a finding."""
    paths = [path for place in _PLACES for path in (ROOT / place).glob("*.py")]
    calls = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    for call in calls:
        if isinstance(call, ast.Call) and _name(call.func) in _SAYING:
            words = (
                part.value for argument in call.args for part in _parts(argument) if isinstance(part, ast.Constant)
            )
            yield from (word for word in words if isinstance(word, str) and _CODE.fullmatch(word))


def _parts(argument: ast.expr) -> Iterator[ast.expr]:
    """Yield what an argument may be; a code put together of pieces would be in no list, so it is not written."""
    if isinstance(argument, ast.IfExp):
        yield from (*_parts(argument.body), *_parts(argument.orelse))
    else:
        built = isinstance(argument, ast.JoinedStr)
        assert not built or " " in ast.unparse(argument), f"Write the code out: {ast.unparse(argument)}"
        yield argument


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def test_names_every_code() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `")]
    named = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}

    assert set(said()) == named
