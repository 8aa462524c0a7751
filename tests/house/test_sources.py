"""Rules about the text of the repository that no linter knows."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, modules, names, text

MACHINE_PATH = re.compile(r"(?<![\w.$}>)-])/(?:home|root|Users|tmp|work)/\w")
# In brackets, so that this line does not find itself.
UNFINISHED = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK|[N]otImplementedError)\b")
CLOCKS = re.compile(r"(?:^|\.)(?:datetime|date)\.(?:now|utcnow|today)$|^time\.time(?:_ns)?$")
ENVIRONMENT = re.compile(r"^os\.(?:environ|getenv|putenv)$")
SKIPS = re.compile(r"^pytest\.(?:skip|xfail|importorskip|mark\.(?:skip|skipif|xfail))$")


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def uses(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [f"{path}:{line}: {name}" for path in paths for line, name in names(path) if pattern.search(name)]


class TestText:
    def test_names_no_path_of_somebodys_machine(self) -> None:
        assert lines_with(MACHINE_PATH, list(files())) == []

    def test_leaves_nothing_marked_as_unfinished(self) -> None:
        assert lines_with(UNFINISHED, modules("app", "bench", "migrations", "tests")) == []

    def test_ends_every_file_with_one_newline(self) -> None:
        untidy = [str(path) for path in files() if (body := text(path)) and body.rstrip("\n") + "\n" != body]

        assert untidy == []

    @pytest.mark.parametrize("folder", ["home", "root", "Users", "tmp", "work"])
    @pytest.mark.parametrize("before", ["cd ", 'open("', "path=", "(", ""])
    def test_would_notice_a_machine_path(self, before: str, folder: str) -> None:
        assert MACHINE_PATH.search(f"{before}/{folder}/siti")

    @pytest.mark.parametrize("sample", ["$HOME/work/x", "docs/work/x", "{base}/home/x", "<a></a>/root/x", "./tmp/x"])
    def test_lets_a_path_inside_another_pass(self, sample: str) -> None:
        assert not MACHINE_PATH.search(sample)


class TestModules:
    def test_are_at_most_400_lines(self) -> None:
        sizes = {str(path): len(text(path).splitlines()) for path in modules("app", "bench", "migrations", "tests")}

        assert {path: size for path, size in sizes.items() if size > 400} == {}

    def test_take_the_time_from_the_clock_they_are_given(self) -> None:
        outside_core = [path for path in modules("app") if path.parts[1] != "core"]

        assert uses(CLOCKS, outside_core) == []

    def test_leave_the_environment_to_the_settings(self) -> None:
        outside_core = [path for path in modules("app") if path.parts[1] != "core"]

        assert uses(ENVIRONMENT, outside_core) == []


class TestTests:
    def test_are_never_skipped(self) -> None:
        assert uses(SKIPS, modules("tests")) == []

    def test_are_namespace_packages(self) -> None:
        """Two test modules may then bear one name, and nothing imports a folder of tests by accident."""
        assert [str(path) for path in files() if path.parts[0] == "tests" and path.name == "__init__.py"] == []

    def test_mirror_the_packages_of_the_service(self) -> None:
        about_the_whole = {"house", "migrations", "diagrams", "bpmn", "faults", "bench", "clients", "security"}
        packages = {entry.stem for entry in (ROOT / "app").iterdir()}
        folders = {path.parts[1] for path in modules("tests") if len(path.parts) > 2}

        assert folders - packages - about_the_whole == set()
