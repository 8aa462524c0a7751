"""Deploying BPMN files: a new version for a new text, all or nothing, and every fault with its place."""

import httpx2 as httpx
import pytest

from app.core.shipped import shipped
from tests.drawings import END, START, chain, drawing, one_task, task
from tests.office import Json, Office, problem

SIX = sorted((shipped("bpmn")).glob("*.bpmn"))


def send(
    office: Office, *files: tuple[str, bytes], user: str = "analis", query: str = "", **data: str
) -> httpx.Response:
    sent = [("files", (name, content, "application/xml")) for name, content in files]
    return office.post(f"deployments{query}", user, files=sent, data=data)


def versions(office: Office, key: str = "a") -> list[int]:
    items = office.read("process-definitions", "analis", key=key)["items"]
    return [item["version"] for item in items]


class TestADeployment:
    def test_makes_version_1_of_a_new_process(self, office: Office) -> None:
        answer = send(office, ("a.bpmn", one_task("a")), name="Percobaan")

        assert answer.status_code == 201
        content = answer.json()
        assert content["name"] == "Percobaan"
        assert content["warnings"] == []
        (made,) = content["process_definitions"]
        assert (made["key"], made["version"], made["name"]) == ("a", 1, "Proses a")
        assert made["id"].startswith("a:1:")

    def test_of_the_same_text_as_the_latest_version_makes_none(self, office: Office) -> None:
        first = send(office, ("a.bpmn", one_task("a")))

        again = send(office, ("a.bpmn", one_task("a")))

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert versions(office) == [1]

    def test_of_another_text_makes_the_next_version(self, office: Office) -> None:
        send(office, ("a.bpmn", one_task("a")))

        answer = send(office, ("a.bpmn", one_task("a", name="Bekerja lebih baik")))

        assert answer.status_code == 201
        assert answer.json()["process_definitions"][0]["version"] == 2
        assert versions(office) == [2, 1]

    def test_of_an_older_text_makes_a_new_version_of_it(self, office: Office) -> None:
        for name in ("satu", "dua", "satu"):
            answer = send(office, ("a.bpmn", one_task("a", name=name)))
            assert answer.status_code == 201

        assert versions(office) == [3, 2, 1]
        assert send(office, ("a.bpmn", one_task("a", name="satu"))).status_code == 200

    def test_of_several_files_makes_versions_of_those_that_changed(self, office: Office) -> None:
        send(office, ("a.bpmn", one_task("a")), ("b.bpmn", one_task("b")))

        answer = send(office, ("a.bpmn", one_task("a")), ("b.bpmn", one_task("b", name="lain")))

        assert answer.status_code == 201
        made = {one["key"]: one["version"] for one in answer.json()["process_definitions"]}
        assert made == {"a": 1, "b": 2}

    def test_takes_fields_named_after_their_file(self, office: Office) -> None:
        files = {"a.bpmn": ("a.bpmn", one_task("a")), "b": ("b.bpmn", one_task("b"))}

        answer = office.post("deployments", "analis", files=files)

        assert answer.status_code == 201
        assert [one["key"] for one in answer.json()["process_definitions"]] == ["a", "b"]

    def test_of_the_six_sops_again_finds_them_unchanged(self, office: Office) -> None:
        answer = send(office, *((path.name, path.read_bytes()) for path in SIX))

        assert answer.status_code == 200
        assert {one["version"] for one in answer.json()["process_definitions"]} == {1}
        assert len(answer.json()["process_definitions"]) == 6

    def test_is_in_the_trail_of_its_unit(self, office: Office) -> None:
        from app.audit.models import event

        send(office, ("a.bpmn", one_task("a")))

        with office.database.read() as connection:
            rows = connection.execute(event.select().order_by(event.c.position))
            acts = [(row.type, row.actor) for row in rows if row.type.startswith("deployment.")]
        assert acts == [("deployment.created", "system"), ("deployment.created", "analis")]

    def test_leaves_running_instances_on_their_version(self, office: Office) -> None:
        send(office, ("a.bpmn", one_task("a", name="satu")))
        running = office.start("staf", "a", variables={})
        send(office, ("a.bpmn", one_task("a", name="dua")))

        fresh = office.start("staf", "a", variables={})

        assert (running["process_definition_version"], fresh["process_definition_version"]) == (1, 2)
        assert office.advance(running)["process_definition_version"] == 1
        assert fresh["open_tasks"][0]["name"] == "dua"


BAD_LANE = one_task("b", lane="Juru Selamat")
SCRIPT = drawing(
    "b",
    START
    + '<bpmn:scriptTask id="skrip" scriptFormat="python"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
    + task("kerja")
    + END
    + chain("mulai", "skrip", "kerja", "selesai"),
    lanes={"Staf": "mulai skrip kerja selesai"},
)
BAD_TIME = drawing(
    "b",
    START + task("kerja", nomor=1, waktu="3 hari") + END + chain("mulai", "kerja", "selesai"),
    lanes={"Staf": "mulai kerja selesai"},
)


