"""Camunda Modeler at its two buttons, call by call as it makes them."""

import re

import httpx2 as httpx
import pytest

from tests.definitions.test_calls import calling
from tests.drawings import END, START, chain, drawing, one_task, task
from tests.engine_rest.camunda import Camunda, basic, refused
from tests.office import Json, Office

ORIGINS = ["null", "file://"]
LINE = re.compile(
    r"\* (?P<text>.+) \| resource (?P<file>.+) \| line (?P<line>\d+) \| column (?P<column>\d+)"
    r"( \| element (?P<element>\S+))?"
)


@pytest.fixture
def analyst(office: Office) -> str:
    """Somebody who may deploy, and performs a lane of what he deploys."""
    office.hire("perancang", "staf@disnaker", permissions=("deploy@disnaker",))
    return "perancang"


def with_three_mistakes() -> bytes:
    """A process with a service task, an unknown lane, and a standard time that nobody can read."""
    extension = (
        "<bpmn:extensionElements><camunda:properties>"
        '<camunda:property name="waktu" value="besok"/></camunda:properties></bpmn:extensionElements>'
    )
    body = (
        START
        + task("satu", inner=extension)
        + task("dua")
        + '<bpmn:scriptTask id="mesin" name="Mesin"><bpmn:script>1</bpmn:script></bpmn:scriptTask>\n'
        + END
        + chain("mulai", "satu", "dua", "mesin", "selesai")
    )
    return drawing("salah", body, lanes={"Staf": "mulai satu mesin selesai", "Juru Tulis": "dua"})


