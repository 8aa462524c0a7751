"""The commands of the trail, as an administrator and an auditor type them."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.models import event
from tests.audit.owner import owner
from tests.cli.test_commands import Alur
from tests.office import TRAIL_KEY, Clock, Json, running_office


@pytest.fixture
def alur(url: str, tmp_path: Path) -> Alur:
    return Alur(url, data_dir=tmp_path)


class TestVerifyingTheTrail:
    def test_says_that_it_is_whole(self, alur: Alur, url: str) -> None:
        before = json.loads(alur("audit", "verify").stdout)
        with running_office(url, Clock()) as office:
            office.advance(office.start(), 3)

        result = alur("audit", "verify")

        assert result.exit_code == 0
        events = before["events"] + 4
        whole = {"valid": True, "chains": before["chains"] + 1, "events": events, "broken": 0}
        assert json.loads(result.stdout) == {**whole, "heads": 0, "unsealed": events, "unsigned": 0}

    def test_says_where_it_is_not(self, alur: Alur, url: str) -> None:
        with running_office(url, Clock()) as office:
            instance = office.advance(office.start(), 3)
            with owner(office.database) as connection:
                connection.execute(
                    sa.update(event)
                    .where(event.c.chain_id == instance["id"], event.c.sequence == 2)
                    .values(actor="staf")
                )

        result = alur("audit", "verify")

        assert result.exit_code == 1
        assert json.loads(result.stdout)["broken"] == 1
        assert instance["id"] in result.stderr


class TestCheckingAnExportedTrail:
    def test_needs_no_database(self, alur: Alur, url: str, tmp_path: Path) -> None:
        path = tmp_path / "jejak.jsonl"
        with running_office(url, Clock()) as office:
            instance = office.advance(office.start(), 3)
            path.write_bytes(office.get(f"process-instances/{instance['id']}/audit/export", "sekretaris").content)

        assert json.loads(alur("audit", "check", str(path)).stdout)["valid"] is True
        path.write_bytes(path.read_bytes().replace(b"sekretaris", b"kasubag"))
        broken = alur("audit", "check", str(path))
        assert (broken.exit_code, json.loads(broken.stdout)["valid"]) == (1, False)
        path.write_text("surat biasa")
        other = alur("audit", "check", str(path))
        assert (other.exit_code, "Line 1 is not one of an exported trail" in other.stderr) == (2, True)


class TestSealingTheTrail:
    @pytest.fixture
    def sealed(self, alur: Alur, url: str) -> Json:
        """A head that is signed; the case that it covers goes on afterwards."""
        alur.environment["ALUR_TRAIL_KEY"] = TRAIL_KEY
        with running_office(url, Clock()) as office:
            office.advance(office.start(), 3)
        result = alur("audit", "seal")
        assert result.exit_code == 0, result.output
        head: Json = json.loads(result.stdout)
        return head

    def test_adds_a_signed_head_and_writes_it_out(self, alur: Alur, sealed: Json, tmp_path: Path) -> None:
        key = alur("audit", "key").stdout
        found = json.loads(alur("audit", "verify").stdout)

        assert key.startswith("-----BEGIN PUBLIC KEY-----")
        assert key.splitlines()[-1] == sealed["key"]
        assert (found["valid"], found["heads"], found["unsealed"], found["unsigned"]) == (True, 1, 0, 0)
        kept = json.loads((tmp_path / "trail-heads.jsonl").read_text())
        assert {**kept, "hash": sealed["hash"]} == sealed
        assert "Nothing was done" in alur("audit", "seal").stderr

    def test_without_a_key_says_that_heads_are_unsigned(self, alur: Alur) -> None:
        for arguments in (("seal",), ("verify",)):
            result = alur("audit", *arguments)
            assert (result.exit_code, "ALUR_TRAIL_KEY is not set" in result.stderr) == (0, True), result.output
        assert "ALUR_TRAIL_KEY is not set" in str(alur("audit", "key").exception)

    def test_finds_heads_that_were_kept_and_are_no_longer_there(self, alur: Alur, sealed: Json, tmp_path: Path) -> None:
        kept = tmp_path / "kept.jsonl"
        del sealed["hash"]
        kept.write_text(json.dumps({**sealed, "acts": 1}) + "\n")

        result = alur("audit", "verify", "--heads", kept)

        assert (result.exit_code, "head 1 was noted" in result.stderr) == (1, True), result.output

    def test_is_done_before_an_export_of_everything(self, alur: Alur, sealed: Json, url: str, tmp_path: Path) -> None:
        with running_office(url, Clock()) as office:
            instance = office.advance(office.start(), 2)
        path, public = tmp_path / "jejak.jsonl", sealed["key"]

        assert alur("audit", "export", "--output", path).exit_code == 0
        whole = json.loads(alur("audit", "check", path, "--key", public).stdout)
        assert alur("audit", "export", instance["id"], "-o", path).exit_code == 0
        part = json.loads(alur("audit", "check", path, "--key", public).stdout)
        path.write_bytes(path.read_bytes().replace(b"task.completed", b"task.cancelled", 1))
        broken = alur("audit", "check", path, "--key", public)
        unknown = alur("audit", "export", "tiada", "-o", path)

        assert (whole["valid"], whole["trusted"], whole["unsealed"]) == (True, True, 0)
        assert whole["chains"] == whole["of"]
        assert (part["valid"], part["chains"], part["events"], part["of"]) == (True, 1, 3, whole["of"])
        assert (broken.exit_code, json.loads(broken.stdout)["faults"][0]["act"]) == (1, 2)
        assert f":4: {instance['id']}: act 2 does not follow" in broken.stderr
        assert "no chain 'tiada'" in str(unknown.exception)
