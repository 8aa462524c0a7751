"""The one refusal of this package."""

from app.core.text import Text


class SopRefused(Exception):
    """A table that cannot be taken as it is; nothing of it has been used.

    `path` is the place in the table (`activities.5.next`), `text` tells people what is wrong and what to do.
    """

    def __init__(self, path: str, text: Text) -> None:
        super().__init__(f"{path}: {text.en}" if path else text.en)
        self.path = path
        self.text = text
