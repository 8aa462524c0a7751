"""What a return costs when there have been thousands before it: counted, not timed, at the commands themselves."""

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.instances.models import process_instance
from app.tasks.commands import complete
from bench.counting import StatementCounter
from tests.drawings import END, START, chain, drawing, flow, task
from tests.faults.load import RETURN
from tests.faults.processes import DECISION_FORM, LANE
from tests.office import Clock, Json, Office, running_office

USER = "staf"
_AGREED = "${keputusan == 'setuju'}"
# One person does all of it.
_BY_ANYBODY = DECISION_FORM.replace(
    "<bpmn:extensionElements>",
    "<bpmn:extensionElements><camunda:properties>"
    '<camunda:property name="pembuat_boleh_memutuskan" value="ya"/></camunda:properties>',
)
_INNER = "masuk susun periksa putus keluar"


class Cost(NamedTuple):
    """What one round of work and return costs: statements, bytes of the state, Python calls, and CPU milliseconds."""

    statements: int
    state: int
    calls: int
    cpu: float


def in_a_row() -> bytes:
    """Return a process whose loop stands alone."""
    body = START + _loop() + END + chain("mulai", "susun") + flow("putus", "selesai", _AGREED)
    return _drawn("sendiri", body, "mulai susun periksa putus selesai")


def beside_a_branch() -> bytes:
    """Return a process whose loop runs while another branch stays open."""
    body = (
        START
        + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
        + _loop()
        + task("lain")
        + END
        + chain("mulai", "pisah", "susun")
        + chain("pisah", "lain", "gabung", "selesai")
        + flow("putus", "gabung", _AGREED)
    )
    return _drawn("bercabang", body, "mulai pisah susun periksa putus lain gabung selesai")


def in_a_sub_process() -> bytes:
    """Return a process whose loop lies in a sub-process."""
    inner = (
        '<bpmn:startEvent id="masuk"/>\n<bpmn:endEvent id="keluar"/>\n'
        + _loop()
        + chain("masuk", "susun")
        + flow("putus", "keluar", _AGREED)
    )
    body = (
        START
        + f'<bpmn:subProcess id="bagian" name="Bagian">\n{inner}</bpmn:subProcess>\n'
        + END
        + chain("mulai", "bagian", "selesai")
    )
    return _drawn("bersarang", body, f"mulai bagian {_INNER} selesai")


PLACES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "alone": ("sendiri", in_a_row),
    "beside an open branch": ("bercabang", beside_a_branch),
    "in a sub-process": ("bersarang", in_a_sub_process),
}


def costs(url: str, place: str, marks: tuple[int, ...]) -> list[Cost]:
    """Return the cost of some rounds of work and return on one case, by their number."""
    key, draw = PLACES[place]
    with running_office(url, Clock()) as office:
        counter = StatementCounter(office.database.engine)
        office.database.engine.dispose()
        deployed = office.deploy("analis", **{key: draw()})
        assert deployed.status_code == 201, deployed.text
        case = office.start(USER, key, variables={})
        round_ = _Round(office, case)
        found = []
        for number in range(1, max(marks) + 1):
            if number in marks:
                found.append(_cost(office, case["id"], counter, round_))
            else:
                round_.go()
        return found


class _Round:
    """Work and its return, done by the command itself as its router would."""

    def __init__(self, office: Office, case: Json) -> None:
        self._office = office
        (first,) = (one for one in case["open_tasks"] if one["element_id"] == "susun")
        self._task = first["id"]
        with office.database.read() as connection:
            self._actor = office.app.state.directory.load(connection, USER)

    def go(self) -> None:
        """Do the work, and return it."""
        self._complete({})
        self._complete(RETURN)

    def _complete(self, variables: Mapping[str, Any]) -> None:
        office = self._office
        answer = office.database.write(
            lambda uow: complete(
                uow,
                office.app.state.desk,
                actor=self._actor,
                task_id=UUID(self._task),
                variables=variables,
                now=office.clock.now(),
            )
        )
        (opened,) = answer["next_tasks"]
        self._task = str(opened["id"])


def _cost(office: Office, case_id: str, counter: StatementCounter, round_: _Round) -> Cost:
    counter.restart()
    began = time.thread_time()
    round_.go()
    cpu = (time.thread_time() - began) * 1000
    statements = len(counter.statements)
    with _calls() as calls:
        round_.go()
    with office.database.read() as connection:
        row = connection.execute(
            sa.select(process_instance.c.state, process_instance.c.taken).where(process_instance.c.id == UUID(case_id))
        ).one()
    return Cost(statements, len(row.state) + len(row.taken), calls[0], cpu)


@contextmanager
def _calls() -> Iterator[list[int]]:
    """Count the Python functions that this thread calls."""
    count = [0]

    def watch(_frame: FrameType, event: str, _argument: object) -> None:
        count[0] += event == "call"

    # The garbage collector comes when it likes, and calls whoever listens for it.
    gc.disable()
    sys.setprofile(watch)
    try:
        yield count
    finally:
        sys.setprofile(None)
        gc.enable()


def _loop() -> str:
    return (
        task("susun")
        + task("periksa", inner=_BY_ANYBODY)
        + '<bpmn:exclusiveGateway id="putus" default="putus_susun"/>\n'
        + chain("susun", "periksa", "putus", "susun")
    )


def _drawn(key: str, body: str, nodes: str) -> bytes:
    return drawing(key, body, lanes={LANE: nodes})
