"""The gate and the deployment behind it: from the bytes of a BPMN file to the committed version."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.definitions.commands import SentFile, deploy
from app.definitions.setup import system_actor
from app.identity.directory import Directory
from app.identity.first_office import OFFICE
from bench.figures import Figure, Target
from bench.stage import Stage

# Rows of an SOP, and the milliseconds in which it must be in force or refused.
_SIZES = ((15, 150.0), (60, 500.0))
_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d">'
)
_FORM = (
    '<camunda:formData><camunda:formField id="keputusan" type="enum"><camunda:value id="setuju"/>'
    '<camunda:value id="dikembalikan"/></camunda:formField><camunda:formField id="alasan" type="string"/>'
    "</camunda:formData>"
)


def measure_gate(stage: Stage) -> list[Figure]:
    """Deploy SOPs of 15 and of 60 rows, each time with another text."""
    database = Database(stage.site.copy(stage.template), listeners=LISTENERS)
    try:
        return [_figure(stage, database, rows, limit) for rows, limit in _SIZES]
    finally:
        database.close()


def _figure(stage: Stage, database: Database, rows: int, limit: float) -> Figure:
    with database.read() as connection:
        office = Directory(database).office(connection)
    unit_id = office.unit_keys[OFFICE].id
    actor = system_actor(office, unit_id)
    times = []
    for version in range(stage.plan.batches + 1):
        file = SentFile("bench.bpmn", _sop(rows, version))
        began = time.perf_counter()
        database.write(
            lambda uow, file=file: deploy(  # type: ignore[misc]
                uow,
                actor=actor,
                unit_id=unit_id,
                name="bench",
                source="bench",
                files=[file],
                now=datetime.now(UTC),
            )
        )
        times.append((time.perf_counter() - began) * 1000)
    return Figure(
        f"deploy, {rows} rows",
        stage.site.name,
        "ms",
        sorted(times[1:])[len(times[1:]) // 2],
        target=Target("ours", limit),
        grows="with the elements of the file",
        note="every finding of the gate, the runs played, and the version committed; the first one is left out",
    )


def _sop(rows: int, version: int) -> bytes:
    """Draw an SOP: every fifth row decides and returns to the last draft, and rows in between run side by side."""
    return (
        f'{_HEAD}<process id="bench_{rows}" name="Ukuran {version}" isExecutable="true"><laneSet>'
        f'<lane id="l1" name="Staf">{_members(rows, decides=False)}</lane>'
        f'<lane id="l2" name="Sekretaris Dinas">{_members(rows, decides=True)}</lane></laneSet>'
        f'<startEvent id="mulai"/>{"".join(_blocks(rows))}<endEvent id="selesai"/></process></definitions>'
    ).encode()


def _members(rows: int, *, decides: bool) -> str:
    return "".join(f"<flowNodeRef>b{row}</flowNodeRef>" for row in range(rows) if (row % 5 == 4) == decides)


def _blocks(rows: int) -> Iterator[str]:
    before = "mulai"
    for first in range(0, rows, 5):
        draft, *beside, decider = (f"b{row}" for row in range(first, first + 5))
        yield from (_task(row) for row in range(first, first + 5))
        yield f'<exclusiveGateway id="m{first}"/><exclusiveGateway id="x{first}" default="f{first}_ya"/>'
        yield f'<parallelGateway id="p{first}"/><parallelGateway id="q{first}"/>'
        yield _flow(before, f"m{first}") + _flow(f"m{first}", draft) + _flow(draft, f"p{first}")
        yield from (_flow(f"p{first}", one) + _flow(one, f"q{first}") for one in beside)
        yield _flow(f"q{first}", decider) + _flow(decider, f"x{first}")
        yield (
            f'<sequenceFlow id="f{first}_tidak" sourceRef="x{first}" targetRef="m{first}">'
            "<conditionExpression>${keputusan == 'dikembalikan'}</conditionExpression></sequenceFlow>"
        )
        before = f"t{first}"
        yield f'<exclusiveGateway id="t{first}"/>'
        yield f'<sequenceFlow id="f{first}_ya" sourceRef="x{first}" targetRef="t{first}"/>'
    yield _flow(before, "selesai")


def _task(row: int) -> str:
    decides = row % 5 == 4
    properties = "".join(
        f'<camunda:property name="{name}" value="{value}"/>'
        for name, value in (("nomor", row + 1), ("jenis", "periksa" if decides else "kerja"), ("waktu", "PT2H"))
    )
    form = _FORM if decides else ""
    return (
        f'<userTask id="b{row}" name="Baris {row + 1}"><documentation>Kegiatan {row + 1}</documentation>'
        f"<extensionElements>{form}<camunda:properties>{properties}</camunda:properties></extensionElements></userTask>"
    )


def _flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
