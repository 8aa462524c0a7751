"""The gate follows calls: into the other files of a deployment, and into what is in force."""

from pathlib import Path
from threading import Thread
from typing import Any

import httpx2 as httpx
import pytest

from app.definitions import callers, commands, listing
from app.definitions.setup import shipped_sops
from app.identity.first_office import OFFICE, first_office
from tests.drawings import END, START, chain, drawing, flow, one_task, task
from tests.office import MONDAY, Json, Office, problem

SHARED = '<bpmn:extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></bpmn:extensionElements>'


def call(called: str) -> str:
    return f'<bpmn:callActivity id="panggil" name="Memanggil" calledElement="{called}">{SHARED}</bpmn:callActivity>\n'


def calling(key: str, called: str, lane: str = "Staf") -> bytes:
    """A process that calls another one, then goes on with a task."""
    body = START + call(called) + task("akhir", nomor=1) + END + chain("mulai", "panggil", "akhir", "selesai")
    return drawing(key, body, lanes={lane: "mulai panggil akhir selesai"})


def repeating(key: str, called: str) -> bytes:
    """A process that repeats a call, and nothing else, until it is well."""
    body = (
        START
        + '<bpmn:exclusiveGateway id="ulang"/>\n<bpmn:exclusiveGateway id="cukup" default="cukup_selesai"/>\n'
        + call(called)
        + END
        + chain("mulai", "ulang", "panggil", "cukup", "selesai")
        + flow("cukup", "ulang", "${kurang == true}")
    )
    return drawing(key, body)


def passing(key: str) -> bytes:
    """A process in which nothing waits."""
    return drawing(key, START + END + chain("mulai", "selesai"))


def failing(key: str, code: str) -> bytes:
    """A process that ends by an error."""
    body = (
        START
        + task("periksa", nomor=1)
        + f'<bpmn:endEvent id="galat"><bpmn:errorEventDefinition errorRef="{code}"/></bpmn:endEvent>\n'
        + chain("mulai", "periksa", "galat")
    )
    lanes = {"Staf": "mulai periksa galat"}
    return drawing(key, body, lanes=lanes, before=f'<bpmn:error id="{code}" name="{code}" errorCode="{code}"/>\n')


def catching(key: str, called: str, code: str) -> bytes:
    """A process that calls another one and goes on where that ends by an error."""
    body = (
        START
        + call(called)
        + '<bpmn:boundaryEvent id="gagal" attachedToRef="panggil">'
        + f'<bpmn:errorEventDefinition errorRef="{code}"/></bpmn:boundaryEvent>\n'
        + task("akhir", nomor=1)
        + END
        + chain("mulai", "panggil", "selesai")
        + flow("gagal", "akhir")
        + '<bpmn:endEvent id="selesai2"/>\n'
        + flow("akhir", "selesai2")
    )
    lanes = {"Staf": "mulai panggil gagal akhir selesai selesai2"}
    return drawing(key, body, lanes=lanes, before=f'<bpmn:error id="{code}" name="{code}" errorCode="{code}"/>\n')


def tower(height: int) -> dict[str, bytes]:
    """Processes that call each other in a row, `height` calls in all."""
    files = {f"lantai{n}": calling(f"lantai{n}", f"lantai{n + 1}") for n in range(height)}
    return {**files, f"lantai{height}": one_task(f"lantai{height}")}


def errors_of(office: Office, **files: bytes) -> list[Json]:
    """Return the errors for which files are refused, in a dry run and in a deployment alike."""
    sent = [("files", (f"{name}.bpmn", data, "application/xml")) for name, data in files.items()]
    dry = problem(office.post("deployments?dry_run=true", "analis", files=sent), 422, "deployment-refused")["errors"]
    found = problem(office.deploy("analis", **files), 422, "deployment-refused")["errors"]
    assert dry == found
    return [error for error in found if error["severity"] == "error"]


def told(errors: list[Json]) -> list[tuple[str, str, str]]:
    return [(error["file"], error["code"], error["element_id"]) for error in errors]


