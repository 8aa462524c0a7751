"""The form of a task in Camunda's words: what it begins with, and what it takes."""

import pytest

from tests.drawings import END, START, chain, drawing, task
from tests.engine_rest.camunda import Camunda, refused
from tests.office import Json


def with_form() -> bytes:
    """A process of one task whose form has a field of each type."""
    fields = "".join(
        f'<camunda:formField id="{name}" label="{name}" type="{kind}"{more}/>'
        for name, kind, more in (
            ("uraian", "string", ' defaultValue="kosong"'),
            ("jumlah", "long", ' defaultValue="3"'),
            ("benar", "boolean", ' defaultValue="true"'),
            ("tanggal", "date", ""),
        )
    )
    inner = f"<bpmn:extensionElements><camunda:formData>{fields}</camunda:formData></bpmn:extensionElements>"
    body = START + task("isi", inner=inner) + task("periksa") + END + chain("mulai", "isi", "periksa", "selesai")
    return drawing("isian", body, lanes={"Staf": "mulai isi periksa selesai"})


class TestAForm:
    @pytest.fixture
    def path(self, camunda: Camunda) -> str:
        camunda.deploy("analis", {"isian.bpmn": with_form()})
        camunda.start("isian", "staf", lain="x")
        return f"/task/{camunda.read('/task', 'staf')[0]['id']}"

    def test_begins_with_its_defaults_and_what_the_instance_holds(self, camunda: Camunda, path: str) -> None:
        shown = camunda.read(f"{path}/form-variables", "staf")

        assert {name: (one["type"], one["value"]) for name, one in shown.items()} == {
            "lain": ("String", "x"),
            "uraian": ("String", "kosong"),
            "jumlah": ("Long", 3),
            "benar": ("Boolean", True),
            "tanggal": ("Null", None),
        }
        assert all(one["valueInfo"] == {} for one in shown.values())
        assert camunda.read(f"{path}/form-variables", "staf", variableNames="jumlah,entah").keys() == {"jumlah"}

    def test_takes_values_with_their_types_and_gives_them_back(self, camunda: Camunda, path: str) -> None:
        given = {
            "uraian": {"value": "isi", "type": "string", "valueInfo": None},
            "jumlah": {"value": 7, "type": "Long"},
            "benar": {"value": False, "type": "Boolean"},
            "tanggal": {"value": "2026-08-17T00:00:00.000+0700", "type": "Date"},
        }

        answer = camunda.post(f"{path}/complete", "staf", {"variables": given, "withVariablesInReturn": True})

        assert answer.status_code == 200, answer.text
        held = answer.json()
        assert (held["jumlah"]["type"], held["jumlah"]["value"]) == ("Long", 7)
        assert held["tanggal"] == {"type": "Date", "value": "2026-08-17T00:00:00.000+0700", "valueInfo": {}}

    def test_refuses_what_does_not_fit(self, camunda: Camunda, path: str) -> None:
        wrong: list[Json] = [
            {"jumlah": {"value": "tujuh", "type": "Long"}},
            {"jumlah": {"value": "tujuh"}},
            {"entah": {"value": 1}},
            {"tanggal": {"value": "2026-08-17T09:30:00.000+0700", "type": "Date"}},
            {"uraian": {"value": "x", "type": "File"}},
            {"uraian": "x"},
        ]
        for given in wrong:
            answer = camunda.post(f"{path}/complete", "staf", {"variables": given})

            assert next(iter(given)) in refused(answer, 400, "InvalidRequestException")["message"]

    def test_takes_the_default_of_a_field_that_is_left_out(self, camunda: Camunda, path: str) -> None:
        given = {"jumlah": {"value": None}, "tanggal": {"value": "2026-08-17T00:00:00.000+0700", "type": "Date"}}

        answer = camunda.post(f"{path}/submit-form", "staf", {"variables": given, "withVariablesInReturn": True})

        assert answer.status_code == 200, answer.text
        held = answer.json()
        assert [held[name]["value"] for name in ("uraian", "jumlah", "benar")] == ["kosong", None, True]
