"""Messages: what happened outside is told to the instances that wait for it, and changes only what is its own."""

import pytest

from tests.drawings import END, START, chain, drawing, flow, task
from tests.office import Json, Office, pointers, problem

FIELD = (
    '<bpmn:extensionElements><camunda:formData><camunda:formField id="{id}" label="{id}" type="string"/>'
    "</camunda:formData></bpmn:extensionElements>"
)


def with_news(key: str = "kabar") -> bytes:
    """Return a process that waits for news; its start form owns `tahun`, the task after the news owns `a/b~c`."""
    return drawing(
        key,
        f'<bpmn:startEvent id="mulai">{FIELD.format(id="tahun")}</bpmn:startEvent>'
        + '<bpmn:intermediateCatchEvent id="tunggu"><bpmn:messageEventDefinition messageRef="pesan"/>'
        "</bpmn:intermediateCatchEvent>\n"
        + task("catat", inner=FIELD.format(id="a/b~c"))
        + END
        + chain("mulai", "tunggu", "catat", "selesai"),
        lanes={"Staf": "mulai tunggu catat selesai"},
        before='<bpmn:message id="pesan" name="kabar"/>',
    )


def with_repeated_news() -> bytes:
    """Return a process that hears news beside its one task, again and again."""
    return drawing(
        "berulang",
        START
        + task("kerja")
        + task("baca")
        + END
        + '<bpmn:boundaryEvent id="dengar" attachedToRef="kerja" cancelActivity="false">'
        '<bpmn:messageEventDefinition messageRef="pesan"/></bpmn:boundaryEvent>\n'
        + '<bpmn:endEvent id="terbaca"/>\n'
        + chain("mulai", "kerja", "selesai")
        + chain("dengar", "baca", "terbaca"),
        lanes={"Staf": "mulai kerja dengar baca selesai terbaca"},
        before='<bpmn:message id="pesan" name="kabar"/>',
    )


