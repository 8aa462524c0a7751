"""What `make` says on a machine where something is missing, and what it leaves undone there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone, as far as building the environment goes."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def python(checkout: Path, *, version: str, without: str = "nothing") -> Path:
    """Write a stand-in for a Python of some version that lacks a module and whose every other act fails."""
    path = checkout / "python"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$*" in\n'
        f'*"(3, 11)"*) [ {version} != 3.10 ] ;;\n'
        f"*{without}*) exit 1 ;;\n"
        f"*ensurepip*) exit 0 ;;\n"
        f"*%d.%d*) echo {version} ;;\n"
        f'*--version*) echo "Python {version}.0" ;;\n'
        "*) exit 1 ;;\n"
        "esac\n"
    )
    path.chmod(0o755)
    return path


def make_run(checkout: Path, interpreter: Path) -> subprocess.CompletedProcess[str]:
    # Nothing of the `make test` that runs this may reach the make under test.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VENV"))}
    return subprocess.run(
        ["make", "run", f"PYTHON={interpreter}", "VENV=.venv"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestFirstRun:
    def test_names_the_package_of_a_missing_venv_module(self, checkout: Path) -> None:
        result = make_run(checkout, python(checkout, version="3.11", without="ensurepip"))

        assert result.returncode != 0
        assert "lacks its venv module" in result.stdout
        assert "sudo apt install python3.11-venv" in result.stdout

    def test_asks_for_a_newer_python(self, checkout: Path) -> None:
        interpreter = python(checkout, version="3.10")

        result = make_run(checkout, interpreter)

        assert result.returncode != 0
        assert "Alur needs Python 3.11 or newer" in result.stdout
        assert "make PYTHON=" in result.stdout

    def test_does_a_step_again_that_was_broken_off(self, checkout: Path) -> None:
        interpreter = python(checkout, version="3.12")

        first, second = make_run(checkout, interpreter), make_run(checkout, interpreter)

        assert "[1/3]" in first.stdout
        assert "[1/3]" in second.stdout
        assert not list(checkout.glob(".venv/.*"))

    def test_lists_its_targets(self, checkout: Path) -> None:
        result = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True)

        assert {"run", "test", "check", "check-diagrams", "bench"} <= {
            line.split()[1] for line in result.stdout.splitlines() if line.startswith("  make ")
        }