class TestACircle:
    def test_of_a_process_that_calls_itself_is_refused_at_the_call(self, office: Office) -> None:
        data = calling("satu", "satu")

        (error,) = errors_of(office, satu=data)

        assert told([error]) == [("satu.bpmn", "call-cycle", "panggil")]
        line = data.decode().splitlines()[error["line"] - 1]
        assert line[error["column"] - 1 :].startswith('<bpmn:callActivity id="panggil"')
        assert "satu → satu" in error["message"]
        assert "satu → satu" in error["message_en"]
        assert "gateway" in error["remedy"]
        assert "gateway" in error["remedy_en"]

    def test_of_two_files_is_refused_in_both(self, office: Office) -> None:
        found = errors_of(office, satu=calling("satu", "dua"), dua=calling("dua", "satu"))

        assert told(found) == [("satu.bpmn", "call-cycle", "panggil"), ("dua.bpmn", "call-cycle", "panggil")]

    def test_is_refused_with_the_file_that_closes_it(self, office: Office) -> None:
        assert office.deploy(satu=calling("satu", "dua")).status_code == 201
        assert told(errors_of(office, dua=calling("dua", "satu"))) == [("dua.bpmn", "call-cycle", "panggil")]

        assert office.deploy(dua=one_task("dua")).status_code == 201

    def test_is_told_beside_the_other_faults_of_a_file(self, office: Office) -> None:
        found = errors_of(office, satu=calling("satu", "satu", lane="Raja"))

        assert {code for _, code, _ in told(found)} == {"call-cycle", "unknown-lane"}

    def test_that_the_new_version_no_longer_closes_is_none(self, office: Office) -> None:
        assert office.deploy(satu=calling("satu", "dua"), dua=one_task("dua")).status_code == 201

        answer = office.deploy(satu=one_task("satu"), dua=calling("dua", "satu"))

        assert answer.status_code == 201


class TestDepth:
    def test_of_ten_calls_is_taken_and_of_eleven_refused(self, office: Office) -> None:
        assert office.deploy("analis", **tower(10)).status_code == 201

        found = errors_of(office, atap=calling("atap", "lantai0"))

        assert told(found) == [("atap.bpmn", "call-too-deep", "panggil")]

    def test_is_counted_in_one_deployment(self, office: Office) -> None:
        assert told(errors_of(office, **tower(11))) == [("lantai0.bpmn", "call-too-deep", "panggil")]


class TestACycle:
    def test_whose_only_wait_is_a_call_that_does_not_wait_is_refused(self, office: Office) -> None:
        found = errors_of(office, induk=repeating("induk", "anak"), anak=passing("anak"))

        assert told(found) == [("induk.bpmn", "endless-cycle", "panggil")]

    def test_through_a_version_in_force_is_judged_by_that_version(self, office: Office) -> None:
        assert office.deploy(anak=passing("anak")).status_code == 201
        assert told(errors_of(office, induk=repeating("induk", "anak"))) == [("induk.bpmn", "endless-cycle", "panggil")]

        assert office.deploy(induk=repeating("induk", "anak"), anak=one_task("anak")).status_code == 201


