"""What `make test` does where there is no Chromium to test the pages in: it installs one, or says what to type."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

SAID = "It is missing. Install it: sudo apt-get install chromium"


class Machine:
    """A machine with an environment that is complete, and stand-ins for what the target calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.calls.touch()
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "requirements").mkdir()
        for name in ("requirements/runtime.txt", "requirements/build.txt", "requirements/dev.txt", "pyproject.toml"):
            (folder / name).touch()
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / "bin").mkdir()
        for stamp in (".created", ".runtime", ".dev"):
            (folder / ".venv" / stamp).touch()
        self.program(".venv/bin/python", f"echo '{SAID}' >&2; exit 1")

    def program(self, name: str, does: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("bin/id", f"echo {number}")

    def apt(self, status: int) -> None:
        self.program("bin/apt-get", f'echo "$*" >> {self.calls}; echo "E: no such thing"; exit {status}')

    def make(self) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
        environment["PATH"] = f"{self.folder / 'bin'}:{environment['PATH']}"
        return subprocess.run(
            ["make", "chromium", "VENV=.venv"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.apt(0)
    return machine


class TestChromium:
    def test_is_installed_by_root(self, machine: Machine) -> None:
        machine.user(0)
        done = machine.make()
        assert done.returncode == 0, done.stdout + done.stderr
        assert machine.calls.read_text() == "install -y --no-install-recommends chromium\n"
        assert len(done.stdout.splitlines()) == 1

    def test_is_asked_of_everybody_else(self, machine: Machine) -> None:
        machine.user(1000)
        done = machine.make()
        assert done.returncode != 0
        assert SAID in done.stdout
        assert machine.calls.read_text() == ""

    def test_that_cannot_be_installed_fails_with_the_reason(self, machine: Machine) -> None:
        machine.user(0)
        machine.apt(100)
        done = machine.make()
        assert done.returncode != 0
        assert "E: no such thing" in done.stdout
        assert SAID in done.stdout
        assert "update" in machine.calls.read_text()

    def test_that_is_there_is_left_alone(self, machine: Machine) -> None:
        machine.program(".venv/bin/python", "echo /usr/bin/chromium")
        machine.user(0)
        done = machine.make()
        assert done.returncode == 0
        assert (done.stdout, machine.calls.read_text()) == ("", "")
