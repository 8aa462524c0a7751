"""What a room above the pages builds onto them; the pages are whole without it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import APIRouter, Request

from app.web.visit import Visit


class Annex(NamedTuple):
    """Screens of its own, the folder of its templates, and what its parts of every page show.

    `shown` is asked for each page, with null where nobody is signed in. What it returns names the templates of its
    parts: `bar` above every page, and `door` in place of the form to sign in with.
    """

    router: APIRouter
    templates: Path
    shown: Callable[[Request, Visit | None], Any]
