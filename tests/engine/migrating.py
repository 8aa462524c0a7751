"""Running instances brought into other models, with what is said of it."""

from datetime import datetime

from app import engine
from tests.engine.running import Running, read

LINE = "S U1\nU1 U2\nU2 E"


def process(
    flows: str = LINE, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None
) -> engine.Process:
    return read(flows, attributes, inside)


def migrate(running: Running, target: engine.Process, **mapping: str) -> engine.Migrated:
    """Migrate at the present of a running instance; two underscores in a keyword stand for the minus of a flow's id."""
    told = {name.replace("__", "-"): counterpart for name, counterpart in mapping.items()}
    return engine.migrate(running.process, target, running.step.state, told, now=running.now)


def crossed(running: Running, target: engine.Process, **mapping: str) -> Running:
    """Return the instance after a migration that must be possible."""
    migrated = migrate(running, target, **mapping)
    assert migrated.step is not None, migrated.findings
    after = Running.__new__(Running)
    after.process, after.now, after.step = target, running.now, migrated.step
    return after


def refused(running: Running, target: engine.Process, **mapping: str) -> list[tuple[str, str | None]]:
    """Return the codes and elements for which a migration is refused; each must tell a remedy in both languages."""
    migrated = migrate(running, target, **mapping)
    assert migrated.step is None
    errors = [finding for finding in migrated.findings if finding.severity == "error"]
    for finding in errors:
        assert min(len(finding.text.id), len(finding.text.en), len(finding.remedy.en)) > 20
        assert "igrasi" in finding.remedy.id or "apping" in finding.remedy.id
    return [(finding.code, finding.element_id) for finding in errors]


def told(migrated: engine.Migrated) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.element_id) for finding in migrated.findings]


def dues(step: engine.Step) -> dict[str, datetime | None]:
    return {wait.element_id: wait.due_at for wait in step.waits}
