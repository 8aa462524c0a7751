"""Whether the service lives, and whether it can work."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from sqlalchemy.engine import Connection

from app.core import migrations
from app.core.http import app_of, json_response
from app.core.routes import strict_router

router = strict_router("health", "")

MOST_LAG = 900
"""Seconds that a job may be overdue before the service calls itself not ready.

Timers are looked for every second, so minutes of lag are a heavy load or a short outage, which pass and are no reason
to take the servers away from the people who work. After a quarter of an hour nobody fires them at all.
"""


@router.get("/health/live")
def show_liveness() -> Response:
    """Answer as long as the process runs."""
    return json_response({"status": "ok"})


@router.get("/health/ready")
def show_readiness(request: Request) -> Response:
    """Tell whether the service can work: its database, its migrations, and whether what is due gets done.

    `job_lag_seconds` is for how long the oldest job that is due has been; null where it cannot be told.
    """
    lag_of: Callable[[Connection], float] = request.app.state.lag
    checks: dict[str, Any] = {"database": "ok"}
    lag: float | None = None
    try:
        with app_of(request).database.read() as connection:
            fault = migrations.fault(connection)
            checks["migrations"] = fault or "ok"
            if fault is None:
                lag = round(lag_of(connection), 3)
                checks["job_lag"] = "ok" if lag <= MOST_LAG else _late(lag)
    except sa.exc.SQLAlchemyError as error:
        checks["database"] = f"does not answer ({type(error).__name__})"
    ready = all(value == "ok" for value in checks.values())
    content = {"status": "ok" if ready else "not ready", "checks": checks, "job_lag_seconds": lag}
    return json_response(content, 200 if ready else 503)


def _late(lag: float) -> str:
    return f"a job has been due for {lag:.0f} s (at most {MOST_LAG}): see the log of alur serve and alur worker"
