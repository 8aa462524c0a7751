"""The engine in Camunda's words, for one test or for all tests of a module that only ask."""

import pytest

from tests.engine_rest.camunda import Camunda
from tests.office import Office


@pytest.fixture
def camunda(office: Office) -> Camunda:
    """The engine of an office of this test alone."""
    return Camunda(office)


@pytest.fixture(scope="module")
def shared_camunda(shared_office: Office) -> Camunda:
    """The engine of an office that the tests of a module share."""
    return Camunda(shared_office)
