"""Messages in Camunda's words: whom they mean, and what they bring."""

import pytest

from tests.drawings import END, START, chain, drawing, task
from tests.engine_rest.camunda import Camunda, refused
from tests.office import Json


def with_message() -> bytes:
    """A process that waits for a message before its only task."""
    body = (
        START + '<bpmn:intermediateCatchEvent id="tunggu" name="Tunggu">'
        '<bpmn:messageEventDefinition id="m" messageRef="kabar"/></bpmn:intermediateCatchEvent>\n'
        + task("kerja")
        + END
        + chain("mulai", "tunggu", "kerja", "selesai")
    )
    return drawing(
        "kabar_masuk",
        body,
        lanes={"Staf": "mulai tunggu kerja selesai"},
        before='<bpmn:message id="kabar" name="kabar"/>\n',
    )


class TestAMessage:
    @pytest.fixture
    def waiting(self, camunda: Camunda) -> list[Json]:
        """Two instances that wait for the same message."""
        camunda.deploy("analis", {"kabar.bpmn": with_message()})
        return [camunda.start("kabar_masuk", "staf", f"K-{n}", nomor=n) for n in (1, 2)]

    def moved(self, camunda: Camunda) -> list[str]:
        return sorted(one["processInstanceId"] for one in camunda.read("/task", "staf"))

    @pytest.mark.parametrize(
        "meant",
        [
            {"businessKey": "K-2"},
            {"correlationKeys": {"nomor": {"value": 2, "type": "Integer"}}},
            {"correlationKeys": {"nomor": {"value": "2", "type": "Long"}}, "withoutTenantId": True, "all": False},
        ],
    )
    def test_moves_the_one_instance_that_it_means(self, camunda: Camunda, waiting: list[Json], meant: Json) -> None:
        body = {"messageName": "kabar", "processVariables": {"isi": {"value": "baik"}}, **meant}

        answer = camunda.post("/message", "staf", body)

        assert (answer.status_code, answer.content) == (204, b"")
        assert self.moved(camunda) == [waiting[1]["id"]]
        held = camunda.read(f"/process-instance/{waiting[1]['id']}/variables", "staf")
        assert held["isi"]["value"] == "baik"

    def test_tells_what_it_moved_if_it_is_asked(self, camunda: Camunda, waiting: list[Json]) -> None:
        body = {
            "messageName": "kabar",
            "processInstanceId": waiting[0]["id"],
            "resultEnabled": True,
            "variablesInResultEnabled": True,
        }

        (result,) = camunda.post("/message", "staf", body).json()

        assert result["resultType"] == "Execution"
        assert result["execution"]["processInstanceId"] == waiting[0]["id"]
        assert result["variables"]["nomor"]["value"] == 1

    def test_moves_all_if_it_says_so(self, camunda: Camunda, waiting: list[Json]) -> None:
        assert camunda.post("/message", "staf", {"messageName": "kabar", "all": True}).status_code == 204
        assert self.moved(camunda) == sorted(one["id"] for one in waiting)

    def test_finds_the_one_that_it_means_among_many(self, camunda: Camunda, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.instances.commands.MOST_CORRELATED", 2)
        monkeypatch.setattr("app.engine_rest.messages._READ_AT_ONCE", 2)
        camunda.deploy("analis", {"kabar.bpmn": with_message()})
        waiting = [camunda.start("kabar_masuk", "staf", f"K-{n}", nomor=n) for n in range(5)]
        last = {"messageName": "kabar", "correlationKeys": {"nomor": {"value": 4, "type": "Integer"}}}

        refused(camunda.post("/message", "staf", {"messageName": "kabar", "all": True}), 400, "RestException")
        none_moved = self.moved(camunda)
        answer = camunda.post("/message", "staf", last)

        assert none_moved == []
        assert answer.status_code == 204
        assert self.moved(camunda) == [waiting[4]["id"]]

    def test_that_means_none_or_several_moves_none(self, camunda: Camunda, waiting: list[Json]) -> None:
        bodies: list[Json] = [
            {"messageName": "kabar"},
            {"messageName": "entah"},
            {"messageName": "kabar", "businessKey": "K-3"},
            {"messageName": "kabar", "correlationKeys": {"nomor": {"value": True}}},
            {"messageName": "kabar", "correlationKeys": {"entah": {"value": None}}},
        ]
        for body in bodies:
            refused(camunda.post("/message", "staf", body), 400, "RestException")

        assert self.moved(camunda) == []
        assert len(waiting) == 2

    def test_of_somebody_who_takes_no_part_moves_none(self, camunda: Camunda, waiting: list[Json]) -> None:
        refused(camunda.post("/message", "bappeda", {"messageName": "kabar", "businessKey": "K-1"}), 400)
        assert self.moved(camunda) == []
        assert len(waiting) == 2

    @pytest.mark.parametrize(
        "more", [{"tenantId": "disnaker"}, {"localCorrelationKeys": {"x": {"value": 1}}}, {"entah": 1}]
    )
    def test_refuses_what_would_be_ignored(self, shared_camunda: Camunda, more: Json) -> None:
        refused(
            shared_camunda.post("/message", "staf", {"messageName": "kabar", **more}), 400, "InvalidRequestException"
        )
