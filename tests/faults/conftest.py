"""Fixtures for the faults: an office with the clients' people and processes, and a PostgreSQL that may be stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Server, SqliteFiles
from tests.faults.sites import Cluster, equip, open_cluster, prepare


@pytest.fixture(scope="session")
def equipped(server: Server, template: str) -> str:
    """A database with the office, and what the clients need; it is only copied."""
    url = server.copy(template)
    equip(url)
    return url


@pytest.fixture
def equipped_url(server: Server, equipped: str) -> Iterator[str]:
    """Such a database for one test alone."""
    url = server.copy(equipped)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite database with everything in it, for what only SQLite is asked; it is only copied."""
    url = SqliteFiles(tmp_path_factory.mktemp("struck")).empty()
    prepare(url)
    return url


@pytest.fixture
def sqlite_url(sqlite_template: str, tmp_path: Path) -> str:
    """Such a database for one test alone, in its own folder."""
    return SqliteFiles(tmp_path).copy(sqlite_template)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that is nobody else's, so that it can be stopped."""
    with open_cluster() as opened:
        yield opened


@pytest.fixture(scope="session")
def cluster_template(cluster: Cluster) -> str:
    """A database of it with everything in it; it is only copied."""
    url = cluster.databases.empty()
    prepare(url)
    return url


@pytest.fixture
def cluster_url(cluster: Cluster, cluster_template: str) -> Iterator[str]:
    """A database of it for one test alone."""
    url = cluster.databases.copy(cluster_template)
    yield url
    cluster.databases.drop(url)
