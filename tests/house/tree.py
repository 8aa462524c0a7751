"""The files of the project, as the tests about the house see them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Return every text file that git holds or would take in, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (Path(name) for name in listing.split("\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file() and is_text(ROOT / path)))


def is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(8192)


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def modules(*tops: str) -> list[Path]:
    """Return the Python files under the given top-level folders."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in tops]


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every dotted name that a module uses with its line: `os.environ.get` gives that, `os.environ` and `os`."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Attribute | ast.Name):
            yield node.lineno, ast.unparse(node)
