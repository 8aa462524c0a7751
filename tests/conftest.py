"""Fixtures for tests that store something: each of them runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, Server, SqliteFiles, fill, running_postgresql
from tests.office import Clock, Office, running_office


@pytest.fixture(scope="session")
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of one run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", params=KINDS)
def server(
    request: pytest.FixtureRequest, _shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Where databases are made, of each kind in turn."""
    if request.param == "sqlite":
        yield SqliteFiles(tmp_path_factory.mktemp("sqlite"))
    else:
        with running_postgresql(_shared_folder / "postgresql") as postgresql:
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
