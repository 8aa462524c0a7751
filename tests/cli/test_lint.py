"""`alur lint`: what a deployment would be told, without a database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.shipped import shipped
from tests.drawings import END, START, chain, drawing, one_task, task

STUCK = drawing(
    "b",
    START + task("kerja") + '<bpmn:scriptTask id="skrip"/>\n' + END + chain("mulai", "kerja", "skrip", "selesai"),
    lanes={"Staf": "kerja"},
)


def lint(*arguments: object, url: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "", "ALUR_DATABASE_URL": url or "sqlite:////nowhere/at/all.db", "ALUR_ENVIRONMENT": "demo"}
    command = [sys.executable, "-m", "app.cli", "lint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "buruk.bpmn"
    path.write_bytes(STUCK)
    return path


class TestLint:
    def test_of_the_six_sops_finds_nothing(self) -> None:
        answer = lint(*sorted(shipped("bpmn").glob("*.bpmn")))

        assert (answer.returncode, answer.stdout) == (0, "6 berkas: Tidak ada temuan.\n")

    def test_lists_by_file_in_indonesian(self, bad: Path, tmp_path: Path) -> None:
        good = tmp_path / "baik.bpmn"
        good.write_bytes(one_task("a"))

        answer = lint(bad, good)

        assert answer.returncode == 1
        lines = answer.stdout.splitlines()
        assert lines[0] == str(bad)
        assert "  8:1  galat  unsupported-element  skrip" in lines
        assert "      Alur tidak menjalankan 'scriptTask'." in lines
        assert "      -> Ganti dengan tugas pengguna, atau dengan service task berimplementasi 'External'." in lines
        assert str(good) not in lines
        assert lines[-1].startswith("2 berkas: ")

    def test_speaks_english(self, bad: Path) -> None:
        answer = lint("--language", "en", bad)

        assert "      Alur does not run 'scriptTask'." in answer.stdout.splitlines()

    def test_writes_json_for_tools(self, bad: Path) -> None:
        answer = lint("--json", bad)

        content = json.loads(answer.stdout)
        assert answer.returncode == 1
        assert content["files"] == 1
        assert content["errors"] == sum(one["severity"] == "error" for one in content["findings"]) > 0
        assert {"remedy", "remedy_en", "message", "line"} <= set(content["findings"][0])

    @pytest.mark.parametrize("lane", ["Staf", "Juru Arsip"])
    def test_refuses_one_process_in_two_files_as_a_deployment_would(self, lane: str, tmp_path: Path) -> None:
        one, two = tmp_path / "satu.bpmn", tmp_path / "dua.bpmn"
        one.write_bytes(one_task("a", lane=lane))
        two.write_bytes(one_task("a", lane=lane, name="Lain"))

        answer = lint(one, two)

        assert answer.returncode == 1
        assert "  4:1  galat  key-twice  a" in answer.stdout.splitlines()
        assert f"      Berkas '{one}' memuat proses 'a' juga." in answer.stdout.splitlines()

    def test_takes_a_lane_that_is_not_shipped_for_one_that_the_office_may_know(self, tmp_path: Path) -> None:
        path = tmp_path / "a.bpmn"
        path.write_bytes(one_task("a", lane="Juru Arsip"))

        answer = lint(path)

        assert answer.returncode == 0
        assert "peringatan  unknown-lane  lane_0" in answer.stdout

    def test_asks_the_database_for_the_roles_of_a_unit(self, tmp_path: Path, url: str) -> None:
        path = tmp_path / "a.bpmn"
        path.write_bytes(one_task("a", lane="Juru Arsip"))

        answer = lint(path, "--unit", "disnaker", url=url)

        assert answer.returncode == 1
        assert "galat  unknown-lane  lane_0" in answer.stdout

    @pytest.mark.parametrize("arguments", [(), ("tidak-ada.bpmn",), ("--bahasa", "id")])
    def test_typed_wrongly_is_exit_status_2(self, arguments: tuple[str, ...]) -> None:
        assert lint(*arguments).returncode == 2

    def test_of_a_unit_that_does_not_exist_is_exit_status_2(self, bad: Path, url: str) -> None:
        answer = lint(bad, "--unit", "antah", url=url)

        assert answer.returncode == 2
        assert "disnaker" in answer.stderr
