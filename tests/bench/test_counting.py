"""The counters of the benchmarks count what was sent, no more and no less."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from app.core.database import Database
from bench.counting import StatementCounter
from bench.wire import Relay


class TestStatementCounter:
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        database = Database(f"sqlite:///{tmp_path / 'counted.db'}")
        yield database
        database.close()

    def test_counts_statements_and_commits_but_no_begin(self, database: Database) -> None:
        counter = StatementCounter(database.engine)

        database.write(lambda uow: [uow.execute(sa.text(f"CREATE TABLE t{number} (x INT)")) for number in range(3)])

        assert [statement.split()[2] for statement in counter.statements] == ["t0", "t1", "t2"]
        assert counter.transactions == 1

    def test_begins_again_at_nothing(self, database: Database) -> None:
        counter = StatementCounter(database.engine)
        database.write(lambda uow: uow.execute(sa.text("CREATE TABLE t (x INT)")))

        counter.restart()

        assert (counter.statements, counter.transactions) == ([], 0)


class TestRelay:
    @pytest.fixture
    def folder(self) -> Iterator[Path]:
        """A folder with a path short enough for a socket."""
        with TemporaryDirectory() as folder:
            yield Path(folder)

    def test_counts_how_often_an_answer_is_waited_for(self, folder: Path) -> None:
        """Questions sent one after the other without waiting are one round trip, as a pipeline is."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "server"))
            listener.listen()
            server = threading.Thread(target=answer_each_question, args=(listener,))
            server.start()
            relay = Relay(folder / "relay", folder / "server")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(folder / "relay"))
                for _ in range(3):
                    ask(client, b"?")
                ask(client, b"??")
            relay.close()
            server.join()

        assert relay.trips == 4


def ask(client: socket.socket, questions: bytes) -> None:
    """Send each question by itself, then wait for all answers."""
    for question in questions:
        client.sendall(bytes([question]))
    answers = b""
    while len(answers) < len(questions):
        answers += client.recv(100)


def answer_each_question(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        while questions := connection.recv(100):
            connection.sendall(b"!" * len(questions))
