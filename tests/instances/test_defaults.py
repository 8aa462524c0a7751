"""A field that is left out has its default, at the start as in a task; one that somebody empties stays empty."""

from typing import Any

import pytest

from tests.drawings import END, chain, drawing, task
from tests.office import Json, Office, pointers, problem

FIELDS = (
    '<camunda:formField id="jumlah" type="long" defaultValue="3"/>'
    '<camunda:formField id="segera" type="boolean" defaultValue="false"/>'
    '<camunda:formField id="kanal" type="string" defaultValue="loket">'
    '<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="catatan" type="string"/>'
)
FORM = f"<bpmn:extensionElements><camunda:formData>{FIELDS}</camunda:formData></bpmn:extensionElements>"
DEFAULTS: Json = {"jumlah": 3, "segera": False, "kanal": "loket", "catatan": None}
SENT: list[tuple[Json, Json]] = [
    ({}, DEFAULTS),
    ({"jumlah": None}, {**DEFAULTS, "jumlah": None}),
    ({"segera": True, "kanal": "surat"}, {**DEFAULTS, "segera": True, "kanal": "surat"}),
]


def asking(at_start: str = "", in_task: str = "") -> bytes:
    start = f'<bpmn:startEvent id="mulai">{at_start}</bpmn:startEvent>\n'
    body = start + task("isi", inner=in_task) + task("periksa") + END + chain("mulai", "isi", "periksa", "selesai")
    return drawing("isian", body, lanes={"Staf": "mulai isi periksa selesai"})


def held(office: Office, instance: Any) -> Json:
    shown: Json = office.read(f"process-instances/{instance['id']}/variables", "staf")["variables"]
    return shown


class TestAFieldThatIsLeftOut:
    @pytest.mark.parametrize(("sent", "kept"), SENT)
    def test_has_its_default_from_the_start_on(self, office: Office, sent: Json, kept: Json) -> None:
        office.deploy(isian=asking(at_start=FORM))

        instance = office.start("staf", "isian", variables=sent)

        assert held(office, instance) == kept
        events = office.read(f"process-instances/{instance['id']}/audit", "staf")["items"]
        assert [one["data"]["variables"] for one in events if one["type"] == "process_instance.started"] == [kept]

    @pytest.mark.parametrize(("sent", "kept"), SENT)
    def test_has_its_default_when_a_task_is_completed(self, office: Office, sent: Json, kept: Json) -> None:
        office.deploy(isian=asking(in_task=FORM))
        instance = office.start("staf", "isian", variables={})

        office.complete(instance["open_tasks"][0], "staf", **sent)

        assert held(office, instance) == kept

    def test_is_refused_where_it_is_required_and_was_emptied(self, office: Office) -> None:
        office.deploy(isian=asking(at_start=FORM))

        answer = office.post(
            "process-instances", "staf", {"process_definition_key": "isian", "variables": {"kanal": None}}
        )

        assert pointers(problem(answer, 422)) == ["/variables/kanal"]
