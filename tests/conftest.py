"""Fixtures for tests that store something: each of them runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from app.core import logging
from app.core.settings import Settings
from tests.databases import KINDS, Server, SqliteFiles, fill, running_postgresql
from tests.office import Clock, Office, running_office


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Errors that a test provokes are logged as the service does, not in colours with the values of all variables."""
    logging.configure(Settings(environment="demo", log_level="error"))


@pytest.fixture(scope="session", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where databases are made, of each kind in turn."""
    if request.param == "sqlite":
        yield SqliteFiles(tmp_path_factory.mktemp("sqlite"))
    else:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
        with running_postgresql(run) as postgresql:
            yield postgresql


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A database with the office, its six SOPs and its demonstration users; it is only copied."""
    url = server.empty()
    fill(url)
    return url


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    """A database without tables."""
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture
def url(server: Server, template: str) -> Iterator[str]:
    """A database with the office, for one test alone."""
    url = server.copy(template)
    yield url
    server.drop(url)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at ten in the morning of a working day."""
    return Clock()


@pytest.fixture
def office(url: str, clock: Clock) -> Iterator[Office]:
    """The running service with its people."""
    with running_office(url, clock) as office:
        yield office


@pytest.fixture(scope="module")
def shared_office(server: Server, template: str) -> Iterator[Office]:
    """A running service for all tests of a module that only ask, or whose acts are no other test's concern."""
    url = server.copy(template)
    with running_office(url, Clock()) as office:
        yield office
    server.drop(url)
