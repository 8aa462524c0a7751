"""Whether the service lives, and whether it can work."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from app.core import migrations
from app.core.http import app_of, json_response

router = APIRouter(tags=["health"])


@router.get("/health/live")
def show_liveness() -> Response:
    """Answer as long as the process runs."""
    return json_response({"status": "ok"})


@router.get("/health/ready")
def show_readiness(request: Request) -> Response:
    """Tell whether the service can work: the database answers, and its migrations are those of this version."""
    checks: dict[str, Any] = {}
    try:
        with app_of(request).database.read() as connection:
            present, wanted = migrations.revision(connection), migrations.newest()
        checks["database"] = "ok"
        checks["migrations"] = "ok" if present == wanted else f"at {present}, this version needs {wanted}: alur migrate"
    except sa.exc.SQLAlchemyError as error:
        checks["database"] = f"does not answer ({type(error).__name__})"
    ready = all(value == "ok" for value in checks.values())
    return json_response({"status": "ok" if ready else "not ready", "checks": checks}, 200 if ready else 503)
