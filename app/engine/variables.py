"""What a variable of an instance may be called and hold, whether a form, a start or a message gives it."""

from typing import Any

import orjson

from app.core.text import Text, is_blank
from app.engine.expressions import RESERVED

LONGEST_NAME = 255
LONGEST_TEXT = 10_000
MOST_VARIABLES = 500


def name_fault(name: str) -> Text | None:
    """Return what is wrong with a variable's name, null if nothing is.

    A name is what people see and conditions say: no words of the expression language, and no invisible characters,
    which would make two names of one.
    """
    shown = name[:80]
    if is_blank(name) or name.startswith("_"):
        return Text(
            f"Nama '{shown}' kosong atau diawali garis bawah. Pakai nama yang diawali huruf.",
            f"The name '{shown}' is empty or begins with an underscore. Use a name that begins with a letter.",
        )
    if len(name) > LONGEST_NAME:
        return Text(
            f"Nama '{shown}…' lebih dari {LONGEST_NAME} karakter. Persingkat.",
            f"The name '{shown}…' has more than {LONGEST_NAME} characters. Shorten it.",
        )
    if not name.isprintable() or name != name.strip():
        return Text(
            f"Nama {shown!a} memuat karakter yang tidak terlihat. Hapus.",
            f"The name {shown!a} holds a character that cannot be seen. Remove it.",
        )
    if name in RESERVED:
        return Text(
            f"'{shown}' adalah kata bahasa ungkapan. Pakai nama lain.",
            f"'{shown}' is a word of the expression language. Use another name.",
        )
    return None


def is_too_large(value: Any) -> bool:
    """Whether a value is longer than a text of a form may be: its characters, or those of its JSON."""
    return len(value if isinstance(value, str) else orjson.dumps(value).decode()) > LONGEST_TEXT