class TestAMessage:
    @pytest.fixture
    def waiting(self, office: Office) -> list[Json]:
        """Two instances that wait for the Bupati."""
        return [
            office.advance(office.start("sekretaris", "renja", business_key=f"R-{number}"), 9) for number in range(2)
        ]

    def message(self, office: Office, user: str = "sekretaris", **given: object) -> Json:
        answer = office.post("messages", user, {"name": "pengesahan_bupati", **given})
        assert answer.status_code == 200, answer.text
        content: Json = answer.json()
        return content

    def test_without_a_target_is_refused_where_several_instances_wait(
        self, office: Office, waiting: list[Json]
    ) -> None:
        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "business_key": None})

        assert pointers(problem(answer, 422, "invalid")) == ["/business_key"]
        for one in waiting:
            assert office.instance(one["id"])["waiting_for"] == one["waiting_for"]

    def test_without_a_target_reaches_the_only_instance_that_waits(self, office: Office, waiting: list[Json]) -> None:
        self.message(office, business_key="R-0")

        assert self.message(office) == {"correlated": 1}
        assert [task["activity_no"] for task in office.instance(waiting[1]["id"])["open_tasks"]] == [10]

    def test_that_no_gateway_can_decide_with_is_refused_and_changes_nothing(self, office: Office) -> None:
        drawn = drawing(
            "kabar",
            START
            + task("biasa")
            + END
            + '<bpmn:intermediateCatchEvent id="tunggu"><bpmn:messageEventDefinition messageRef="pesan"/>'
            "</bpmn:intermediateCatchEvent>\n"
            + '<bpmn:exclusiveGateway id="pilih"/>\n'
            + chain("mulai", "tunggu", "pilih")
            + flow("pilih", "biasa", "${jumlah > 3}")
            + flow("pilih", "selesai", "${jumlah le 3}")
            + chain("biasa", "selesai"),
            lanes={"Staf": "mulai tunggu pilih biasa selesai"},
            before='<bpmn:message id="pesan" name="kabar"/>',
        )
        deployed = office.deploy(kabar=drawn)
        assert deployed.status_code == 201, deployed.text
        started = office.start("staf", "kabar", variables={})

        answer = office.post("messages", "staf", {"name": "kabar", "process_instance_id": started["id"]})

        assert problem(answer, 422, "cannot-move")["errors"][0]["element_id"] == "pilih"
        assert office.instance(started["id"], "staf")["waiting_for"] == started["waiting_for"]

    @pytest.mark.parametrize("user", ["sekretaris", "kasubag_perencanaan", "tim_renja", "bappeda"])
    def test_by_business_key_reaches_that_one(self, office: Office, waiting: list[Json], user: str) -> None:
        assert self.message(office, user, business_key="R-1") == {"correlated": 1}
        assert office.instance(waiting[0]["id"])["waiting_for"] == waiting[0]["waiting_for"]

    def test_by_instance_reaches_that_one(self, office: Office, waiting: list[Json]) -> None:
        assert self.message(office, process_instance_id=waiting[0]["id"]) == {"correlated": 1}
        assert office.instance(waiting[1]["id"])["waiting_for"] == waiting[1]["waiting_for"]

    def test_is_in_the_trail(self, office: Office, waiting: list[Json]) -> None:
        self.message(office, business_key="R-0", variables={"nomor": "188"})

        act = office.read(f"process-instances/{waiting[0]['id']}/audit", "bappeda", limit=200)
        last = act["items"][-1]
        assert (last["type"], last["actor"]) == ("message.received", "sekretaris")
        assert last["data"]["variables"] == {"nomor": "188"}

    def test_is_not_kept_for_later(self, office: Office) -> None:
        instance = office.advance(office.start("sekretaris", "renja"), 8)
        problem(office.post("messages", "sekretaris", {"name": "pengesahan_bupati"}), 404, "message-not-awaited")

        assert office.advance(instance)["waiting_for"]

    @pytest.mark.parametrize("user", ["staf", "kepala_dinas", "kepala_bidang", "admin", "inspektorat", "analis"])
    @pytest.mark.usefixtures("waiting")
    def test_by_somebody_who_takes_no_part_reaches_none(self, office: Office, user: str) -> None:
        problem(office.post("messages", user, {"name": "pengesahan_bupati"}), 404, "message-not-awaited")

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "lain"},
            {"name": "pengesahan_bupati", "business_key": "R-9"},
            {"name": "pengesahan_bupati", "process_instance_id": "0190a5a0-0000-7000-8000-000000000000"},
            {"name": "pengesahan_bupati", "process_instance_id": "x"},
        ],
    )
    @pytest.mark.usefixtures("waiting")
    def test_that_nothing_waits_for_is_404(self, office: Office, body: Json) -> None:
        problem(office.post("messages", "sekretaris", body), 404)


class TestAStoppedInstance:
    @pytest.fixture
    def waiting(self, office: Office) -> list[Json]:
        """Two instances of one case that wait for the Bupati, the first of them suspended."""
        found = [office.advance(office.start("sekretaris", "renja", business_key="R"), 9) for _ in range(2)]
        office.post(f"process-instances/{found[0]['id']}/suspend", "sekretaris")
        return found

    @pytest.mark.parametrize("target", ["business_key", "process_instance_id"])
    def test_gets_no_message_and_whoever_sends_it_is_told(
        self, office: Office, waiting: list[Json], target: str
    ) -> None:
        named = {"business_key": "R", "process_instance_id": waiting[0]["id"]}[target]

        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati", target: named})

        content = problem(answer, 409, "instance-not-active")
        assert "suspended" in content["detail"]
        assert content["process_instance_id"] == waiting[0]["id"]
        for one in waiting:
            assert office.instance(one["id"])["waiting_for"] == one["waiting_for"]

    def test_is_one_that_a_message_without_a_target_can_mean(self, office: Office, waiting: list[Json]) -> None:
        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati"})

        assert pointers(problem(answer, 422, "invalid")) == ["/business_key"]

    def test_gets_it_when_it_goes_on(self, office: Office, waiting: list[Json]) -> None:
        office.post(f"process-instances/{waiting[0]['id']}/resume", "sekretaris")

        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "business_key": "R"})

        assert answer.json() == {"correlated": 2}

    def test_is_not_told_of_to_who_takes_no_part(self, office: Office, waiting: list[Json]) -> None:
        answer = office.post("messages", "staf", {"name": "pengesahan_bupati", "business_key": "R"})

        problem(answer, 404, "message-not-awaited")

    def test_that_was_cancelled_waits_for_nothing(self, office: Office, waiting: list[Json]) -> None:
        path = f"process-instances/{waiting[0]['id']}"
        office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."})

        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "business_key": "R"})

        assert answer.json() == {"correlated": 1}


