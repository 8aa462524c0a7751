"""Every route that the service has, found by walking the application itself, whatever it is mounted in."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from app.core.lazily import WhenAsked


class Served(NamedTuple):
    """A method at a path; `place` is the kind of caller it is for: a program with a token, or a browser."""

    method: str
    path: str
    is_page: bool

    @property
    def name(self) -> str:
        """The route as tables name it."""
        return f"{self.method} {self.path}"


def served(service: FastAPI) -> list[Served]:
    """Return all that a service answers to, each once."""
    return sorted(set(_walk(service.routes, "", False)))


def _walk(routes: Iterable[BaseRoute], prefix: str, is_page: bool) -> Iterator[Served]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _walk(_made(route.app).routes, prefix + route.path, is_page)
        elif isinstance(route, Route) and isinstance(route.endpoint, WhenAsked):
            # The pages: each place leads to the same application, whose routes have their whole path.
            yield from _walk(_made(route.endpoint).routes, "", True)
        elif isinstance(route, (APIRoute, Route)):
            yield from (Served(one, prefix + route.path, is_page) for one in (route.methods or ()) if one != "HEAD")
        else:
            # What FastAPI includes stands behind a route of its own kind.
            yield from _walk(route.original_router.routes, prefix, is_page)  # type: ignore[attr-defined]


def _made(application: object) -> FastAPI:
    made = application._once() if isinstance(application, WhenAsked) else application
    assert isinstance(made, FastAPI)
    return made
