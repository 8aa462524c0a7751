"""XML as Camunda Modeler writes it, so that a file saved there differs only where somebody changed it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_IN_ATTRIBUTE: Final = {
    "\n": "&#10;",
    "\r": "&#13;",
    "\t": "&#9;",
    '"': "&#34;",
    "'": "&#39;",
    "<": "&#60;",
    ">": "&#62;",
    "&": "&#38;",
}
_IN_TEXT: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\r": "&#13;"}


@dataclass(frozen=True, slots=True)
class Node:
    """An element to be written; an attribute that is None is left out."""

    tag: str
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    children: tuple["Node", ...] = ()
    text: str | None = None


def document(root: Node) -> bytes:
    """Return `root` as a file in UTF-8, two spaces a level."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    _write(root, 0, lines)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _write(node: Node, level: int, lines: list[str]) -> None:
    indent = "  " * level
    attributes = "".join(
        f' {name}="{_escape(value, _IN_ATTRIBUTE)}"' for name, value in node.attributes.items() if value is not None
    )
    if node.text is not None:
        lines.append(f"{indent}<{node.tag}{attributes}>{_escape(node.text, _IN_TEXT)}</{node.tag}>")
    elif node.children:
        lines.append(f"{indent}<{node.tag}{attributes}>")
        for child in node.children:
            _write(child, level + 1, lines)
        lines.append(f"{indent}</{node.tag}>")
    else:
        lines.append(f"{indent}<{node.tag}{attributes} />")


def _escape(text: str, replacements: Mapping[str, str]) -> str:
    return re.sub(f"[{''.join(map(re.escape, replacements))}]", lambda found: replacements[found.group()], text)
