"""The trail over many instances: what one sees of it, what narrows it, and a chain that leaves the house."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import SecretStr

from app.audit.checking import NoExport, check_export
from app.audit.keys import trail_key_of
from app.audit.sealing import seal_all
from app.core.settings import Settings
from app.reports import trail
from app.reports.schemas import HeadOut
from tests.drawings import one_task
from tests.office import TRAIL_KEY, Json, Office, problem
from tests.reports.histories import live


@pytest.fixture(scope="module")
def past(shared_office: Office) -> tuple[Office, list[str]]:
    return shared_office, live(shared_office, seed=11, cases=6, acts=25)


def walk(office: Office, user: str, **asked: str | int) -> list[Json]:
    found: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = office.read("audit", user, **asked, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


class TestTheTrail:
    def test_holds_every_act_of_what_one_sees(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        found = [one for one in walk(office, "sekretaris", limit=7) if one["process_instance_id"] is not None]
        assert [one["position"] for one in found] == sorted((one["position"] for one in found), reverse=True)
        for one in ids:
            chain = office.read(f"process-instances/{one}/audit", "sekretaris", limit=200)["items"]
            mine = [act for act in reversed(found) if act["process_instance_id"] == one]
            assert [{name: act[name] for name in chain[0]} for act in mine] == chain

    def test_is_narrowed(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        whole = walk(office, "inspektorat", limit=200)
        moments = sorted({act["at"] for act in whole})
        middle = moments[len(moments) // 2]
        narrowed: tuple[tuple[dict[str, str], Callable[[Json], bool]], ...] = (
            ({"process_instance_id": ids[0]}, lambda act: act["process_instance_id"] == ids[0]),
            ({"actor": "sekretaris"}, lambda act: act["actor"] == "sekretaris"),
            ({"type": "process_instance.started"}, lambda act: act["type"] == "process_instance.started"),
            ({"type": "task."}, lambda act: act["type"].startswith("task.")),
            ({"from": middle}, lambda act: act["at"] >= middle),
            ({"to": middle}, lambda act: act["at"] < middle),
            ({"q": "berk 3"}, lambda act: act["instance_title"] == "Berkas 3"),
            ({"q": "k-2"}, lambda act: act["business_key"] == "K-2"),
        )
        for asked, fits in narrowed:
            expected = [act for act in whole if fits(act)]
            assert walk(office, "inspektorat", limit=5, **asked) == expected, asked
            assert expected, asked

    def test_shows_the_acts_of_a_unit_to_who_watches_it(self, office: Office) -> None:
        office.deploy(a=one_task("a"))
        for user, sees in (("inspektorat", True), ("admin", True), ("sekretaris", False), ("analis", False)):
            kinds = {one["type"] for one in walk(office, user)}
            assert ("deployment.created" in kinds) == sees, user

    def test_is_looked_through_in_bounded_pieces(
        self, past: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office, _ = past
        whole = walk(office, "inspektorat", actor="sekretaris", limit=200)
        monkeypatch.setattr(trail, "LOOKED_AT", 3)
        assert walk(office, "inspektorat", actor="sekretaris", limit=2) == whole
        page = office.read("audit", "analis", limit=2)
        assert page["items"] == []
        assert page["next_cursor"] is not None

    def test_names_what_is_no_id(self, shared_office: Office) -> None:
        problem(shared_office.get("audit?process_instance_id=x", "staf"), 404, "not-found")


class TestAnExport:
    def test_is_verified_without_a_database(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        answer = office.get(f"process-instances/{ids[0]}/audit/export", "sekretaris")
        verdict = check_export(answer.content.splitlines())
        told = office.read(f"process-instances/{ids[0]}/audit/verify", "sekretaris")
        assert (verdict.events, verdict.head) == (told["events"], told["head"])
        assert verdict.valid

    @pytest.mark.parametrize("lines", [[], [b""], [b"[]"], [b"{}"], [b'{"trail":1,"chains":1,"acts":"x","seal":null}']])
    def test_of_something_else_is_refused(self, lines: list[bytes]) -> None:
        with pytest.raises(NoExport, match="Line"):
            check_export(lines)

    def test_is_for_who_sees_the_instance(self, office: Office) -> None:
        instance = office.start()
        office.clock.advance(timedelta(minutes=1))
        problem(office.get(f"process-instances/{instance['id']}/audit/export", "analis"), 404, "not-found")


class TestTheHeads:
    def test_are_for_auditors_in_pages(self, office: Office) -> None:
        key = trail_key_of(Settings(environment="demo", trail_key=SecretStr(TRAIL_KEY)))
        for _ in range(3):
            office.start()
            seal_all(office.database, key, office.clock.now())

        problem(office.get("audit/heads", "sekretaris"), 403, "forbidden")
        first = office.read("audit/heads", "inspektorat", limit=2)
        second = office.read("audit/heads", "inspektorat", limit=2, cursor=first["next_cursor"])

        shown = [*first["items"], *second["items"]]
        assert [head["number"] for head in shown] == [3, 2, 1]
        assert shown[0].keys() == HeadOut.model_fields.keys()
        assert [head["previous"] for head in shown] == [*(head["hash"] for head in shown[1:]), "00" * 32]
        assert second["next_cursor"] is None

    def test_are_checked_by_what_the_document_says(self, office: Office) -> None:
        key = trail_key_of(Settings(environment="demo", trail_key=SecretStr(TRAIL_KEY)))
        seal_all(office.database, key, office.clock.now())
        (head,) = office.read("audit/heads", "inspektorat")["items"]

        digest, signature = head.pop("hash"), bytes.fromhex(head.pop("signature"))
        said = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()

        assert hashlib.sha256(said).hexdigest() == digest
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
        public.verify(signature, b"alur trail head 1\n" + said)

    def test_come_with_the_export_of_a_case_and_prove_what_they_cover(self, office: Office) -> None:
        key = trail_key_of(Settings(environment="demo", trail_key=SecretStr(TRAIL_KEY)))
        assert key is not None
        instance = office.advance(office.start(), 2)
        seal_all(office.database, key, office.clock.now())
        office.advance(instance, 1)
        lines = office.get(f"process-instances/{instance['id']}/audit/export", "sekretaris").content.splitlines()

        found = check_export(lines, {key.public})

        assert (found.valid, found.trusted, found.events, found.unsealed) == (True, True, 4, 1)
        assert not check_export([*lines[:3], lines[3].replace(b"0", b"1", 1), *lines[4:]], {key.public}).valid
