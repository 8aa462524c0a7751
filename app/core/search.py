"""Searching texts by how their words begin."""

from typing import Any

import sqlalchemy as sa

_MOST_WORDS = 8


def split_words(text: str | None) -> tuple[str, ...]:
    """Return the words of a search in lower case, at most eight."""
    return tuple((text or "").lower().split()[:_MOST_WORDS])


def begins_word(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    """Return the condition that a word of a text begins like this, whatever the case."""
    lowered = sa.func.lower(column)
    return sa.or_(lowered.startswith(word, autoescape=True), lowered.contains(f" {word}", autoescape=True))
