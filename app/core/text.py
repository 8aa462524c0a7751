"""Text as people write and read it: a sentence in the two languages of the product, and what counts as no text."""

import unicodedata
from typing import NamedTuple

# Spaces and separators (Z), control, format and unassigned characters (C), and marks without a letter to stand on (M).
_BLANK_CATEGORIES = frozenset("ZCM")
# Letters and a symbol by their category, and yet nothing to see: the fillers of Hangul and the empty Braille pattern.
_BLANK_CHARACTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


class Text(NamedTuple):
    """The same sentence in Indonesian (`id`), which officials read, and in English (`en`)."""

    id: str
    en: str


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: it is empty, or no character of it can be seen.

    Every text that is required is asked this, since `str.strip` knows the spaces alone: a zero-width character is none.
    """
    return all(
        character in _BLANK_CHARACTERS or unicodedata.category(character)[0] in _BLANK_CATEGORIES for character in text
    )
