"""The difference between two versions over HTTP, as data and as text."""

import pytest

from tests.drawings import one_task
from tests.office import Json, Office, problem


@pytest.fixture(scope="module")
def versions(shared_office: Office) -> list[str]:
    """The ids of three versions of a process, its row renamed each time."""
    found = []
    for name in ("Membaca surat", "Menyalin surat", "Menyimpan surat"):
        answer = shared_office.deploy(beda=one_task("beda", name=name))
        found.append(answer.json()["process_definitions"][0]["id"])
    return found


class TestWhoPerforms:
    """The difference knows the roles of the office as the gate does: names are aliases, and candidate groups count."""

    def rows(self, office: Office, *versions: bytes) -> list[Json]:
        ids = []
        for data in versions:
            answer = office.deploy(siapa=data)
            assert answer.status_code == 201, answer.text
            ids.append(answer.json()["process_definitions"][0]["id"])
        found = office.read(f"process-definitions/{ids[-1]}/difference", "staf", to=ids[-2])
        assert [one for one in found["roles"] if one["change"] != "changed"] == []
        return list(found["rows"])

    def grouped(self, group: str, lane: str = "Staf") -> bytes:
        return one_task("siapa", lane=lane).replace(
            b"<bpmn:userTask", f'<bpmn:userTask camunda:candidateGroups="{group}"'.encode()
        )

    def test_is_the_same_under_another_name_of_the_role(self, office: Office) -> None:
        assert self.rows(office, one_task("siapa", lane="Sekretaris Dinas"), one_task("siapa", lane="Sekdis")) == []

    def test_is_the_same_where_a_group_names_the_role_of_the_lane(self, office: Office) -> None:
        assert self.rows(office, one_task("siapa", lane="Sekdis"), self.grouped("sekretaris", "Sekdis")) == []

    def test_is_another_where_a_lane_is_of_another_role(self, office: Office) -> None:
        (change,) = self.rows(office, one_task("siapa", lane="Sekdis"), one_task("siapa", lane="Staf"))

        assert (change["cell"], change["before"]["lane"], change["after"]["lane"]) == ("role", "Sekdis", "Staf")

    @pytest.mark.parametrize("before", ["", "kepala_dinas"])
    def test_is_another_where_the_group_is(self, office: Office, before: str) -> None:
        old = self.grouped(before) if before else one_task("siapa")

        (change,) = self.rows(office, old, self.grouped("sekretaris"))

        lanes = change["before"]["lane"], change["after"]["lane"]
        assert (change["cell"], *lanes) == ("role", before or "Staf", "sekretaris")


class TestADifference:
    def test_is_that_to_the_version_before(self, shared_office: Office, versions: list[str]) -> None:
        found = shared_office.read(f"process-definitions/{versions[1]}/difference", "staf")

        (change,) = found["rows"]
        assert (change["cell"], change["before"], change["after"]) == ("name", "Membaca surat", "Menyalin surat")
        assert found["summary"]["rows_changed"] == 1

    @pytest.mark.parametrize(("one", "other"), [(0, 2), (2, 0)])
    def test_between_any_two_begins_with_the_older(
        self, shared_office: Office, versions: list[str], one: int, other: int
    ) -> None:
        found = shared_office.read(f"process-definitions/{versions[one]}/difference", "staf", to=versions[other])

        (change,) = found["rows"]
        assert (change["before"], change["after"]) == ("Membaca surat", "Menyimpan surat")

    def test_of_a_version_to_itself_is_none(self, shared_office: Office, versions: list[str]) -> None:
        found = shared_office.read(f"process-definitions/{versions[1]}/difference", "staf", to=versions[1])

        assert found["summary"]["different"] is False

    def test_of_the_first_version_needs_another_one(self, shared_office: Office, versions: list[str]) -> None:
        answer = shared_office.get(f"process-definitions/{versions[0]}/difference", "staf")

        assert "?to=" in problem(answer, 404, "not-found")["detail"]

    @pytest.mark.parametrize(
        ("asked", "accept"), [("?format=text", None), ("", "text/plain"), ("", "text/html, text/plain;q=0.5")]
    )
    def test_is_told_in_indonesian(
        self, shared_office: Office, versions: list[str], asked: str, accept: str | None
    ) -> None:
        headers = {"Accept": accept} if accept else {}
        answer = shared_office.get(f"process-definitions/{versions[1]}/difference{asked}", "staf", headers=headers)

        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "'Membaca surat' menjadi 'Menyalin surat'" in answer.text

    def test_is_told_in_english_where_that_is_asked_for(self, shared_office: Office, versions: list[str]) -> None:
        path = f"process-definitions/{versions[1]}/difference?format=text&language=en"

        assert "from 'Membaca surat' to 'Menyalin surat'" in shared_office.get(path, "staf").text

    @pytest.mark.parametrize(
        ("asked", "accept"),
        [("?format=json", "text/plain"), ("", "*/*"), ("", "application/json, text/plain"), ("?language=en", "")],
    )
    def test_is_data_unless_text_is_asked_for(
        self, shared_office: Office, versions: list[str], asked: str, accept: str
    ) -> None:
        path = f"process-definitions/{versions[1]}/difference{asked}"

        assert shared_office.get(path, "staf", headers={"Accept": accept}).json()["summary"]["different"] is True

    @pytest.mark.parametrize("asked", ["?format=pdf", "?language=fr", "?dari=x"])
    def test_is_asked_for_in_known_words(self, shared_office: Office, versions: list[str], asked: str) -> None:
        problem(shared_office.get(f"process-definitions/{versions[1]}/difference{asked}", "staf"), 422, "invalid")

    def test_is_for_who_sees_both(self, shared_office: Office, versions: list[str]) -> None:
        shared_office.hire("orang_luar")

        problem(shared_office.get(f"process-definitions/{versions[1]}/difference", "orang_luar"), 404)
        problem(shared_office.get(f"process-definitions/{versions[1]}/difference?to=beda:9:x", "staf"), 404)