class TestARefusedDeployment:
    @pytest.mark.parametrize(
        ("bad", "element"),
        [
            (BAD_LANE, "lane_0"),
            (SCRIPT, "skrip"),
            (BAD_TIME, "kerja"),
            (one_task("b", properties={"tanggal_efektif": "kemarin"}), "b"),
        ],
        ids=["lane", "script", "time", "date"],
    )
    def test_names_file_element_and_place_and_keeps_nothing(self, office: Office, bad: bytes, element: str) -> None:
        answer = send(office, ("a.bpmn", one_task("a")), ("buruk.bpmn", bad))

        error = problem(answer, 422, "deployment-refused")["errors"][0]
        assert (error["file"], error["element_id"], error["severity"]) == ("buruk.bpmn", element, "error")
        line = bad.decode().splitlines()[error["line"] - 1]
        assert f'id="{element}"' in line
        assert error["column"] >= 1
        for word in ("message", "message_en", "remedy", "remedy_en"):
            assert error[word]
        assert versions(office) == versions(office, "b") == []

    @pytest.mark.parametrize(
        "bad",
        [
            b"",
            b"tidak",
            b"<a>",
            b"\xff\xfe\x00",
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>",
            b"<a xmlns='urn:x'/>",
            b"x" * (6 * 1024 * 1024),
        ],
        ids=["empty", "text", "unclosed", "binary", "dtd", "other", "huge"],
    )
    def test_of_what_is_no_process_names_the_file(self, shared_office: Office, bad: bytes) -> None:
        answer = send(shared_office, ("buruk.bpmn", bad))

        assert problem(answer, 422, "deployment-refused")["errors"][0]["file"] == "buruk.bpmn"

    def test_lists_the_faults_of_every_file(self, shared_office: Office) -> None:
        answer = send(shared_office, ("satu.bpmn", BAD_LANE), ("dua.bpmn", SCRIPT))

        assert {error["file"] for error in problem(answer, 422)["errors"]} == {"satu.bpmn", "dua.bpmn"}

    def test_may_not_hold_a_process_twice(self, shared_office: Office) -> None:
        answer = send(shared_office, ("satu.bpmn", one_task("a")), ("dua.bpmn", one_task("a", name="lain")))

        (error,) = problem(answer, 422)["errors"]
        assert (error["code"], error["file"], error["line"]) == ("key-twice", "dua.bpmn", 4)

    def test_may_not_be_without_files(self, shared_office: Office) -> None:
        problem(send(shared_office, name="kosong"), 422)
        problem(shared_office.post("deployments", "analis", {"name": "x"}), 422)
        problem(shared_office.post("deployments", "analis"), 422)

    def test_may_not_have_too_many_files(self, shared_office: Office) -> None:
        for count in (51, 61):
            problem(send(shared_office, *((f"{n}.bpmn", b"") for n in range(count))), 422)

    @pytest.mark.parametrize("user", ["kepala_dinas", "sekretaris", "staf", "bappeda", "inspektorat"])
    def test_is_that_of_somebody_who_may_not(self, shared_office: Office, user: str) -> None:
        problem(send(shared_office, ("a.bpmn", one_task("a")), user=user), 403, "forbidden")
        problem(send(shared_office, ("a.bpmn", one_task("a")), user=user, query="?dry_run=true"), 403, "forbidden")

    def test_is_that_into_a_unit_that_is_not_ones_own(self, shared_office: Office) -> None:
        for name in ("disnaker", "tanjabbar"):
            answer = send(shared_office, ("a.bpmn", b"x"), unit=name)
            problem(answer, 422 if name == "disnaker" else 403)
        problem(send(shared_office, ("a.bpmn", one_task("a")), unit="nowhere"), 422)

    def test_is_that_of_broken_multipart(self, shared_office: Office) -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}

        problem(shared_office.post("deployments", "analis", content=b"--x\r\nbroken", headers=headers), 422)

    def test_is_that_of_a_name_that_cannot_be_kept(self, shared_office: Office) -> None:
        problem(send(shared_office, ("a.bpmn", one_task("a")), name="a\0b"), 422)


class TestADryRun:
    def test_says_what_would_be_found_and_keeps_nothing(self, office: Office) -> None:
        without_lane = drawing("a", START + task("kerja", nomor=1) + END + chain("mulai", "kerja", "selesai"))

        answer = send(office, ("a.bpmn", without_lane), query="?dry_run=true")

        assert answer.status_code == 200
        content: Json = answer.json()
        assert (content["id"], content["process_definitions"]) == (None, [])
        assert [(one["code"], one["element_id"]) for one in content["warnings"]] == [("task-without-lane", "kerja")]
        assert versions(office) == []

    def test_tells_of_each_file_what_it_would_change(self, office: Office) -> None:
        send(office, ("a.bpmn", one_task("a")))
        files = ("a.bpmn", one_task("a", name="Menyalin surat")), ("b.bpmn", one_task("b"))

        one, other = send(office, *files, query="?dry_run=true").json()["files"]

        assert (one["key"], one["unchanged"], one["process_definition_id"][:4]) == ("a", False, "a:1:")
        assert [change["cell"] for change in one["difference"]["rows"]] == ["name"]
        assert (other["process_definition_id"], other["difference"]) == (None, None)
        (same,) = send(office, ("a.bpmn", one_task("a")), query="?dry_run=true").json()["files"]
        assert same["unchanged"]

    def test_refuses_what_would_be_refused(self, shared_office: Office) -> None:
        problem(send(shared_office, ("a.bpmn", BAD_LANE), query="?dry_run=true"), 422, "deployment-refused")


class TestAnAdministrator:
    def test_deploys_into_the_pemda_for_every_office_below(self, office: Office) -> None:
        assert send(office, ("a.bpmn", one_task("a")), user="admin").status_code == 201

        assert office.read("process-definitions", "staf", key="a")["items"][0]["unit"] == "tanjabbar"
        assert office.start("staf", "a", variables={})["unit"] == "disnaker"
