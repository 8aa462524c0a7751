"""Files that mean harm, sent to the service: refused with the place or harmless; nothing leaks and nothing hangs."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.definitions.hostile.cases import hostile
from tests.definitions.hostile.drawn import FILE, PORT, Hostile
from tests.office import SECRET, Office

CASES = list(hostile())
CONTENT = "isi-berkas-rahasia"
LONGEST = 5.0


class Ear:
    """A port that only counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.close()


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rahasia") / "rahasia.txt"
    path.write_text(CONTENT)
    return path


def test_there_are_many_and_each_has_its_name() -> None:
    assert len(CASES) > 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_does_no_harm(shared_office: Office, ear: Ear, secret_file: Path, case: Hostile) -> None:
    data = case.data.replace(FILE, str(secret_file).encode()).replace(PORT, str(ear.port).encode())

    began = time.monotonic()
    answer = shared_office.deploy(jahat=data)

    assert time.monotonic() - began < LONGEST
    said = answer.text
    if answer.status_code == 422:
        assert case.expected in ("refused", "either"), said
        errors = [error for error in answer.json()["errors"] if error["severity"] == "error"]
        assert errors
        for error in errors:
            assert error["file"] == "jahat.bpmn"
            assert error["message"] != error["remedy"]
            assert error["remedy"]
            assert error["remedy_en"]
            assert error["line"] is not None or error["code"] in ("xml-too-large", "xml-not-utf8"), error
    else:
        assert answer.status_code in (200, 201), said
        assert case.expected in ("accepted", "either"), said
        began = time.monotonic()
        started = shared_office.post("process-instances", "staf", {"process_definition_key": "p", "variables": {}})
        assert time.monotonic() - began < LONGEST
        assert started.status_code < 500, started.text
        said += started.text
    assert CONTENT not in said
    assert SECRET not in said
    assert ear.calls == 0
