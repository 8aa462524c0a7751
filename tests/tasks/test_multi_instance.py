"""A row of work that several do: one task for each item of a list."""

from tests.drawings import END, START, chain, drawing, task
from tests.office import Office

_LOOP = (
    '<bpmn:multiInstanceLoopCharacteristics camunda:collection="daftar" camunda:elementVariable="bidang">'
    '<bpmn:completionCondition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="bpmn:tFormalExpression">${nrOfCompletedInstances == 2}</bpmn:completionCondition>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)


class TestAMultiInstanceTask:
    def test_opens_a_task_for_each_item_and_ends_when_its_condition_holds(self, office: Office) -> None:
        body = START + task("isi", inner=_LOOP) + task("akhir") + END + chain("mulai", "isi", "akhir", "selesai")
        sent = drawing("ganda", body, lanes={"Staf": "mulai isi akhir selesai"})
        assert office.deploy(ganda=sent).status_code == 201

        instance = office.start("staf", "ganda", variables={"daftar": ["A", "B", "C"]})

        tasks = instance["open_tasks"]
        shown = [office.read(f"tasks/{one['id']}", "staf") for one in tasks]
        assert [one["local_variables"] for one in shown] == [
            {"loopCounter": number, "bidang": name} for number, name in enumerate("ABC")
        ]
        # Those of one repetition are one visit.
        assert [one["visit"] for one in tasks] == [1, 1, 1]
        assert office.complete(tasks[0]).json()["next_tasks"] == []
        after = office.complete(tasks[2]).json()
        assert [one["element_id"] for one in after["next_tasks"]] == ["akhir"]
        assert office.read(f"tasks/{tasks[1]['id']}", "staf")["state"] == "cancelled"
        assert office.advance(after["process_instance"])["status"] == "completed"
