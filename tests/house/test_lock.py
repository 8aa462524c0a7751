"""The lock files hold what pyproject.toml asks for: exact, hashed and from no named place."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, files, text

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = {
    "runtime": PROJECT["project"]["dependencies"],
    "dev": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]],
    "build": PROJECT["dependency-groups"]["build"],
    "lock": PROJECT["dependency-groups"]["lock"],
}
LOCKS = sorted(GROUPS)


def locked(lock: str) -> dict[str, str]:
    """Return the version of every package in a lock file, by its canonical name."""
    requirements = [
        Requirement(line.rstrip(" \\")) for line in lock_text(lock).splitlines() if re.match(r"[A-Za-z0-9]", line)
    ]
    assert all(re.fullmatch(r"==[^,*]+", str(requirement.specifier)) for requirement in requirements)
    return {canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in requirements}


def lock_text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


@pytest.mark.parametrize("lock", LOCKS)
class TestLock:
    def test_holds_a_version_in_every_range_of_the_project(self, lock: str) -> None:
        versions = locked(lock)

        for wanted in map(Requirement, GROUPS[lock]):
            assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted

    def test_has_a_hash_for_every_package(self, lock: str) -> None:
        _, *entries = re.split(r"^(?=[A-Za-z0-9])", lock_text(lock), flags=re.MULTILINE)

        assert entries
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []

    def test_names_no_index(self, lock: str) -> None:
        """An office behind a mirror of its own installs from the same file."""
        assert "://" not in lock_text(lock)


class TestLocks:
    @pytest.mark.parametrize("lock", ["runtime", "build"])
    def test_agree_with_the_one_that_the_tests_run_on(self, lock: str) -> None:
        assert locked(lock).items() <= locked("dev").items()

    def test_of_npm_name_no_registry(self) -> None:
        npm_locks = [path for path in files() if path.name == "package-lock.json"]

        assert [str(path) for path in npm_locks if re.search(r'"resolved":\s*"http', text(path))] == []

    def test_are_all_tested(self) -> None:
        assert sorted(path.stem for path in Path(ROOT, "requirements").glob("*.txt")) == LOCKS
