"""The contracts of pyproject.toml hold, and each would catch what it is there for."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [
    name.strip("() ")
    for line in next(contract for contract in CONTRACTS if contract["type"] == "layers")["layers"]
    for name in line.replace("|", ":").split(":")
]
KINDS = ("commands", "queries", "policy", "models", "events")


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package `app` in a directory, with the project's own contracts."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty house: every package that the contracts name, with nothing in it."""
    for layer in LAYERS:
        package = tmp_path / "app" / layer
        package.mkdir(parents=True)
        for module in ("__init__", *KINDS):
            (package / f"{module}.py").touch()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "engine" / "workflow.py").write_text("import SpiffWorkflow\n")
    (tmp_path / "app" / "core" / "database.py").write_text("import sqlalchemy\n")
    (tmp_path / "app" / "core" / "http.py").write_text("import fastapi\n")
    return tmp_path


class TestContracts:
    def test_hold_for_the_code(self) -> None:
        result = lint_imports(ROOT)

        assert result.returncode == 0, result.stdout + result.stderr

    def test_hold_for_an_empty_house(self, house: Path) -> None:
        result = lint_imports(house)

        assert result.returncode == 0, result.stdout + result.stderr

    @pytest.mark.parametrize(
        ("module", "line", "broken"),
        [
            ("core/clock.py", "import app.tasks.commands", "Imports point only downwards"),
            ("audit/commands.py", "import app.instances.models", "Imports point only downwards"),
            ("letters/commands.py", "import app.documents.models", "Imports point only downwards"),
            ("engine/model.py", "import app.sop.models", "Imports point only downwards"),
            ("utils/__init__.py", "", "Imports point only downwards"),
            ("tasks/forms.py", "import SpiffWorkflow", "Only the engine imports SpiffWorkflow"),
            ("definitions/gate.py", "from SpiffWorkflow.bpmn import parser", "Only the engine imports SpiffWorkflow"),
            ("engine/store.py", "import sqlalchemy", "The engine knows no database and no web"),
            ("engine/store.py", "import app.core.database", "The engine knows no database and no web"),
            ("tasks/commands.py", "import fastapi", "models and events know no web"),
            ("identity/policy.py", "import starlette.requests", "models and events know no web"),
            ("calendar/models.py", "import app.core.http", "models and events know no web"),
        ],
    )
    def test_catch(self, house: Path, module: str, line: str, broken: str) -> None:
        path = house / "app" / module
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{line}\n")

        result = lint_imports(house)

        assert result.returncode == 1, result.stdout + result.stderr
        verdict = next(row for row in result.stdout.splitlines() if broken in row)
        assert verdict.endswith("BROKEN")
