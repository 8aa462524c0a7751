"""A small trail: chains of acts in a database without an office."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit import trail
from app.audit.checking import Checked, check_export
from app.audit.export import export_sealed
from app.audit.keys import TrailKey
from app.audit.verifying import End, Verified, verify_trail
from app.core import migrations
from app.core.database import Database, one_moment
from app.core.events import Chain, Event
from app.core.unit_of_work import UnitOfWork

NOON = datetime(2026, 8, 3, 5, 0, tzinfo=UTC)
KEY = TrailKey(Ed25519PrivateKey.generate())


class Written:
    """A database with a trail and nothing else; who writes an act keeps the end of its chain."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.chains: dict[str, Chain] = {}

    def act(self, name: str, times: int = 1) -> None:
        """Add acts to a chain."""

        def work(uow: UnitOfWork) -> None:
            chain = self.chains.setdefault(name, Chain(name, 0, trail.NOTHING_YET))
            for _ in range(times):
                at = NOON + timedelta(minutes=chain.length)
                data = {"step": chain.length, "alasan": "é; “dua”"}
                uow.record(Event("task.completed", "siti", at, UUID(int=7), chain, data))

        self.database.write(work)

    def act_anywhere(self, chance: random.Random, times: int) -> None:
        """Add acts to chains here and there."""
        for _ in range(times):
            self.act(f"chain-{chance.randrange(len(self.chains) + 1)}")

    def verified(self, keys: tuple[bytes, ...] = (KEY.public,)) -> Verified:
        """Check the database."""
        ends = {chain.id: End(chain.length, chain.head) for chain in self.chains.values()}
        with self.database.read() as reader, one_moment(reader) as connection:
            return verify_trail(connection, ends, keys=keys)

    def export(self, *chain_ids: str) -> bytes:
        """Export chains, all if none is named."""
        with self.database.read() as reader, one_moment(reader) as connection:
            return b"".join(export_sealed(connection, chain_ids))


@contextmanager
def writing(url: str) -> Iterator[Written]:
    """Open an empty database for a trail."""
    migrations.upgrade(url)
    database = Database(url, listeners=(trail.record,))
    yield Written(database)
    database.close()


def check(export: bytes, *keys: bytes) -> Checked:
    """Check an export, with the key of these tests if no other is given."""
    return check_export(export.splitlines(keepends=True), keys or (KEY.public,))
