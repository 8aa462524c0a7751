"""A short look at what `make fuzz` looks at for long: every answer is one that the OpenAPI document describes."""

from collections.abc import Iterator
from copy import deepcopy

import pytest

from tests.office import API, Office
from tests.security.fuzzing import Fuzzed, fuzz, fuzzed, operations, operations_of

# Requests for each operation: half a minute for all of them.
_EXAMPLES = 4

# What a document says does not depend on the database; what differs there is asked by the tests of each room.
pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def there(office: Office) -> Iterator[Fuzzed]:
    with fuzzed(office) as found:
        yield found


class TestEveryOperation:
    def test_answers_as_its_document_says(self, there: Fuzzed) -> None:
        faults = [fault for one in operations(there) for fault in fuzz(there, one, _EXAMPLES, 1)]

        assert not faults, "\n\n".join(faults)


class TestTheLook:
    def test_sees_a_status_and_a_field_that_are_not_described(self, there: Fuzzed) -> None:
        document = deepcopy(there.office.get("openapi.json", None).json())
        del document["paths"][f"{API}/tasks/{{task_id}}"]["get"]["responses"]["404"]
        me = document["components"]["schemas"]["MeOut"]
        me["required"].append("email")
        by_label = {one.label: one for one in operations_of(document)}

        status = fuzz(there, by_label[f"GET {API}/tasks/{{task_id}}"], 20, 1)
        content = fuzz(there, by_label[f"GET {API}/me"], 1, 1)

        assert any("404" in fault for fault in status)
        assert any("email" in fault for fault in content)

    def test_sees_a_failure_of_the_service(self, there: Fuzzed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.tasks.router.queries.count_tasks", lambda *_: 1 / 0)
        by_label = {one.label: one for one in operations(there)}

        assert any("500" in fault for fault in fuzz(there, by_label[f"GET {API}/tasks/counts"], 2, 1))
