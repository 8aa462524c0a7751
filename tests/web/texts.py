"""Every text that the pages can show, found in the templates and the code.

`python -m tests.web.texts` lists those without English, ready for a catalogue.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from app.web.language import english_texts
from app.web.page import TEMPLATES

# The rooms that have pages, each with its templates and catalogues.
ROOMS = (TEMPLATES.parent, TEMPLATES.parents[1] / "demo")
# What says a text: `_("…")`, `speech("…")`, `visit.speech("…")`, and in language.py `self("…")`.
_SPEAKERS = {"_", "speech", "self"}


def texts() -> Iterator[tuple[str, str]]:
    """Yield each text and the file that says it."""
    environment = Environment(extensions=["jinja2.ext.do"])
    for path in sorted(path for room in ROOMS for path in (room / "templates").rglob("*.html")):
        for call in environment.parse(path.read_text()).find_all(nodes.Call):
            speaker = call.node
            if isinstance(speaker, nodes.Getattr) and speaker.attr == "several":
                speaker = speaker.node
            if isinstance(speaker, nodes.Name) and speaker.name == "_":
                for argument in call.args[:1]:
                    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                        yield argument.value, path.name
    for path in sorted(path for room in ROOMS for path in room.rglob("*.py")):
        if "frontend" not in path.parts:
            yield from ((text, path.name) for text in _said_in(path))


def _said_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        speaker = node.func
        if isinstance(speaker, ast.Attribute) and speaker.attr == "several":
            speaker = speaker.value
        name = speaker.id if isinstance(speaker, ast.Name) else getattr(speaker, "attr", "")
        if name in _SPEAKERS:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def missing() -> dict[str, str]:
    """Return the texts without an English one, each with a file that says it."""
    english = english_texts()
    there = {message.id if isinstance(message.id, str) else message.id[0] for message in english if message.string}
    return {text: where for text, where in texts() if text not in there}


if __name__ == "__main__":
    for text, where in missing().items():
        print(f'# {where}\nmsgid "{text}"\nmsgstr ""\n')