class TestWhatAMessageBrings:
    @pytest.fixture
    def instance(self, office: Office) -> Json:
        deployed = office.deploy(kabar=with_news())
        assert deployed.status_code == 201, deployed.text
        return office.start("staf", "kabar", variables={"tahun": "2027"})

    def send(self, office: Office, instance: Json, **variables: object) -> Json:
        body = {"name": "kabar", "process_instance_id": instance["id"], "variables": variables}
        answer = office.post("messages", "staf", body)
        content: Json = answer.json() | {"status_code": answer.status_code}
        return content

    def test_becomes_variables_of_the_instance(self, office: Office, instance: Json) -> None:
        brought = {"nomor surat": "188/2026", "rincian": {"lampiran": [1, 2]}, "kosong": None, "x" * 255: "y" * 10_000}

        assert self.send(office, instance, **brought)["correlated"] == 1

        shown = office.read(f"process-instances/{instance['id']}/variables", "staf")["variables"]
        assert shown == {"tahun": "2027", **brought}

    @pytest.mark.parametrize(
        ("name", "pointer"),
        [
            ("tahun", "/variables/tahun"),
            ("a/b~c", "/variables/a~1b~0c"),
            ("keputusan", "/variables/keputusan"),
            ("alasan", "/variables/alasan"),
            ("_rahasia", "/variables/_rahasia"),
            ("", "/variables/"),
            ("\u200b", "/variables/\u200b"),
            ("tahun\u200b", "/variables/tahun\u200b"),
            (" tahun", "/variables/ tahun"),
            ("empty", "/variables/empty"),
            ("x" * 256, "/variables/" + "x" * 256),
        ],
    )
    def test_may_not_be_called_what_is_not_its_own_or_no_name(
        self, office: Office, instance: Json, name: str, pointer: str
    ) -> None:
        answer = self.send(office, instance, **{name: "x", "baik": 1})

        assert (answer["status_code"], answer["code"], pointers(answer)) == (422, "invalid", [pointer])
        assert office.instance(instance["id"], "staf")["waiting_for"] == instance["waiting_for"]
        shown = office.read(f"process-instances/{instance['id']}/variables", "staf")["variables"]
        assert shown == {"tahun": "2027"}

    @pytest.mark.parametrize("value", ["x" * 10_001, ["x" * 9_999], {"a": "é" * 9_995}])
    def test_is_no_larger_than_a_text_of_a_form(self, office: Office, instance: Json, value: object) -> None:
        answer = self.send(office, instance, besar=value)

        assert (answer["status_code"], pointers(answer)) == (422, ["/variables/besar"])

    def test_again_and_again_does_not_fill_the_instance_without_end(self, office: Office) -> None:
        assert office.deploy(berulang=with_repeated_news()).status_code == 201
        instance = office.start("staf", "berulang", variables={})
        for first in (0, 250):
            brought = {f"v{number}": number for number in range(first, first + 250)}
            assert self.send(office, instance, **brought)["status_code"] == 200

        one_more = self.send(office, instance, lagi=1)

        assert (one_more["status_code"], pointers(one_more)) == (422, ["/variables"])
        assert self.send(office, instance, v0="baru")["status_code"] == 200
