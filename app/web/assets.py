"""What the pages bring along: scripts, styles, fonts and icons, built into `static/` and served under lasting names.

A name holds the hash of its content, so a browser keeps it for good and an upgrade is a new name. Each file has its
compressed twins beside it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from app.core.problems import NotFound

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_ENCODINGS = {"br": ".br", "gzip": ".gz"}

router = APIRouter()


class NotBuilt(RuntimeError):
    """The assets are not there: this source tree was neither installed nor built."""


@cache
def _manifest() -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((STATIC / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise NotBuilt("The scripts and styles of the pages are not built. Run: make assets") from error
    return manifest


def asset(name: str) -> str:
    """Return the address of an asset by its plain name, such as `pages.css`.

    Raises:
        NotBuilt: no assets are there.
        KeyError: there is none of this name.
    """
    return f"/static/{_manifest()['names'][name]}"


@router.get("/static/{name}")
def serve_asset(request: Request, name: str) -> Response:
    """Serve an asset, compressed where the browser takes it so."""
    if name not in _manifest()["files"]:
        raise NotFound(f"There is nothing at {request.url.path}.")
    path = STATIC / name
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    taken = {one.partition(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")}
    for encoding, suffix in _ENCODINGS.items():
        twin = STATIC / f"{name}{suffix}"
        if encoding in taken and twin.exists():
            return FileResponse(twin, headers=headers | {"Content-Encoding": encoding}, media_type=_TYPES[path.suffix])
    return FileResponse(path, headers=headers, media_type=_TYPES[path.suffix])
