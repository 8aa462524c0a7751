"""A copy of the database holds all of one moment, and becomes the same database again, of either kind."""

import itertools
import stat
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core import copies, migrations
from app.core.copies import CopyRefused
from app.core.database import Database, metadata
from tests.databases import Server, SqliteFiles, fill
from tests.office import SECRET, Clock, Json, Office, running_office

Rows = dict[str, list[tuple[Any, ...]]]
# The version of a unit's lists goes on elsewhere in a restored database.
SET_ANEW = {"unit_counter"}


def alur(url: str, *arguments: str | Path) -> Result:
    environment = {"ALUR_DATABASE_URL": url, "ALUR_SECRET_KEY": SECRET, "ALUR_ENVIRONMENT": "production"}
    return CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)


def back_up(url: str, path: Path) -> Path:
    result = alur(url, "backup", path)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return path


def rows_of(url: str) -> Rows:
    database = Database(url)
    with database.read() as connection:
        rows = {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    database.close()
    return rows


def new_database(server: Server) -> str:
    url = server.empty()
    migrations.upgrade(url)
    return url


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """A database that was migrated and never used."""
    url = new_database(server)
    yield url
    server.drop(url)


@pytest.fixture
def copy(url: str, tmp_path: Path) -> Path:
    """A copy of an office in which cases run."""
    with running_office(url, Clock()) as office:
        for steps in range(3):
            office.advance(office.start(), steps)
    return back_up(url, tmp_path / "copy.zip")


class TestACopy:
    def test_becomes_the_same_database_again(self, url: str, copy: Path, empty: str) -> None:
        restored = alur(empty, "restore", copy)

        assert restored.exit_code == 0, restored.output + repr(restored.exception)
        before, after = rows_of(url), rows_of(empty)
        assert {name for name in before if before[name] != after[name]} == SET_ANEW
        assert alur(empty, "audit", "verify").exit_code == 0

    def test_moves_from_sqlite_to_the_other_database_and_back(self, server: Server, empty: str, tmp_path: Path) -> None:
        files = SqliteFiles(tmp_path)
        url = files.empty()
        fill(url)
        with running_office(url, Clock()) as office:
            office.advance(office.start(), 2)
            office.start("sekretaris", "renja", title="Rencana é 🗎", variables={"tahun": 2027})

        assert alur(empty, "restore", back_up(url, tmp_path / "there.zip")).exit_code == 0
        back = new_database(files)
        assert alur(back, "restore", back_up(empty, tmp_path / "back.zip")).exit_code == 0

        first, there, again = rows_of(url), rows_of(empty), rows_of(back)
        assert {name for name in first if not first[name] == there[name] == again[name]} == SET_ANEW
        assert sum(len(rows) for rows in first.values()) > 100

    def test_holds_what_was_acknowledged_before_it_began_and_goes_on_to_the_end(
        self, url: str, empty: str, tmp_path: Path
    ) -> None:
        clock = Clock()
        with running_office(url, clock) as office:
            instances = [office.start() for _ in range(4)]
            acknowledged: list[str] = []
            stopping = threading.Event()

            def work() -> None:
                for at in itertools.cycle(range(len(instances))):
                    if stopping.is_set():
                        return
                    if instances[at]["open_tasks"]:
                        task = instances[at]["open_tasks"][0]
                        instances[at] = office.advance(instances[at])
                        acknowledged.append(task["id"])
                    else:
                        instances[at] = office.start()

            working = threading.Thread(target=work)
            working.start()
            while len(acknowledged) < 5:
                threading.Event().wait(0.01)
            before = list(acknowledged)
            path = back_up(url, tmp_path / "copy.zip")
            stopping.set()
            working.join()

        assert alur(empty, "restore", path).exit_code == 0

        with running_office(empty, clock) as restored:
            for task_id in before:
                assert restored.read(f"tasks/{task_id}", "inspektorat")["state"] == "completed"
            running = restored.read("process-instances", "inspektorat", status="active")["items"]
            assert running
            for one in running:
                assert _to_its_end(restored, restored.instance(one["id"]))["status"] == "completed"
        verified = alur(empty, "audit", "verify")
        assert (verified.exit_code, orjson.loads(verified.output)["broken"]) == (0, 0)

    def test_numbers_new_rows_behind_the_old_ones(self, copy: Path, empty: str) -> None:
        alur(empty, "restore", copy)
        highest = max(row[0] for row in rows_of(empty)["event"])

        with running_office(empty, Clock()) as office:
            office.start()

        assert max(row[0] for row in rows_of(empty)["event"]) > highest

    def test_makes_no_list_look_unchanged_to_who_saw_a_later_one(
        self, office: Office, empty: str, tmp_path: Path
    ) -> None:
        office.start()
        path = back_up(office.url, tmp_path / "copy.zip")
        office.start()
        seen = office.get("tasks", "kasubag_perencanaan").headers["etag"]

        assert alur(empty, "restore", path).exit_code == 0
        with running_office(empty, office.clock) as restored:
            restored.start()
            answer = restored.get("tasks", "kasubag_perencanaan", headers={"If-None-Match": seen})

        assert answer.status_code == 200

    def test_is_for_its_maker_alone_and_says_what_it_holds(self, url: str, copy: Path) -> None:
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with zipfile.ZipFile(copy) as archive:
            manifest = orjson.loads(archive.read("manifest.json"))
        assert manifest["revision"] == migrations.newest()
        assert manifest["tables"].keys() == metadata.tables.keys()
        assert manifest["tables"]["event"]["rows"] == len(rows_of(url)["event"])
        assert list(copy.parent.iterdir()) == [copy]


def _to_its_end(office: Office, instance: Json) -> Json:
    while instance["open_tasks"]:
        instance = office.advance(instance)
    return instance


class TestWhatIsRefused:
    def refusal(self, url: str, *arguments: str | Path) -> str:
        result = alur(url, *arguments)
        assert isinstance(result.exception, CopyRefused), result.output + repr(result.exception)
        return str(result.exception)

    def test_a_copy_in_the_place_of_another_file(self, url: str, tmp_path: Path) -> None:
        path = tmp_path / "there"
        path.write_text("kept")

        assert "never replaces" in self.refusal(url, "backup", path)
        assert path.read_text() == "kept"

    def test_a_database_that_holds_something(self, url: str, copy: Path) -> None:
        before = rows_of(url)

        assert "not empty" in self.refusal(url, "restore", copy)
        assert rows_of(url) == before

    def test_a_file_that_is_no_copy(self, empty: str, copy: Path, tmp_path: Path) -> None:
        text, other, cut = tmp_path / "text", tmp_path / "other.zip", tmp_path / "cut.zip"
        text.write_text("x" * 1000)
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("readme", "nothing")
        cut.write_bytes(copy.read_bytes()[:-500])

        for path in (text, other, cut):
            assert "no copy" in self.refusal(empty, "restore", path)

    def test_a_copy_of_another_revision(self, empty: str, copy: Path, tmp_path: Path) -> None:
        changed = _changed(copy, tmp_path, "manifest.json", b'"revision": "', b'"revision": "9')

        assert "Restore it with the version that made it" in self.refusal(empty, "restore", changed)

    def test_a_copy_that_was_changed(self, empty: str, copy: Path, tmp_path: Path) -> None:
        new = rows_of(empty)
        changed = _changed(copy, tmp_path, "tables/role.jsonl", b"kepala_dinas", b"kepala_dunia")

        assert "damaged: the rows of role" in self.refusal(empty, "restore", changed)
        assert rows_of(empty) == new

    def test_a_trail_that_is_broken(self, url: str, empty: str, tmp_path: Path) -> None:
        database = Database(url)
        with database.engine.begin() as connection:
            row = connection.execute(sa.text("SELECT id FROM unit WHERE chain_length > 0 LIMIT 1")).one()
            connection.execute(
                sa.text("UPDATE unit SET chain_length = chain_length + 1 WHERE id = :id"), {"id": row.id}
            )
        database.close()
        new = rows_of(empty)

        assert "The trail is broken in" in self.refusal(empty, "restore", back_up(url, tmp_path / "copy.zip"))
        assert rows_of(empty) == new

    def test_a_database_that_was_not_migrated(self, empty_url: str, copy: Path) -> None:
        result = alur(empty_url, "restore", copy)

        assert "Run: alur migrate" in str(result.exception)


def _changed(copy: Path, folder: Path, name: str, old: bytes, new: bytes) -> Path:
    """Return a copy of a copy in which one file of it says something else."""
    path = folder / "changed.zip"
    with zipfile.ZipFile(copy) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, content.replace(old, new) if member == name else content)
    return path


class TestEveryTable:
    def test_can_be_copied(self) -> None:
        readers = [copies._reader(column) for table in metadata.sorted_tables for column in table.columns]

        assert len(readers) > 150

    def test_comes_after_those_it_refers_to(self) -> None:
        order = [table.name for table in metadata.sorted_tables]
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                assert order.index(key.column.table.name) <= order.index(table.name)