class TestTheDeployButton:
    def test_finds_out_that_it_must_sign_in(self, camunda: Camunda) -> None:
        answer = camunda.get("/deployment", None, maxResults=0)

        refused(answer, 401, "AuthenticationException")
        schemes = [challenge.split()[0] for challenge in answer.headers.get_list("www-authenticate")]
        assert schemes == ["Basic", "Bearer"]

    @pytest.mark.parametrize("base", ["/engine-rest", "/rest"])
    def test_deploys_at_both_addresses_with_either_way_to_sign_in(
        self, office: Office, analyst: str, base: str
    ) -> None:
        for headers in (basic(analyst), {"Authorization": f"Bearer {office.token(analyst)}"}):
            probe = office.client.get(f"{base}/deployment?maxResults=0", headers=headers)
            version = office.client.get(f"{base}/version", headers=headers)

            assert (probe.status_code, probe.json()) == (200, [])
            assert version.json() == {"version": "7.24.0"}

    def test_gets_the_definition_that_it_starts(self, camunda: Camunda, analyst: str) -> None:
        answer = camunda.deploy(analyst, {"sop.bpmn": one_task("sop")})

        assert answer.status_code == 200
        deployed = answer.json()
        (definition,) = deployed["deployedProcessDefinitions"].values()
        assert definition["id"] in deployed["deployedProcessDefinitions"]
        assert (definition["key"], definition["version"], definition["resource"]) == ("sop", 1, "sop.bpmn")
        assert (deployed["name"], deployed["source"]) == ("coba", "Camunda Modeler")

    def test_gets_it_again_for_an_unchanged_diagram(self, camunda: Camunda, analyst: str) -> None:
        first = camunda.deploy(analyst, {"sop.bpmn": one_task("sop")}).json()
        second = camunda.deploy(analyst, {"sop.bpmn": one_task("sop")}).json()

        assert second == first
        assert camunda.read("/process-definition/count", analyst, key="sop") == {"count": 1}

    def test_shows_every_mistake_with_its_place_in_its_log(self, camunda: Camunda, analyst: str) -> None:
        content = refused(camunda.deploy(analyst, {"f.bpmn": with_three_mistakes()}), 400, "ParseException")

        head, *lines = content["message"].split("\n")
        assert head == "ENGINE-09005 Could not parse BPMN process. Errors: "
        found = [match for line in lines if (match := LINE.fullmatch(line))]
        assert len(found) == len(lines)
        assert {match["file"] for match in found} == {"f.bpmn"}
        assert "'scriptTask'" in content["message"]

    def test_shows_which_element_and_what_to_do_in_its_log(self, camunda: Camunda, analyst: str) -> None:
        content = refused(camunda.deploy(analyst, {"f.bpmn": one_task("salah", lane="Juru Tulis")}), 400)

        match = LINE.fullmatch(content["message"].split("\n")[1])
        assert match is not None
        assert match["element"] == "lane_0"
        assert match["text"].startswith("Lane 'Juru Tulis' bukan jabatan yang dikenal. ")
        assert "alias" in match["text"]

    def test_shows_the_element_of_each_mistake(self, camunda: Camunda, analyst: str) -> None:
        drawn = one_task("salah", lane="Juru Tulis")

        content = refused(camunda.deploy(analyst, {"f.bpmn": drawn}), 400, "ParseException")

        (error,) = content["details"]["f.bpmn"]["errors"]
        assert content["details"]["f.bpmn"]["warnings"] == []
        assert (error["mainElementId"], error["elementIds"]) == ("lane_0", ["lane_0"])
        assert "Juru Tulis" in error["message"]
        line = drawn.decode().splitlines()[error["line"] - 1]
        assert line[error["column"] - 1 :].startswith('<bpmn:lane id="lane_0"')

    def test_is_told_of_all_files_at_once_and_keeps_none(self, camunda: Camunda, analyst: str) -> None:
        files = {"baik.bpmn": one_task("baik"), "a.bpmn": one_task("a", lane="X"), "b.bpmn": one_task("b", lane="Y")}

        content = refused(camunda.deploy(analyst, files), 400, "ParseException")

        assert content["details"].keys() == {"a.bpmn", "b.bpmn"}
        assert camunda.read("/process-definition/count", analyst, key="baik") == {"count": 0}

    def test_is_told_that_a_process_calls_itself(self, camunda: Camunda, analyst: str) -> None:
        content = refused(camunda.deploy(analyst, {"f.bpmn": calling("satu", "satu")}), 400, "ParseException")

        (error,) = content["details"]["f.bpmn"]["errors"]
        assert (error["mainElementId"], "satu → satu" in error["message"]) == ("panggil", True)

    def test_is_told_that_an_attachment_would_not_be_used(self, camunda: Camunda, analyst: str) -> None:
        files = {"sop.bpmn": one_task("sop"), "isian.form": b"{}"}

        content = refused(camunda.deploy(analyst, files), 400, "ParseException")

        assert content["details"].keys() == {"isian.form"}
        assert "Lampiran" in content["message"]

    def test_deploys_into_the_unit_that_it_names_as_a_tenant(self, camunda: Camunda, office: Office) -> None:
        answer = camunda.deploy("admin", {"sop.bpmn": one_task("sop")}, tenant_id="disnaker")

        assert answer.status_code == 200
        assert office.read("process-definitions", "staf", key="sop")["items"][0]["unit"] == "disnaker"
        refused(camunda.deploy("admin", {"sop.bpmn": one_task("sop")}, tenant_id="entah"), 400)

    @pytest.mark.parametrize("user", ["staf", "inspektorat", "bappeda"])
    def test_does_nothing_for_who_may_not_deploy(self, camunda: Camunda, user: str) -> None:
        refused(camunda.deploy(user, {"sop.bpmn": one_task("sop")}), 403, "AuthorizationException")

    def test_refuses_what_would_be_ignored(self, camunda: Camunda, analyst: str) -> None:
        answer = camunda.deploy(analyst, {"sop.bpmn": one_task("sop")}, deployment_activation_time="2030-01-01")

        assert "deployment-activation-time" in refused(answer, 400, "InvalidRequestException")["message"]

    @pytest.mark.parametrize("files", [{}, {"kosong.bpmn": b""}, {"teks.bpmn": b"bukan xml"}])
    def test_refuses_what_is_no_diagram(self, camunda: Camunda, analyst: str, files: dict[str, bytes]) -> None:
        refused(camunda.deploy(analyst, files), 400)


