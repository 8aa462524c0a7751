"""The reference: the plainest endpoint that completes a task with FastAPI and SQLAlchemy Core.

One SELECT, one UPDATE, one INSERT, one commit; no roles, no engine, no audit, no authentication. It is served by the
same uvicorn, on the same kind of database with the same durability, takes the same body as ours and gives an answer of
about the same length. `/empty` answers nothing, without a database.
"""

import argparse
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel

URL_VARIABLE = "BENCH_DATABASE_URL"

_metadata = sa.MetaData()
task = sa.Table(
    "task",
    _metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("instance_id", sa.Uuid, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),
    sa.Column("completed_at", sa.DateTime(timezone=True)),
    sa.Column("completed_by", sa.Text),
    sa.Column("decision", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Index("ix_task_role_state", "role", "state", "created_at"),
)
_NAMES = tuple(str(column.name) for column in task.columns)
# Brings the answer to the length of ours.
_STANDARD = [{"name": "Berkas kelengkapan menurut baku mutu kegiatan", "satisfied": None}] * 19


class Completion(BaseModel):
    """The values of a form."""

    variables: dict[str, Any]


def open_engine(url: str) -> sa.Engine:
    """Return an engine with the durability that ours has: every commit is on the disk before the answer."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=10, max_overflow=10)
    engine = sa.create_engine(url, pool_size=10, max_overflow=10)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def first_tasks(url: str, number: int) -> list[UUID]:
    """Make the table and some open tasks; returns their ids."""
    engine = open_engine(url)
    _metadata.create_all(engine)
    rows = [_new_row(uuid4()) for _ in range(number)]
    with engine.begin() as connection:
        connection.execute(sa.insert(task), rows)
    engine.dispose()
    return [row["id"] for row in rows]


def _new_row(instance_id: UUID) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": uuid4(),
        "instance_id": instance_id,
        "name": "Memeriksa draf rancangan awal Renja",
        "role": "tim_renja",
        "state": "open",
        "created_at": now,
        "due_at": now + timedelta(days=3),
    }


def create_app(url: str) -> FastAPI:
    """Return the reference application on a database."""
    engine = open_engine(url)
    app = FastAPI()

    @app.get("/empty")
    def empty() -> dict[str, Any]:
        return {}

    @app.post("/tasks/{task_id}/complete")
    def complete(task_id: UUID, body: Completion) -> Response:
        with engine.begin() as connection:
            row = connection.execute(sa.select(task).where(task.c.id == task_id)).one_or_none()
            if row is None or row.state != "open":
                raise HTTPException(409)
            done = {
                "state": "completed",
                "completed_at": datetime.now(UTC),
                "completed_by": "somebody",
                "decision": body.variables.get("keputusan"),
                "reason": body.variables.get("alasan"),
            }
            connection.execute(sa.update(task).where(task.c.id == task_id).values(done))
            opened = _new_row(row.instance_id)
            connection.execute(sa.insert(task), opened)
        completed = {**dict(zip(_NAMES, row, strict=True)), **done, "requirements": _STANDARD}
        answer = {"task": completed, "next_tasks": [opened]}
        return Response(orjson.dumps(answer), media_type="application/json")

    return app


def from_environment() -> FastAPI:
    """Make the application on the database that the environment names; what a server process calls."""
    return create_app(os.environ[URL_VARIABLE])


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--workers", type=int, default=1)
    given = options.parse_args()
    uvicorn.run(
        "bench.reference:from_environment",
        factory=True,
        host="127.0.0.1",
        port=given.port,
        workers=given.workers if given.workers > 1 else None,
        log_config=None,
        access_log=False,
        server_header=False,
    )
