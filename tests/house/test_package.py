"""The wheel holds what an installed Alur needs, and nothing from the tests."""

import json
import subprocess
import sys
import zipfile

import pytest

from tests.house.tree import ROOT, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that `pip install .` and the Dockerfile build."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(target.glob("alur-*.whl")))


class TestWheel:
    def test_ships_the_migrations_and_the_diagrams(self, wheel: zipfile.ZipFile) -> None:
        shipped = [path for path in files() if path.parts[0] in ("bpmn", "migrations")]

        assert shipped
        assert {f"app/shipped/{path.as_posix()}" for path in shipped} <= set(wheel.namelist())

    def test_ships_every_module_of_the_service(self, wheel: zipfile.ZipFile) -> None:
        service = {path.as_posix() for path in files() if path.parts[0] == "app" and "frontend" not in path.parts}
        assert service <= set(wheel.namelist())

    def test_ships_the_assets_of_the_pages_and_not_what_built_them(self, wheel: zipfile.ZipFile) -> None:
        names = set(wheel.namelist())
        manifest = json.loads(wheel.read("app/web/static/manifest.json"))
        assert {f"app/web/static/{name}" for name in manifest["files"]} <= names
        assert not [name for name in names if "frontend" in name or "node_modules" in name]

    def test_ships_nothing_else(self, wheel: zipfile.ZipFile) -> None:
        assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"app", "alur"}

    def test_carries_the_licence(self, wheel: zipfile.ZipFile) -> None:
        assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
