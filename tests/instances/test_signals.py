"""Signals: thrown by one instance, heard once by all that wait for them in its unit and below."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.instances.aggregate import DEEPEST_SIGNAL
from app.instances.signals import deliver
from tests.drawings import END, START, chain, drawing, flow, task
from tests.office import Json, Office, running_office

_SIGNAL = '<bpmn:signal id="tanda" name="pagu ditetapkan"/>'
_DEFINITION = '<bpmn:signalEventDefinition signalRef="tanda"/>'


def throwing() -> bytes:
    body = (
        START
        + task("tetapkan")
        + f'<bpmn:endEvent id="umumkan">{_DEFINITION}</bpmn:endEvent>\n'
        + chain("mulai", "tetapkan", "umumkan")
    )
    return drawing("pagu", body, lanes={"Sekretaris": "mulai tetapkan umumkan"}, before=_SIGNAL)


def waiting(*, undecidable: bool = False) -> bytes:
    """A process that waits for the signal before its task; or behind it for a gateway that cannot decide."""
    between = (
        '<bpmn:exclusiveGateway id="pilih"/>\n'
        + flow("pilih", "kerja", "${x == 1}")
        + flow("pilih", "selesai", "${x == 2}")
        if undecidable
        else ""
    )
    body = (
        START
        + f'<bpmn:intermediateCatchEvent id="tunggu">{_DEFINITION}</bpmn:intermediateCatchEvent>\n'
        + task("kerja")
        + END
        + between
        + (chain("mulai", "tunggu", "pilih") + chain("kerja", "selesai") if undecidable else "")
        + ("" if undecidable else chain("mulai", "tunggu", "kerja", "selesai"))
    )
    nodes = "mulai tunggu kerja selesai" + (" pilih" if undecidable else "")
    return drawing("buntu" if undecidable else "menunggu", body, lanes={"Staf": nodes}, before=_SIGNAL)


def echoing(key: str, heard: str, thrown: str) -> bytes:
    """A process that begins with a task, and then throws a signal each time that it hears one."""
    signals = "".join(f'<bpmn:signal id="{name}" name="{name}"/>' for name in (heard, thrown))
    throws, hears = (f'<bpmn:signalEventDefinition signalRef="{name}"/>' for name in (thrown, heard))
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    nodes = ("mulai", "mulailah", "lagi", "panggil", "tunggu", "dengar")
    body = (
        START
        + task("mulailah")
        + '<bpmn:exclusiveGateway id="lagi"/>\n<bpmn:eventBasedGateway id="tunggu"/>\n'
        + f'<bpmn:intermediateThrowEvent id="panggil">{throws}</bpmn:intermediateThrowEvent>\n'
        + f'<bpmn:intermediateCatchEvent id="dengar">{hears}</bpmn:intermediateCatchEvent>\n'
        + f'<bpmn:intermediateCatchEvent id="jam">{timer}</bpmn:intermediateCatchEvent>\n'
        + END
        + chain(*nodes, "lagi")
        + chain("tunggu", "jam", "selesai")
    )
    return drawing(key, body, lanes={"Staf": " ".join((*nodes, "jam", "selesai"))}, before=signals)


def hand_out(office: Office) -> int:
    """Let thrown signals arrive, as the server does every second."""
    state = office.app.state
    return deliver(office.database, state.directory, state.catalogue, office.clock)


@pytest.fixture
def listener(office: Office) -> Json:
    assert office.deploy(pagu=throwing(), menunggu=waiting(), buntu=waiting(undecidable=True)).status_code == 201
    return office.start("staf", "menunggu", variables={})


def throw(office: Office) -> None:
    assert office.advance(office.start("sekretaris", "pagu", variables={}))["status"] == "completed"


class TestASignal:
    def test_is_shown_as_what_an_instance_waits_for(self, listener: Json) -> None:
        (wait,) = listener["waiting_for"]

        assert (wait["kind"], wait["signal_name"], wait["message_name"]) == ("signal", "pagu ditetapkan", None)

    def test_is_heard_by_every_instance_that_waits_for_it(self, office: Office, listener: Json) -> None:
        other = office.start("staf", "menunggu", variables={})
        throw(office)

        assert hand_out(office) == 2

        for one in (listener, other):
            after = office.instance(one["id"])
            assert [open_task["element_id"] for open_task in after["open_tasks"]] == ["kerja"]
            trail = office.read(f"process-instances/{one['id']}/audit", "inspektorat")["items"]
            assert (trail[-1]["type"], trail[-1]["actor"]) == ("signal.received", "system")

    def test_is_heard_once_though_several_servers_deliver_it(self, office: Office, listener: Json) -> None:
        throw(office)

        with running_office(office.url, office.clock) as other, ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(hand_out, [office, other, office, other])) == 1

        assert hand_out(office) == 0

    def test_is_not_heard_by_who_begins_to_wait_later(self, office: Office, listener: Json) -> None:
        throw(office)
        late = office.start("staf", "menunggu", variables={})

        assert hand_out(office) == 1
        assert office.instance(late["id"]) == late

    def test_waits_for_a_suspended_instance(self, office: Office, listener: Json) -> None:
        assert office.post(f"process-instances/{listener['id']}/suspend", "staf").status_code == 200
        throw(office)
        assert hand_out(office) == 0

        assert office.post(f"process-instances/{listener['id']}/resume", "staf").status_code == 200
        assert hand_out(office) == 1

    def test_that_one_cannot_go_on_with_stops_only_that_one(self, office: Office, listener: Json) -> None:
        stuck = office.start("staf", "buntu", variables={})
        throw(office)

        assert hand_out(office) == 1

        assert office.instance(stuck["id"])["status"] == "incident"
        assert office.instance(listener["id"])["open_tasks"] != []


class TestSignalsThatCallEachOther:
    def test_stop_with_an_incident_that_says_why_and_go_on_when_somebody_tries_again(self, office: Office) -> None:
        assert office.deploy(ping=echoing("ping", "dua", "satu"), pong=echoing("pong", "satu", "dua")).is_success
        pong = office.advance(office.start("staf", "pong", variables={}))
        ping = office.advance(office.start("staf", "ping", variables={}))

        heard = 0
        while moved := hand_out(office):
            heard += moved
            assert heard <= DEEPEST_SIGNAL

        stopped = [office.instance(one["id"]) for one in (ping, pong)]
        (incident,) = [one for one in stopped if one["status"] == "incident"]
        assert heard == DEEPEST_SIGNAL - 1
        assert (
            "called each other"
            in office.read(f"process-instances/{incident['id']}/audit", "inspektorat")["items"][-1]["data"]["reason"]
        )
        assert office.post(f"process-instances/{incident['id']}/retry", "kepala_dinas").is_success
        assert hand_out(office) == DEEPEST_SIGNAL - 1
