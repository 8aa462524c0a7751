"""A sentence in the two languages of the product."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in Indonesian (`id`), which officials read, and in English (`en`)."""

    id: str
    en: str
