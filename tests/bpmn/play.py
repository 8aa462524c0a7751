"""Plays a process instance of an SOP over HTTP, each step by the user of its role, and holds it to its table."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from xml.etree import ElementTree

from tests.bpmn.sop_walk import DIKEMBALIKAN, Sop, Stop, Wait
from tests.office import MONDAY, Json, Office

REASON = "Target belum sesuai dengan dokumen perencanaan."


def play(
    office: Office, sop: Sop, *, returned: Mapping[int, int] | None = None, quarter: int = 1
) -> tuple[Json, list[Stop]]:
    """Run an SOP from its start to its end, returning some decisions first; returns the ended instance and its stops.

    At every step it makes sure that nothing but the expected task is open, or nothing but the expected wait.
    """
    # Well before the lunch hour, so that each step takes one minute of working time.
    office.clock.moment = MONDAY
    expected = list(sop.walk(returned, quarter))
    first = next(step for step in expected if isinstance(step, Stop))
    variables = sop.start_variables
    if "triwulan" in variables:
        variables["triwulan"] = quarter
    instance = office.start(first.role, sop.key, variables=variables, business_key=f"{sop.key}-2027")
    returns = 0
    for number, step in enumerate(expected):
        if isinstance(step, Wait):
            instance = _receive(office, instance, step, first.role)
            continue
        _check_open(instance, step, sop)
        office.clock.advance(timedelta(minutes=1))
        given = _given(step)
        answer = office.complete(instance["open_tasks"][0], **given)
        assert answer.status_code == 200, answer.text
        completed, instance = answer.json()["task"], answer.json()["process_instance"]
        returns += step.decision == DIKEMBALIKAN
        assert completed["state"] == "completed"
        assert completed["completed_by"] == step.role
        assert (completed["decision"], completed["reason"]) == (given.get("keputusan"), given.get("alasan"))
        assert instance["returns"] == returns
        following = expected[number + 1] if number + 1 < len(expected) else None
        assert [task["name"] for task in answer.json()["next_tasks"]] == (
            [following.name] if isinstance(following, Stop) else []
        )
    return instance, [step for step in expected if isinstance(step, Stop)]


def _given(step: Stop) -> dict[str, str]:
    if step.decision is None:
        return {}
    return {"keputusan": step.decision} | ({"alasan": REASON} if step.decision == DIKEMBALIKAN else {})


def _check_open(instance: Json, step: Stop, sop: Sop) -> None:
    """Make sure that exactly this task is open."""
    assert instance["status"] == "active"
    assert instance["waiting_for"] == []
    (task,) = instance["open_tasks"]
    shown = (task["activity_no"], task["name"], task["role"], task["lane"], task["visit"], task["state"])
    assert shown == (step.row, step.name, step.role, step.lane, step.visit, "open")
    assert (task["due_at"] is not None) == (step.standard_time is not None)
    assert task["due_at"] is None or task["due_at"] > task["created_at"]
    assert instance["progress"] == {"activity_no": step.row, "activity_count": len(sop.rows)}


def _receive(office: Office, instance: Json, wait: Wait, user: str) -> Json:
    """Make sure that exactly this message is waited for, record it, and return the instance behind it."""
    assert instance["open_tasks"] == []
    (waiting,) = instance["waiting_for"]
    assert (waiting["kind"], waiting["message_name"], waiting["name"]) == ("message", wait.message, wait.name)
    answer = office.post("messages", user, {"name": wait.message, "business_key": instance["business_key"]})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"correlated": 1}
    return office.instance(instance["id"], user)


def check_history(office: Office, instance: Json, stops: list[Stop]) -> None:
    """Make sure that the history tells every visit, in its order, with who, what and why."""
    items = office.read(f"process-instances/{instance['id']}/history", "inspektorat")["items"]
    assert [
        (item["activity_no"], item["name"], item["role"], item["visit"], item["completed_by"], item["decision"])
        for item in items
    ] == [(stop.row, stop.name, stop.role, stop.visit, stop.role, stop.decision) for stop in stops]
    assert [item["standard_time"] for item in items] == [stop.standard_time for stop in stops]
    for item, stop in zip(items, stops, strict=True):
        assert item["state"] == "completed"
        assert item["reason"] == (REASON if stop.decision == DIKEMBALIKAN else None)
        assert item["completed_at"] > item["created_at"]
        assert (item["due_at"] is not None) == (stop.standard_time is not None)
        assert item["working_time"] == "PT1M"


def check_diagram(office: Office, instance: Json, stops: list[Stop]) -> None:
    """Make sure that the diagram counts every visit, and that what flows into a node flows out of it.

    Which flows there are is read from the XML that was deployed.
    """
    diagram = office.read(f"process-instances/{instance['id']}/diagram", "inspektorat")
    assert diagram["active"] == []
    answer = office.get(diagram["xml_url"], "inspektorat")
    assert answer.status_code == 200
    names, flows = read_drawing(answer.content)
    taken, visits = diagram["flows_taken"], diagram["visits"]
    assert taken.keys() <= flows.keys()
    counted = Counter({element: count for element, count in visits.items() if names.get(element)})
    expected = Counter(stop.name for stop in stops)
    assert {names[element]: count for element, count in counted.items()} == expected
    for element, count in visits.items():
        into = sum(taken.get(flow, 0) for flow, (_, target) in flows.items() if target == element)
        out = sum(taken.get(flow, 0) for flow, (source, _) in flows.items() if source == element)
        starts = not any(target == element for _, target in flows.values())
        ends = not any(source == element for source, _ in flows.values())
        assert into == (0 if starts else count), element
        assert out == (0 if ends else count), element


def read_drawing(data: bytes) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Return the names of the user tasks of a BPMN file by their id, and the two ends of every flow."""
    space = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
    root = ElementTree.fromstring(data)
    names = {task.attrib["id"]: task.attrib["name"] for task in root.iter(f"{space}userTask")}
    flows = {
        flow.attrib["id"]: (flow.attrib["sourceRef"], flow.attrib["targetRef"])
        for flow in root.iter(f"{space}sequenceFlow")
    }
    return names, flows
