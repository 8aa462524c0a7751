"""The audit never takes a missing answer for a clean one."""

from typing import Any

import pytest

from tests.house.audit import first_requirement, read_report, summarise

CLEAN: dict[str, Any] = {"name": "lxml", "version": "6.1.3", "vulns": []}
UNKNOWN: dict[str, Any] = {"name": "orjson", "skip_reason": "Dependency not found"}
VULNERABLE: dict[str, Any] = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}],
}


class TestAudit:
    @pytest.mark.parametrize(
        ("dependencies", "beginning", "status"),
        [
            ([CLEAN], "1 locked packages, none", 0),
            ([UNKNOWN], "NOT CHECKED: ", 0),
            ([CLEAN, UNKNOWN], "NOT CHECKED, the rest", 0),
            ([], "NOT CHECKED: ", 0),
            ([CLEAN, UNKNOWN, VULNERABLE], "Known vulnerabilities:", 1),
        ],
    )
    def test_says_what_was_found_and_what_was_not_asked(
        self, dependencies: list[dict[str, Any]], beginning: str, status: int
    ) -> None:
        sentences, exit_status = summarise(read_report({"dependencies": dependencies}))

        assert sentences.startswith(beginning)
        assert exit_status == status

    def test_names_the_version_that_is_safe(self) -> None:
        sentences, _ = summarise(read_report({"dependencies": [VULNERABLE]}))

        assert "jinja2 2.10: PYSEC-2019-217, fixed in ['2.10.1']" in sentences

    def test_asks_first_about_one_package_with_all_its_hashes(self) -> None:
        lock = "# make lock\nalembic==1.20.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nlxml==6.1.3 \\\n"

        assert first_requirement(lock) == "alembic==1.20.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
