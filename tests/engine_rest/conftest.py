"""The engine in Camunda's words, for one test or for all tests of a module that only ask."""

import pytest

from tests.engine_rest.camunda import Camunda, give_work
from tests.engine_rest.work import WORKER
from tests.office import Clock, Json, Office


@pytest.fixture
def camunda(office: Office) -> Camunda:
    """The engine of an office of this test alone."""
    return Camunda(office)


@pytest.fixture(scope="module")
def shared_camunda(shared_office: Office) -> Camunda:
    """The engine of an office that the tests of a module share."""
    return Camunda(shared_office)


@pytest.fixture
def real_time(office: Office) -> Clock:
    """The clock in which locks end, which a test sets."""
    clock = Clock()
    office.app.state.real_clock = clock
    return clock


@pytest.fixture
def work(office: Office) -> Json:
    """An instance with one external task of the topic `surat`, and a program that may work."""
    office.hire(WORKER, permissions=("work@disnaker",))
    instance = office.start(business_key="IKU-1")
    return {"id": give_work(office, instance["id"], "surat"), "instance": instance["id"]}


@pytest.fixture(scope="module")
def shared_work(shared_camunda: Camunda) -> Json:
    """The same as `work`, for tests that leave it as it was."""
    office = shared_camunda.office
    office.hire(WORKER, permissions=("work@disnaker",))
    instance = office.start(business_key="IKU-1")
    return {"id": give_work(office, instance["id"], "surat"), "instance": instance["id"]}
