"""Fixtures for tests that store something: each of them runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings

from app.core import logging
from app.core.settings import Settings
from tests.databases import KINDS, Server, SqliteFiles, fill, quick_folder, running_postgresql
from tests.office import Clock, Office, running_office

# How long an example takes says how busy the machine is; what has to be quick has a test that says so.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long come first: at the end there is only little left, which test processes can share out."""
    items.sort(key=lambda item: item.path.parent.name not in ("bench", "web"))


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Errors that a test provokes are logged as the service does, not in colours with the values of all variables."""
    logging.configure(Settings(environment="demo", log_level="error"))


@pytest.fixture(scope="session", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Where databases are made, of each kind in turn."""
    if request.param == "sqlite":
        with TemporaryDirectory(dir=quick_folder(), prefix="alur-tests-") as folder:
            yield SqliteFiles(Path(folder))
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
