"""Whether the service lives, and whether it can work."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from sqlalchemy.engine import Connection

from app.core import migrations
from app.core.database import Database
from app.core.draining import Draining
from app.core.http import app_of, json_response
from app.core.routes import strict_router

router = strict_router("health", "")

MOST_LAG = 900
"""Seconds that a job may be overdue before the service calls itself not ready.

Timers are looked for every second, so minutes of lag are a heavy load or a short outage, which pass and are no reason
to take the servers away from the people who work. After a quarter of an hour nobody fires them at all.
"""

LEAST_FREE = 64 * 2**20
"""Bytes that must be free for SQLite: its log beside the file alone may take some."""


@router.get("/health/live")
def show_liveness() -> Response:
    """Answer as long as the process runs."""
    return json_response({"status": "ok"})


@router.get("/health/ready")
def show_readiness(request: Request) -> Response:
    """Tell whether the service can work: its database, its migrations, its disk, and whether what is due gets done.

    A server that is about to stop is not ready (`draining`). `job_lag_seconds` is for how long the oldest job that is
    due has been; null where it cannot be told.
    """
    lag_of: Callable[[Connection], float] = request.app.state.lag
    draining: Draining = request.app.state.draining
    checks: dict[str, Any] = {"database": "ok"}
    if draining.begun:
        checks["draining"] = "this server is about to stop: send requests to another one"
    lag: float | None = None
    try:
        with app_of(request).database.read() as connection:
            checks["disk"] = _fault_of_disk(app_of(request).database) or "ok"
            fault = migrations.fault(connection)
            checks["migrations"] = fault or "ok"
            if fault is None:
                lag = round(lag_of(connection), 3)
                checks["job_lag"] = "ok" if lag <= MOST_LAG else _late(lag)
    except sa.exc.SQLAlchemyError as error:
        checks["database"] = _why(error)
    ready = all(value == "ok" for value in checks.values())
    content = {"status": "ok" if ready else "not ready", "checks": checks, "job_lag_seconds": lag}
    return json_response(content, 200 if ready else 503)


def _why(error: sa.exc.SQLAlchemyError) -> str:
    name = type(error).__name__
    if isinstance(error, sa.exc.TimeoutError):
        return f"all connections of this process are in use ({name}): raise ALUR_DATABASE_POOL, or serve with more"
    return f"does not answer ({name}): see that it runs, and ALUR_DATABASE_URL; the log has its words"


def _fault_of_disk(database: Database) -> str | None:
    """Return why nothing can be written where the file of SQLite is; the disk of PostgreSQL is not seen from here."""
    path = database.engine.url.database
    if not database.is_sqlite or path is None:
        return None
    if not os.access(path, os.W_OK):
        return f"{path} cannot be written: mend its owner and mode, or how its disk is mounted"
    free = shutil.disk_usage(Path(path).parent).free
    if free < LEAST_FREE:
        return f"{free // 2**20} MiB are free for {path} (at least {LEAST_FREE // 2**20}): make room"
    return None


def _late(lag: float) -> str:
    return f"a job has been due for {lag:.0f} s (at most {MOST_LAG}): see the log of alur serve and alur worker"
