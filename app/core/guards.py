"""The headers by which a browser guards what it is given."""

from collections.abc import Iterable

# What every answer says, unless it says otherwise itself, as a page does: a browser guesses no media type, runs nothing
# of it, shows it in no frame, tells no other site where it came from, and keeps nothing that somebody else could find.
_GUARDS = {
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}


def guarded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with the guards that it lacks; what has a tag may be kept, but is asked about."""
    given = {name.lower(): value for name, value in headers}
    guards = [(name, value) for name, value in _GUARDS.items() if name not in given]
    if b"cache-control" not in given:
        guards.append((b"cache-control", b"private, no-cache" if b"etag" in given else b"no-store"))
    return [*headers, *guards]
