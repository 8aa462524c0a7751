"""Heads of the trail: what they cover, who adds them, and what becomes evident by them."""

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import Connection

from app.audit import sealing
from app.audit.heads import Head, heads_after, latest_head
from app.audit.keys import TrailKey
from app.audit.merkle import leaf_hash
from app.audit.models import event, trail_head, tree_group
from app.audit.sealing import EVERY, seal, seal_all, seal_when_due
from app.audit.written_heads import read_heads, write_heads
from app.core.problems import Conflict, Invalid
from tests.audit.owner import owner
from tests.audit.test_merkle import rfc_root
from tests.audit.written import KEY, NOON, Written, check, writing


@pytest.fixture
def trail(empty_url: str) -> Iterator[Written]:
    """A database without any act."""
    with writing(empty_url) as written:
        yield written


def heads(trail: Written) -> list[Head]:
    with trail.database.read() as connection:
        return heads_after(connection, 0)


def root_of_all(trail: Written) -> bytes:
    """The root over the ends of all chains, in the order in which they began."""
    return rfc_root([leaf_hash(chain.id, chain.length, chain.head) for chain in trail.chains.values()])


class TestAHead:
    def test_covers_every_chain_at_its_end_and_names_the_head_before(self, trail: Written) -> None:
        chance = random.Random(3)
        for number in range(1, 6):
            trail.act_anywhere(chance, 40 * number)
            head = seal(trail.database, KEY, NOON)

            assert head is not None
            assert head.root == root_of_all(trail)
            assert (head.number, head.chains) == (number, len(trail.chains))
            assert head.acts == sum(chain.length for chain in trail.chains.values())
            assert head.is_rightly_signed
        first, second, *_ = heads(trail)
        assert (first.previous, second.previous) == (bytes(32), first.hash)
        assert trail.verified().valid
        assert check(trail.export()).valid

    def test_is_not_added_when_nothing_was_done(self, trail: Written) -> None:
        assert seal_all(trail.database, KEY, NOON) == []
        trail.act("a")
        assert len(seal_all(trail.database, KEY, NOON)) == 1
        assert seal_all(trail.database, KEY, NOON) == []

    def test_covers_so_many_acts_at_most(self, trail: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "MOST_ACTS", 7)
        trail.act_anywhere(random.Random(1), 30)

        added = seal_all(trail.database, KEY, NOON)

        assert [head.acts for head in added] == [7, 14, 21, 28, 30]
        assert added[-1].root == root_of_all(trail)
        assert trail.verified().valid

    def test_is_due_after_an_hour_or_when_as_much_waits_as_one_covers(
        self, trail: Written, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def due(after: timedelta) -> bool:
            return seal_when_due(trail.database, KEY, NOON + after) is not None

        trail.act("a")
        assert due(timedelta())
        trail.act("a")
        assert not due(EVERY - timedelta(seconds=1))
        assert due(EVERY)
        trail.act("a", 2)
        assert not due(EVERY)
        monkeypatch.setattr(sealing, "MOST_ACTS", 2)
        assert due(EVERY)

    def test_is_added_by_one_of_many_who_seal_at_once(self, trail: Written) -> None:
        trail.act_anywhere(random.Random(5), 20)
        added: list[Head | None] = []
        ready = threading.Barrier(6)

        def work() -> None:
            ready.wait()
            added.append(seal(trail.database, KEY, NOON))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(added) == 6
        assert [head.number for head in added if head is not None] == [1]
        assert trail.verified().valid

    def test_waits_for_an_act_that_is_being_written(self, trail: Written) -> None:
        """On PostgreSQL it has an earlier position than an act that is committed already."""
        trail.act("a")
        if trail.database.is_sqlite:
            assert seal(trail.database, KEY, NOON) is not None
            return
        with trail.database.engine.connect() as slow:
            slow.exec_driver_sql("BEGIN")
            row = slow.execute(sa.select(event)).one()._asdict() | {"chain_id": "slow"}
            del row["position"]
            slow.execute(sa.insert(event), row)
            trail.act("a")
            added: list[Head | None] = []
            sealer = threading.Thread(target=lambda: added.append(seal(trail.database, KEY, NOON)))
            sealer.start()
            sealer.join(0.3)
            assert added == []
            slow.exec_driver_sql("COMMIT")
            sealer.join()

        (head,) = added
        assert head is not None
        assert (head.chains, head.acts) == (2, 3)

    def test_goes_unsigned_without_a_key_until_there_is_one(self, trail: Written) -> None:
        trail.act("a")
        seal_all(trail.database, None, NOON)
        trail.act("a")
        seal_all(trail.database, KEY, NOON)
        found = trail.verified()
        assert (found.valid, found.heads, found.unsigned) == (True, 2, 1)
        trail.act("a")
        with pytest.raises(Conflict, match="ALUR_TRAIL_KEY"):
            seal_all(trail.database, None, NOON)


def rewrite(connection: Connection, chain_id: str, start: int) -> bytes:
    """Change who did it from an act on, with right hashes; returns the new end."""
    rows = connection.execute(sa.select(event).where(event.c.chain_id == chain_id).order_by(event.c.sequence)).all()
    last = bytes(rows[start - 2].hash) if start > 1 else bytes(32)
    for row in rows[start - 1 :]:
        content = row.content.replace("siti", "budi")
        last = hashlib.sha256(last + content.encode()).digest()
        changed = {"content": content, "actor": "budi", "hash": last}
        connection.execute(sa.update(event).where(event.c.position == row.position).values(**changed))
    return last


def rewrite_a_chain(trail: Written, connection: Connection) -> None:
    trail.chains["chain-1"].head = rewrite(connection, "chain-1", 2)


def drop_a_chain(trail: Written, connection: Connection) -> None:
    connection.execute(sa.delete(event).where(event.c.chain_id == "chain-2"))
    del trail.chains["chain-2"]


def change_a_head(trail: Written, connection: Connection) -> None:
    connection.execute(sa.update(trail_head).where(trail_head.c.number == 2).values(acts=1))


def drop_a_head(trail: Written, connection: Connection) -> None:
    connection.execute(sa.delete(trail_head).where(trail_head.c.number == 2))


def unsign_the_last(trail: Written, connection: Connection) -> None:
    connection.execute(sa.update(trail_head).where(trail_head.c.number == 3).values(key=None, signature=None))


def change_the_tree(trail: Written, connection: Connection) -> None:
    connection.execute(sa.update(tree_group).where(tree_group.c.tier == 1).values(hashes=bytes(32)))
    connection.execute(sa.update(tree_group).where(tree_group.c.tier == 0).values(hashes=bytes(32)))


class TestADatabaseThatItsOwnerChanged:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (rewrite_a_chain, {None: "not those that head 1 covers", "chain-1": "not what head 3 covers"}),
            (drop_a_chain, {None: "not those that head 1 covers"}),
            (change_a_head, {None: "head 2 is not signed by the key"}),
            (drop_a_head, {None: "head 2 is missing"}),
            (unsign_the_last, {None: "head 3 is not signed"}),
            (change_the_tree, {}),
        ],
    )
    def test_is_found_out(
        self, trail: Written, change: Callable[[Written, Connection], None], told: dict[str | None, str]
    ) -> None:
        for _ in range(3):
            for number in range(4):
                trail.act(f"chain-{number}", 2)
            seal_all(trail.database, KEY, NOON)
        assert trail.verified().valid
        with owner(trail.database) as connection:
            change(trail, connection)

        found = trail.verified()

        assert not found.valid
        for chain, said in told.items():
            assert any(fault.chain == chain and said in fault.said for fault in found.faults), found.faults

    def test_and_sealed_anew_is_found_by_key_and_by_the_heads_that_were_kept(
        self, trail: Written, tmp_path: Path
    ) -> None:
        trail.act("a", 3)
        seal_all(trail.database, KEY, NOON)
        path = tmp_path / "kept" / "heads.jsonl"
        with trail.database.read() as connection:
            assert write_heads(connection, path) == 1
        other = TrailKey(Ed25519PrivateKey.generate())
        with owner(trail.database) as connection:
            trail.chains["a"].head = rewrite(connection, "a", 2)
            for table in ("trail_head", "sealed_chain", "tree_group"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
        seal_all(trail.database, other, NOON)

        assert trail.verified((other.public,)).valid
        assert "another key" in trail.verified().faults[0].said
        with trail.database.read() as connection, pytest.raises(Conflict, match="Head 1 of the trail"):
            write_heads(connection, path)


class TestTheFileOfHeads:
    def test_has_each_head_once_whoever_writes(self, trail: Written, tmp_path: Path) -> None:
        path = tmp_path / "heads.jsonl"
        for _ in range(3):
            trail.act("a")
            seal_all(trail.database, KEY, NOON)
            with trail.database.read() as one, trail.database.read() as other:
                assert (write_heads(one, path), write_heads(other, path)) == (1, 0)

        with path.open("rb") as lines:
            assert list(read_heads(lines, path)) == heads(trail)

    def test_that_holds_something_else_is_not_added_to(self, trail: Written, tmp_path: Path) -> None:
        path = tmp_path / "heads.jsonl"
        path.write_text("surat biasa\n")
        with trail.database.read() as connection, pytest.raises(Invalid, match="Line 1 of"):
            write_heads(connection, path)


class TestTheTrail:
    @pytest.mark.parametrize("table", ["event", "trail_head"])
    @pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
    def test_is_append_only_by_the_database_itself(self, trail: Written, table: str, statement: str) -> None:
        if trail.database.is_sqlite and statement.startswith("TRUNCATE"):
            statement = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
        trail.act("a")
        seal_all(trail.database, KEY, NOON)
        with (
            trail.database.engine.connect() as connection,
            pytest.raises(sa.exc.DBAPIError, match="The trail is append-only"),
        ):
            connection.exec_driver_sql(statement.format(table))
        with trail.database.read() as connection:
            assert latest_head(connection) is not None
        assert trail.verified().valid
