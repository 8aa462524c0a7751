"""Ask the public advisories about every locked dependency: `python -m tests.house.audit`.

Exit status 1 means that a dependency has a known vulnerability. Where the advisories cannot be asked, the audit says
so in a line that begins with NOT CHECKED and exits with 0: a machine without that service can still work, and nobody
takes silence for a clean result. (pip-audit alone reports "no known vulnerabilities" when every answer was missing.)
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = Path("requirements/dev.txt")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the advisories said about a list of packages, each as `name version`."""

    asked: int
    unanswered: Sequence[str]
    vulnerable: Sequence[str]


def read_report(report: dict[str, Any]) -> Verdict:
    """Read pip-audit's JSON report; a package that the service does not know counts as unanswered."""
    dependencies = report["dependencies"]
    return Verdict(
        asked=len(dependencies),
        unanswered=[f"{entry['name']}: {entry['skip_reason']}" for entry in dependencies if "skip_reason" in entry],
        vulnerable=[
            f"{entry['name']} {entry['version']}: {advisory['id']}, fixed in {advisory['fix_versions'] or 'no version'}"
            for entry in dependencies
            for advisory in entry.get("vulns", ())
        ],
    )


def summarise(verdict: Verdict) -> tuple[str, int]:
    """Return the sentences to print and the exit status."""
    if verdict.vulnerable:
        return "\n".join(["Known vulnerabilities:", *verdict.vulnerable]), 1
    if len(verdict.unanswered) == verdict.asked:
        return "NOT CHECKED: the advisory service knows none of the locked packages (a mirror without advisories?).", 0
    if verdict.unanswered:
        return "\n".join(["NOT CHECKED, the rest has no known vulnerability:", *verdict.unanswered]), 0
    return f"{verdict.asked} locked packages, none with a known vulnerability.", 0


def ask(lock: Path) -> Verdict | str:
    """Return the service's answer about the packages of a lock file, or why there was none."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes"]
        options = ["--progress-spinner", "off", "--format", "json", "--output", str(report)]
        run = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if report.exists() and (text := report.read_text()):
            return read_report(json.loads(text))
    return (run.stderr.strip().splitlines() or [f"pip-audit ended with status {run.returncode}"])[-1]


def first_requirement(lock: str) -> str:
    """Return the first pinned package of a lock file with its hashes."""
    lines = lock.splitlines()
    start = next(number for number, line in enumerate(lines) if "==" in line)
    end = next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
    return "\n".join([*lines[start : end + 1], ""])


def main() -> int:
    # One package first: a service that is absent is found out with one question, not with one for every package.
    with tempfile.TemporaryDirectory() as scratch:
        probe = Path(scratch, "probe.txt")
        probe.write_text(first_requirement(LOCK.read_text()))
        answer = ask(probe)
    if isinstance(answer, Verdict) and not answer.unanswered:
        answer = ask(LOCK)
    if isinstance(answer, str):
        print(f"NOT CHECKED: the advisory service did not answer ({answer}).")
        return 0
    sentences, status = summarise(answer)
    print(sentences)
    return status


if __name__ == "__main__":
    sys.exit(main())
