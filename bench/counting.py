"""What is counted rather than timed: statements, transactions, round trips, and what an instance leaves behind."""

import json
import sqlite3
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.bootstrap import LISTENERS, METADATA
from app.core.database import Database
from app.core.settings import Settings
from app.main import create_app
from bench.databases import POSTGRESQL
from bench.figures import Figure, Target
from bench.load import Load
from bench.office import Json, Office, Send, headers_of, over_http
from bench.stage import Stage
from bench.wire import Relay, counted_trips

_WARM_UP = 12
_COUNTED = 10


class StatementCounter:
    """Counts what the drivers send, whoever asks them: statements, and commits. BEGIN and PRAGMA are no statements.

    It must be made before the engine has opened a connection.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.statements: list[str] = []
        self.transactions = 0
        sa.event.listen(engine, "connect", self._on_connect)

    def restart(self) -> None:
        """Count from nothing again."""
        self.statements, self.transactions = [], 0

    def _on_connect(self, connection: sqlite3.Connection | psycopg.Connection, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(self._on_statement)
            return
        on_statement = self._on_statement

        class Counted(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **more: Any) -> Self:
                on_statement(query if isinstance(query, str) else bytes(query).decode())
                return super().execute(query, params, **more)

        connection.cursor_factory = Counted

    def _on_statement(self, statement: str) -> None:
        if statement == "COMMIT":
            self.transactions += 1
        elif not statement.startswith(("BEGIN", "PRAGMA", "ROLLBACK")):
            self.statements.append(" ".join(statement.split()))


@contextmanager
def in_process(url: str, directory: Path) -> Iterator[tuple[Send, StatementCounter]]:
    """Run the service inside this process, without its timers; yields a sender and the counter of its statements."""
    database = Database(url, listeners=LISTENERS)
    counter = StatementCounter(database.engine)
    settings = Settings(environment="demo", data_dir=directory, database_url=url)
    try:
        client = TestClient(create_app(settings, database=database))

        def send(
            method: str,
            path: str,
            *,
            token: str | None = None,
            body: Mapping[str, Any] | str | None = None,
            key: str | None = None,
        ) -> Json:
            content = body if isinstance(body, str) or body is None else json.dumps(body)
            answer = client.request(method, path, headers=headers_of(token, body, key), content=content)
            answer.raise_for_status()
            found: Json = answer.json()
            return found

        yield send, counter
    finally:
        database.close()


def measure_statements(stage: Stage) -> list[Figure]:
    """The statements and transactions of one completion: sign-in cached, with an Idempotency-Key."""
    url, kind = stage.site.copy(stage.template), stage.site.name
    with in_process(url, stage.directory) as (send, counter):
        office = Office(send)
        task = str(office.loop()[0])
        task = office.round(task, "before")
        counter.restart()
        office.round(task, "counted")
    sent = Counter(" ".join(statement.split()[:3]) for statement in counter.statements)
    return [
        Figure(
            "statements a completion",
            kind,
            "",
            len(counter.statements) / 2,
            target=Target("ours", 6),
            grows="with the tasks and waits withdrawn and the waits opened; opened tasks go in together",
            note="counted over a draft and its return; sent: " + "; ".join(f"{n}x {text}" for text, n in sent.items()),
        ),
        Figure(
            "transactions a completion",
            kind,
            "",
            counter.transactions / 2,
            target=Target("ours", 1),
            grows="constant",
            note="counted over a draft and its return",
        ),
    ]


def measure_trips(stage: Stage) -> list[Figure]:
    """The round trips of one completion between the server and PostgreSQL, and those of the reference."""
    if stage.site.name != POSTGRESQL:
        return []
    client = stage.clients[0]

    def trips(relay: Relay, load: Load) -> float:
        client.run(load, count=_WARM_UP)
        found = []
        for _ in range(_COUNTED):
            before = relay.trips
            client.run(load, count=1)
            found.append(relay.trips - before)
        # A server looks for due timers once a second on a connection of its own; the median leaves that out.
        return statistics.median(found)

    with counted_trips(stage.site.copy(stage.template)) as (relay, url), stage.alur(url) as server:
        office = Office(over_http(server.port))
        ours = trips(relay, Load(server.port, office.loop_steps(with_key=True), [office.loop()]))
    with counted_trips(stage.site.empty()) as (relay, url), stage.reference(url) as (_, loads):
        theirs = trips(relay, loads[0])
    return [
        Figure(
            "round trips a completion",
            stage.site.name,
            "",
            ours,
            theirs,
            target=Target("ours", 4),
            grows="constant: everything that is written goes in one pipeline with the commit",
            note="counted on the wire by a relay that holds answers back, so that only waiting for one counts",
        )
    ]


def measure_instance(stage: Stage) -> list[Figure]:
    """What a finished instance leaves in the database: bytes on disk with indexes, and rows, the trail included."""
    url, kind, number = stage.site.copy(stage.template), stage.site.name, stage.plan.instances
    with stage.alur(url) as server:
        office = Office(over_http(server.port))
        office.finish()
        size, rows = stage.site.size(url), _rows(url)
        for _ in range(number):
            office.finish()
        size, rows = stage.site.size(url) - size, {name: count - rows[name] for name, count in _rows(url).items()}
    found = {name: count / number for name, count in rows.items() if count}
    parts = ", ".join(f"{name} {count:g}" for name, count in found.items())
    return [
        Figure(
            "bytes of a finished Renja",
            kind,
            "kB",
            size / number / 1000,
            target=Target("ours", 40),
            grows="linear in the tasks completed, returns included",
            note=f"growth of all tables and indexes by {number} instances without a return, after a vacuum",
        ),
        Figure(
            "rows of a finished Renja",
            kind,
            "",
            sum(found.values()),
            target=Target("ours", 120),
            grows="linear in the tasks completed: a task and an act of the trail each",
            note=parts,
        ),
    ]


def _rows(url: str) -> dict[str, int]:
    """Count the rows of every table but those that do not grow with instances: kept answers and counters."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
                if table.name not in ("idempotency", "unit_counter")
            }
    finally:
        engine.dispose()