class TestACallerInForce:
    def test_whose_cycle_would_no_longer_wait_refuses_the_new_version(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak"), induk=repeating("induk", "anak")).status_code == 201

        (error,) = errors_of(office, anak=passing("anak"))

        assert told([error]) == [("anak.bpmn", "breaks-caller", "anak")]
        assert error["line"] is not None
        for text in (error["message"], error["message_en"], error["remedy"], error["remedy_en"]):
            assert "'induk'" in text

    def test_is_found_through_another_caller(self, office: Office) -> None:
        assert office.deploy("analis", **tower(10)).status_code == 201

        (error,) = errors_of(office, lantai10=calling("lantai10", "dasar"), dasar=one_task("dasar"))

        assert told([error]) == [("lantai10.bpmn", "breaks-caller", "lantai10")]
        assert "'lantai0'" in error["message"]

    def test_in_the_same_deployment_is_checked_as_it_is_sent(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak"), induk=repeating("induk", "anak")).status_code == 201

        answer = office.deploy(anak=passing("anak"), induk=calling("induk", "anak"))

        assert (answer.status_code, answer.json()["warnings"]) == (201, [])

    def test_that_came_before_what_it_calls_is_checked_with_it(self, office: Office) -> None:
        assert office.deploy(induk=repeating("induk", "anak")).status_code == 201

        assert told(errors_of(office, anak=passing("anak"))) == [("anak.bpmn", "breaks-caller", "anak")]
        assert office.deploy(anak=one_task("anak")).status_code == 201

    def test_that_no_longer_calls_it_is_not_asked(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak"), induk=repeating("induk", "anak")).status_code == 201
        assert office.deploy(induk=one_task("induk")).status_code == 201

        assert office.deploy(anak=passing("anak")).status_code == 201

    def test_that_catches_another_error_than_the_new_version_throws_is_in_the_way(self, office: Office) -> None:
        assert office.deploy(anak=failing("anak", "X1"), induk=catching("induk", "anak", "X1")).status_code == 201

        assert told(errors_of(office, anak=failing("anak", "X2"))) == [("anak.bpmn", "breaks-caller", "anak")]

        assert office.deploy(anak=failing("anak", "X2"), induk=catching("induk", "anak", "X2")).status_code == 201


class TestAVersionThatTakesEffectLater:
    def passing_from(self, key: str, day: str) -> bytes:
        return drawing(key, START + END + chain("mulai", "selesai"), properties={"tanggal_efektif": day})

    def test_is_in_the_way_of_a_caller_that_could_not_be_started_on_that_day(self, office: Office) -> None:
        assert office.deploy(b=one_task("b")).status_code == 201
        assert office.deploy(b=self.passing_from("b", "2026-12-01")).status_code == 201

        told = problem(office.deploy(a=repeating("a", "b")), 422)["errors"]

        (error,) = [one for one in told if one["severity"] == "error"]
        assert error["code"] == "endless-cycle"
        assert "2026-12-01" in error["message"]
        assert "2026-12-01" in error["message_en"]

    def test_is_not_in_the_way_where_a_later_one_waits_before_the_caller_begins(self, office: Office) -> None:
        assert office.deploy(b=one_task("b")).status_code == 201
        assert office.deploy(b=self.passing_from("b", "2026-12-01")).status_code == 201
        assert office.deploy(b=one_task("b", properties={"tanggal_efektif": "2026-12-15"})).status_code == 201
        caller = repeating("a", "b").decode()
        begins = (
            "<bpmn:extensionElements><camunda:properties>"
            '<camunda:property name="tanggal_efektif" value="2027-01-01"/>'
            "</camunda:properties></bpmn:extensionElements>"
        )

        answer = office.deploy(a=caller.replace("<bpmn:startEvent", begins + "<bpmn:startEvent", 1).encode())

        assert answer.status_code == 201, answer.text


class TestWhatACallHandsOver:
    def asking(self, key: str) -> bytes:
        """A process that decides by what its start form asks for."""
        field = '<camunda:formField id="jumlah" type="long">'
        required = '<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>'
        form = (
            f"<bpmn:extensionElements><camunda:formData>{field}{required}</camunda:formData></bpmn:extensionElements>"
        )
        body = (
            f'<bpmn:startEvent id="mulai">{form}</bpmn:startEvent>\n'
            + '<bpmn:exclusiveGateway id="pilih" default="pilih_selesai"/>\n'
            + task("hitung", nomor=1)
            + END
            + chain("mulai", "pilih", "selesai")
            + flow("pilih", "hitung", "${jumlah > 3}")
            + chain("hitung", "selesai")
        )
        return drawing(key, body, lanes={"Staf": "mulai pilih hitung selesai"})

    def starting(self, key: str, called: str) -> bytes:
        """A caller whose start form asks for something else."""
        form = '<camunda:formData><camunda:formField id="perihal" type="string"/></camunda:formData>'
        start = START.replace("/>", f"><bpmn:extensionElements>{form}</bpmn:extensionElements></bpmn:startEvent>", 1)
        return calling(key, called).replace(START.strip().encode(), start.strip().encode())

    def test_is_refused_at_the_call_without_what_the_start_form_would_have_given(self, office: Office) -> None:
        errors = errors_of(office, induk=self.starting("induk", "anak"), anak=self.asking("anak"))

        assert told(errors) == [("induk.bpmn", "variable-never-set", "panggil")]
        assert "'jumlah'" in errors[0]["message"]

    def test_is_refused_with_the_version_that_begins_to_ask(self, office: Office) -> None:
        assert office.deploy("analis", anak=one_task("anak")).status_code == 201
        assert office.deploy("analis", induk=self.starting("induk", "anak")).status_code == 201

        assert told(errors_of(office, anak=self.asking("anak"))) == [("anak.bpmn", "breaks-caller", "anak")]


class TestACallerInAUnitBelow:
    def deploy_above(self, office: Office, **files: bytes) -> httpx.Response:
        sent = [("files", (f"{name}.bpmn", data, "application/xml")) for name, data in files.items()]
        return office.post("deployments", "admin", files=sent, data={"unit": "tanjabbar"})

    def test_is_checked_with_what_it_calls_from_above(self, office: Office) -> None:
        assert self.deploy_above(office, anak=one_task("anak")).status_code == 201
        assert office.deploy(induk=repeating("induk", "anak")).status_code == 201

        errors = problem(self.deploy_above(office, anak=passing("anak")), 422, "deployment-refused")["errors"]

        assert told(errors) == [("anak.bpmn", "breaks-caller", "anak")]

    def test_goes_on_calling_the_version_of_its_own_unit(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak"), induk=repeating("induk", "anak")).status_code == 201

        assert self.deploy_above(office, anak=passing("anak")).status_code == 201


class TestAMissingProcess:
    def test_is_a_warning_at_the_call(self, office: Office) -> None:
        answer = office.deploy(induk=calling("induk", "nanti"))

        assert answer.status_code == 201
        (warning,) = answer.json()["warnings"]
        assert (warning["severity"], warning["code"], warning["element_id"]) == ("warning", "call-missing", "panggil")
        assert "'nanti'" in warning["message"]
        assert "'nanti'" in warning["message_en"]

    def test_is_none_when_it_is_sent_along_or_in_force(self, office: Office) -> None:
        first = office.deploy(induk=calling("induk", "anak"), anak=one_task("anak"))
        second = office.deploy(lain=calling("lain", "anak"))

        assert (first.json()["warnings"], second.json()["warnings"]) == ([], [])

    def test_hides_no_other_fault(self, office: Office) -> None:
        body = (
            START
            + call("nanti").replace('"panggil"', '"belum"')
            + call("satu")
            + END
            + chain("mulai", "belum", "panggil", "selesai")
        )

        assert told(errors_of(office, satu=drawing("satu", body))) == [("satu.bpmn", "call-cycle", "panggil")]


class TestLintOfFiles:
    def test_follows_calls_into_the_other_files_only(self, tmp_path: Path) -> None:
        known = first_office(shipped_sops().values())
        files = {"satu": calling("satu", "dua"), "dua": calling("dua", "satu"), "tiga": calling("tiga", "nanti")}
        for name, data in files.items():
            (tmp_path / f"{name}.bpmn").write_bytes(data)

        linted = listing.lint(
            [tmp_path / f"{name}.bpmn" for name in files],
            office=known,
            unit_id=known.unit_keys[OFFICE].id,
            knows_roles=True,
            now=MONDAY,
        )

        assert [[one.code for one in found] for _, found in linted] == [["call-cycle"], ["call-cycle"], []]


class TestTwoDeploymentsAtATime:
    def test_close_no_circle_of_calls_together(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second comes when the first has been checked and is not yet kept: it has to wait for it."""
        check, codes = callers.check_callers, list[int]()
        second = Thread(
            target=lambda: codes.append(office.deploy("analis", balas=calling("balas", "kirim")).status_code)
        )

        def check_and_linger(*given: Any) -> Any:
            checked = check(*given)
            if second.ident is None:
                second.start()
                second.join(0.5)
            return checked

        monkeypatch.setattr(commands, "check_callers", check_and_linger)

        first = office.deploy("analis", kirim=calling("kirim", "balas")).status_code
        second.join()

        assert [first, *codes] == [201, 422]
