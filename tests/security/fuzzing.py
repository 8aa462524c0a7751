"""Requests that nobody has thought of, made from the OpenAPI document: `python -m tests.security.fuzzing` for long.

Every answer must be one that the document describes: a status, a media type, headers and a content of its schema, and
never a failure of the service. Half of the requests fit the document and half do not. What a path names is mostly
something that there is, so that a request comes further than to 404.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.databases import SqliteFiles, fill
from tests.drawings import one_task
from tests.engine_rest.camunda import BASE, live
from tests.office import API, Clock, Json, Office, running_office

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
USERS = ("sekretaris", "kasubag_perencanaan", "inspektorat", "admin", "analis")
# Whom the requests of an administrator may close, rename and empty.
SUBJECT = "orang"


class Fuzzed(NamedTuple):
    """An office that answers at an address, and the ids of what there is in it."""

    office: Office
    address: str
    ids: dict[str, list[str]]


@contextmanager
def fuzzed(office: Office) -> Iterator[Fuzzed]:
    """Serve an office with something of everything."""
    office.hire(SUBJECT, "staf@disnaker")
    iku = office.advance(office.start(), 2)
    running = office.start("kasubag_perencanaan", "renja")
    decided = office.advance(office.start("sekretaris", "renja"), 4)
    office.deploy(a=one_task("a"))
    newer = office.deploy(a=one_task("a", name="dua")).json()["process_definitions"][0]["id"]
    instances = [iku, running, decided]
    ids = {
        "instance_id": [one["id"] for one in instances],
        "task_id": [task["id"] for one in instances for task in one["open_tasks"]],
        "definition_id": [newer, *(one["process_definition_id"] for one in instances)],
        "username": [SUBJECT, "staf"],
    }
    with live(office) as engine:
        yield Fuzzed(office, engine.removesuffix(BASE), ids)


def operations(fuzzed: Fuzzed) -> list[Any]:
    """Return the operations of the document."""
    return operations_of(fuzzed.office.get("openapi.json", None).json())


def operations_of(document: Json) -> list[Any]:
    """Return the operations of a document, all of which can be read."""
    found = [one.ok() for one in schemathesis.openapi.from_dict(document).get_all_operations() if isinstance(one, Ok)]
    assert len(found) == sum(len(methods) for methods in document["paths"].values())
    return found


def fuzz(fuzzed: Fuzzed, operation: Any, examples: int, number: int) -> list[str]:
    """Send an operation's requests; returns what was wrong with the answers, with what was sent."""
    found: dict[str, str] = {}
    known = {
        one["name"]: fuzzed.ids[one["name"]]
        for one in operation.definition.raw.get("parameters", [])
        if one["in"] == "path" and one["name"] in fuzzed.ids
    }

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation), data=st.data())
    def run(case: Any, data: st.DataObject) -> None:
        for name, there in known.items():
            if data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(there))
        user = data.draw(st.sampled_from(USERS))
        headers = {"Authorization": f"Bearer {fuzzed.office.token(user)}"}
        response = case.call(base_url=fuzzed.address, headers=headers)
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            causes = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            for cause in causes:
                found.setdefault(
                    f"{type(cause).__name__} {response.status_code}",
                    f"{operation.label} as {user}: {response.status_code} {cause}\n{case.as_curl_command()}\n"
                    f"{response.content[:500]!r}",
                )

    run()
    return list(found.values())


def _cases(operation: Any) -> st.SearchStrategy[Any]:
    kinds = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    takes_nothing = not (operation.definition.raw.get("parameters") or operation.definition.raw.get("requestBody"))
    return kinds[0] if takes_nothing else st.one_of(*kinds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="requests for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="operations whose name holds this")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = SqliteFiles(Path(folder)).empty()
        fill(url)
        with running_office(url, Clock()) as office, fuzzed(office) as there:
            wanted = [one for one in operations(there) if given.only in one.label]
            faults = [fault for one in wanted for fault in _told(one, fuzz(there, one, given.examples, given.seed))]
    print("\n\n".join(faults))
    print(
        f"{len(wanted)} operations of {API}, {given.examples} requests each, seed {given.seed}: {len(faults)} faults."
    )
    return 1 if faults else 0


def _told(operation: Any, faults: list[str]) -> list[str]:
    print(f"{operation.label}: {len(faults)}", flush=True)
    return faults


if __name__ == "__main__":
    sys.exit(main())
