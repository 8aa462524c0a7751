"""The gate and the deployment behind it: from the bytes of a BPMN file to the committed version."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import yaml

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.definitions.catalogue import Catalogue
from app.definitions.commands import SentFile, deploy
from app.identity.directory import Directory
from app.identity.first_office import OFFICE
from app.identity.office import system_actor
from app.sop.tables import load_table
from app.sop.write import write
from bench.figures import Figure, Target
from bench.load import ROOT
from bench.stage import Stage

# Rows of an SOP, and the milliseconds in which it must be in force or refused.
_SIZES = ((15, 150.0), (60, 500.0))
_SHIPPED = ROOT / "bpmn" / "tables" / "iku.yaml"


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
    actor = system_actor(office, "deploy", [unit_id])
    times = []
    for version in range(stage.plan.batches + 1):
        file = SentFile("bench.bpmn", _sop(rows, version))
        began = time.perf_counter()
        database.write(
            lambda uow, file=file: deploy(  # type: ignore[misc]
                uow,
                Catalogue(),
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
        note="every finding of the gate and the lint, the runs played, the version committed; the first one left out",
    )


def _sop(rows: int, version: int) -> bytes:
    """Draw an SOP as the shipped ones are: every fifth row checks, and returns to the draft four rows before."""
    table = yaml.safe_load(_SHIPPED.read_bytes())
    activity, (decision, *_) = table["activities"][0], table["decisions"]
    table["key"], table["judul"] = f"bench_{rows}", f"Ukuran {version}"
    table["activities"] = [_activity(activity, row, rows) for row in range(1, rows + 1)]
    table["decisions"] = [_decision(decision, row, rows) for row in range(5, rows + 1, 5)]
    return write(load_table(json.dumps(table, default=str).encode()))


def _activity(like: dict[str, Any], row: int, rows: int) -> dict[str, Any]:
    checks = row % 5 == 0
    return {
        **like,
        "no": row,
        "label": f"Baris {row}",
        "kegiatan": f"Kegiatan {row}",
        "jenis": "periksa" if checks else "kerja",
        "keputusan": checks,
        "simbol": "decision" if checks else "process",
        "role": "sekretaris" if checks else "staf",
        "next": [_after(row, rows), *([row - 4] if checks else [])],
    }


def _decision(like: dict[str, Any], row: int, rows: int) -> dict[str, Any]:
    agreed, returned = like["hasil"]
    return {
        **like,
        "langkah": row,
        "pemutus": "sekretaris",
        "hasil": [{**agreed, "ke": _after(row, rows)}, {**returned, "ke": row - 4}],
    }


def _after(row: int, rows: int) -> int | str:
    return row + 1 if row < rows else "selesai"
