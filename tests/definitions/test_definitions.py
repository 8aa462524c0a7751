"""Process definitions: what they tell, which version is in force, and where they hold."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from app.core.shipped import shipped
from tests.bpmn.sop_walk import sops
from tests.drawings import one_task
from tests.office import Office, problem

FILES = {path.stem.replace("-", "_"): path for path in sorted(shipped("bpmn").glob("*.bpmn"))}


def definition_id(office: Office, key: str) -> str:
    (item,) = office.read("process-definitions", "staf", key=key, latest=True)["items"]
    found: str = item["id"]
    return found


class TestTheSixSops:
    def test_are_listed_by_key(self, shared_office: Office) -> None:
        items = shared_office.read("process-definitions", "staf", latest=True)["items"]

        assert [item["key"] for item in items] == sorted(sops())
        assert {item["key"]: item["activity_count"] for item in items} == {
            key: len(sop.rows) for key, sop in sops().items()
        }

    @pytest.mark.parametrize("key", sorted(FILES))
    def test_come_back_byte_for_byte(self, shared_office: Office, key: str) -> None:
        answer = shared_office.get(f"process-definitions/{definition_id(shared_office, key)}/xml", "staf")

        assert answer.content == FILES[key].read_bytes()
        assert answer.headers["content-type"].startswith("application/xml")

    @pytest.mark.parametrize("key", sorted(FILES))
    def test_tell_their_start_form_messages_and_roles(self, shared_office: Office, key: str) -> None:
        shown = shared_office.read(f"process-definitions/{definition_id(shared_office, key)}", "staf")

        sop = sops()[key]
        assert [field["id"] for field in shown["start_form"]["fields"]] == list(sop.start_variables)
        assert all(field["required"] for field in shown["start_form"]["fields"])
        assert shown["messages"] == [wait.message for wait in sop.waits.values()]
        assert {(role["key"], role["lane"]) for role in shown["roles"]} == {
            (role, lane) for role, lane in sop.lanes.items()
        }

    @pytest.mark.parametrize("key", sorted(FILES))
    def test_show_the_table_that_they_were_drawn_from(self, shared_office: Office, key: str) -> None:
        table = shared_office.read(f"process-definitions/{definition_id(shared_office, key)}/sop", "staf")

        rows = {row["activity_no"]: row for row in table["activities"]}
        sop = sops()[key]
        assert list(rows) == list(sop.rows)
        for number, row in sop.rows.items():
            shown = rows[number]
            assert (shown["name"], shown["lane"]) == (row.name, sop.lanes[row.role])
            assert (shown["role"], shown["standard_time"]) == (row.role, row.standard_time)
        assert [number for number, row in rows.items() if row["decision"]] == list(sop.decisions)


class TestTheVersionInForce:
    def deploy(self, office: Office, effective: str | None, name: str) -> None:
        properties = {"tanggal_efektif": effective} if effective else None
        assert office.deploy(a=one_task("a", name=name, properties=properties)).status_code == 201

    def version(self, office: Office) -> int:
        started: int = office.start("staf", "a", variables={})["process_definition_version"]
        return started

    def test_is_not_one_whose_day_is_still_to_come(self, office: Office) -> None:
        self.deploy(office, None, "satu")
        self.deploy(office, "2026-08-05", "dua")

        before = self.version(office)
        # The last moment of the fourth of August where the office is, which is behind midnight in no other zone.
        office.clock.moment = datetime.fromisoformat("2026-08-04T23:59:59+07:00")
        at_last = self.version(office)
        office.clock.advance(timedelta(seconds=1))

        assert (before, at_last, self.version(office)) == (1, 1, 2)

    def test_of_a_bare_month_begins_on_its_first_day(self, office: Office) -> None:
        self.deploy(office, None, "satu")
        self.deploy(office, "2026-09", "dua")
        office.clock.moment = datetime.fromisoformat("2026-08-31T23:59:59+07:00")

        before = self.version(office)
        office.clock.advance(timedelta(seconds=1))

        assert (before, self.version(office)) == (1, 2)

    def test_is_the_highest_that_has_begun(self, office: Office) -> None:
        self.deploy(office, "2026-01", "satu")
        self.deploy(office, "2025-01", "dua")

        assert self.version(office) == 2

    def test_is_none_before_the_first_has_begun(self, office: Office) -> None:
        self.deploy(office, "2027-01", "satu")

        answer = office.post("process-instances", "staf", {"process_definition_key": "a"})

        problem(answer, 422, "unknown-process-definition")

    def test_is_listed_with_its_day(self, office: Office) -> None:
        self.deploy(office, "2026-09", "satu")

        (item,) = office.read("process-definitions", "staf", key="a")["items"]

        assert item["effective_from"] == "2026-09-01"


class TestTheList:
    @pytest.mark.parametrize("latest", [True, False])
    def test_in_pages_is_the_whole(self, office: Office, latest: bool) -> None:
        for number in range(3):
            office.deploy(a=one_task("a", name=f"n{number}"), b=one_task("b", name=f"n{number}"))
        whole = office.read("process-definitions", "staf", latest=latest)["items"]
        assert len(whole) == (8 if latest else 12)

        walked, cursor = [], None
        while True:
            page = office.read(
                "process-definitions", "staf", latest=latest, limit=2, **({"cursor": cursor} if cursor else {})
            )
            walked += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert walked == whole
        assert whole == sorted(whole, key=lambda item: (item["key"], -item["version"]))

    def test_is_for_those_who_are_signed_in(self, shared_office: Office) -> None:
        problem(shared_office.get("process-definitions", None), 401, "not-signed-in")

    def test_addresses_a_definition_with_its_colons_as_they_are_or_encoded(self, shared_office: Office) -> None:
        found = definition_id(shared_office, "iku")

        plain = shared_office.read(f"process-definitions/{found}", "staf")

        assert shared_office.read(f"process-definitions/{quote(found, safe='')}", "staf") == plain


class TestWhatIsInForce:
    def test_is_one_version_of_each(self, office: Office) -> None:
        for name in ("Satu", "Dua"):
            office.deploy(a=one_task("a", name=name))
        coming = one_task("a", name="Tiga", properties={"tanggal_efektif": "2026-09-01"})
        office.deploy(a=coming)

        found = office.read("process-definitions", "staf", in_force=True, key="a")["items"]
        assert [one["version"] for one in found] == [2]

        office.clock.advance(timedelta(days=60))
        found = office.read("process-definitions", "staf", in_force=True, key="a")["items"]
        assert [one["version"] for one in found] == [3]

    def test_is_found_by_how_words_of_its_name_begin(self, office: Office) -> None:
        keys = [one["key"] for one in office.read("process-definitions", "staf", in_force=True, q="data KIN")["items"]]
        assert keys == ["pengumpulan_data_kinerja"]
        assert office.read("process-definitions", "staf", in_force=True, q="tidakada")["items"] == []


class TestTheVersions:
    def test_tell_who_deployed_them_and_what_runs_on_them(self, office: Office) -> None:
        ids = [
            office.deploy(a=one_task("a", name=name)).json()["process_definitions"][0]["id"] for name in ("Satu", "Dua")
        ]
        office.start("staf", process_definition_key=None, process_definition_id=ids[0], variables={})

        items = office.read(f"process-definitions/{ids[1]}/versions", "staf")["items"]

        assert [(one["version"], one["in_force"], one["running"]) for one in items] == [(2, True, 0), (1, False, 1)]
        assert {one["deployed_by"] for one in items} == {"analis"}

    def test_yet_to_come_are_told_apart(self, office: Office) -> None:
        office.deploy(a=one_task("a"))
        answer = office.deploy(a=one_task("a", properties={"tanggal_efektif": "2026-09-01"}))
        definition_id = answer.json()["process_definitions"][0]["id"]

        items = office.read(f"process-definitions/{definition_id}/versions", "staf")["items"]

        assert [(one["version"], one["in_force"], one["yet_to_come"]) for one in items] == [
            (2, False, True),
            (1, True, False),
        ]
        problem(office.get("process-definitions/nobody/versions", "staf"), 404, "not-found")