class TestTheStartButton:
    def start(self, camunda: Camunda, user: str, body: Json) -> httpx.Response:
        """Check, ask the version, deploy and start, as the button always does."""
        headers = basic(user)
        assert camunda.send("GET", "/deployment?maxResults=0", None).status_code == 401
        assert camunda.send("GET", "/deployment?maxResults=0", None, headers=headers).status_code == 200
        assert camunda.send("GET", "/version", None, headers=headers).status_code == 200
        deployed = camunda.deploy(user, {"sop.bpmn": one_task("sop")}).json()
        definition = next(iter(deployed["deployedProcessDefinitions"].values()))["id"]
        return camunda.post(f"/process-definition/{definition}/start", user, body)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"businessKey": None, "variables": None},
            {"businessKey": "", "variables": {}},
            {"businessKey": "SOP-1", "variables": {"tahun": {"value": 2027, "type": "Integer"}}},
        ],
    )
    def test_starts_what_it_has_deployed(self, camunda: Camunda, office: Office, analyst: str, body: Json) -> None:
        answer = self.start(camunda, analyst, body)

        assert answer.status_code == 200, answer.text
        started = answer.json()
        assert office.instance(started["id"])["process_definition_id"] == started["definitionId"]
        assert (started["ended"], started["suspended"]) == (False, False)

    def test_is_for_who_performs_a_lane(self, camunda: Camunda) -> None:
        refused(self.start(camunda, "analis", {}), 403, "AuthorizationException")

    def test_opens_what_there_is_where_the_cockpit_would_be(
        self, office: Office, camunda: Camunda, analyst: str
    ) -> None:
        started = self.start(camunda, analyst, {}).json()
        places = office.client.get("/.well-known/camunda-automation-platform/webapps").json()

        # What stands behind # is the browser's alone.
        link = f"{places['cockpitUrl']}default/#/process-instance/{started['id']}"
        answer = office.client.get(link.partition("#")[0], follow_redirects=False)

        assert (answer.status_code, answer.headers["location"]) == (307, "/berkas")


class TestAPageThatWasOpenedFromAFile:
    @pytest.mark.parametrize("origin", ORIGINS)
    def test_may_ask(self, office: Office, origin: str) -> None:
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }

        allowed = office.client.options("/engine-rest/deployment/create", headers=asked)
        answers = [
            office.client.get("/rest/version", headers={"Origin": origin, **basic("staf")}),
            office.client.get("/rest/version", headers={"Origin": origin}),
            office.client.get("/.well-known/camunda-automation-platform/webapps", headers={"Origin": origin}),
        ]

        assert allowed.status_code == 200
        assert {"authorization", "content-type"} <= set(
            re.split(r",\s*", allowed.headers["access-control-allow-headers"].lower())
        )
        assert [answer.status_code for answer in answers] == [200, 401, 200]
        for answer in (allowed, *answers):
            assert answer.headers["access-control-allow-origin"] == origin
            assert "access-control-allow-credentials" not in answer.headers

    def test_of_another_origin_may_not(self, office: Office) -> None:
        headers = {"Origin": "https://example.com"}

        answer = office.client.get("/rest/version", headers={**headers, **basic("staf")})
        asked = office.client.options("/rest/version", headers={**headers, "Access-Control-Request-Method": "GET"})

        assert "access-control-allow-origin" not in answer.headers
        assert asked.status_code == 400

    @pytest.mark.parametrize("path", ["/api/v1/me", "/health/live"])
    def test_may_ask_nothing_else(self, office: Office, path: str) -> None:
        answer = office.client.get(path, headers={"Origin": "null"})

        assert "access-control-allow-origin" not in answer.headers


class TestARefusal:
    """The log of the Modeler shows the message alone, so it is in Indonesian, with English beside it."""

    def both(self, content: Json, indonesian: str, english: str) -> None:
        assert content["message"].split(" / ") == [indonesian, english]

    def test_of_a_wrong_password(self, camunda: Camunda) -> None:
        answer = camunda.send("GET", "/deployment", None, headers=basic("analis", "salah"))

        content = refused(answer, 401, "AuthenticationException")
        self.both(content, "Nama pengguna atau kata sandi salah.", "The user name or the password is wrong.")

    def test_of_nobody(self, camunda: Camunda) -> None:
        content = refused(camunda.get("/deployment", None), 401, "AuthenticationException")

        assert content["message"].startswith("Masuklah dengan nama pengguna")

    def test_of_who_may_not_deploy(self, camunda: Camunda) -> None:
        content = refused(camunda.deploy("staf", {"a.bpmn": one_task("a")}), 403, "AuthorizationException")

        english = "This needs the permission to deploy."
        self.both(content, "Untuk ini Anda harus berwenang memberlakukan SOP (deploy).", english)

    def test_of_who_may_deploy_but_not_start(self, camunda: Camunda) -> None:
        content = refused(
            camunda.post("/process-definition/key/iku/start", "analis", {}), 403, "AuthorizationException"
        )

        assert "hanya pelaksana salah satu lane-nya" in content["message"]
        assert " / Only who performs a lane of" in content["message"]

    def test_is_none_of_the_demonstration_user_who_may_do_both(self, camunda: Camunda) -> None:
        file = one_task("a", lane="Kasubag Perencanaan")
        assert camunda.deploy("kasubag_analis", {"a.bpmn": file}).status_code == 200

        started = camunda.post("/process-definition/key/a/start", "kasubag_analis", {})

        assert started.status_code == 200, started.text
