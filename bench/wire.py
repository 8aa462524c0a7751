"""Counts round trips: a relay between a server and its PostgreSQL that sees who speaks when."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

_SOCKET = ".s.PGSQL.5432"
# Answers wait this long, so that everything which the client sends without waiting for one is under way before it.
_SECONDS_HELD = 0.01


class Relay:
    """Passes the bytes of every connection on; `trips` counts how often a client spoke and waited for an answer."""

    def __init__(self, path: Path, upstream: Path) -> None:
        self.trips = 0
        self._upstream = upstream
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """End every connection."""
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)
        for one in (self._listener, *self._open):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                self._open += [client, server]
                server.connect(str(self._upstream))
                asked = threading.Event()
                for work in (
                    (self._pass_questions, client, server, asked),
                    (self._pass_answers, server, client, asked),
                ):
                    thread = threading.Thread(target=work[0], args=work[1:], daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _pass_questions(self, client: socket.socket, server: socket.socket, asked: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if not asked.is_set():
                    asked.set()
                    with self._lock:
                        self.trips += 1
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _pass_answers(self, server: socket.socket, client: socket.socket, asked: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                time.sleep(_SECONDS_HELD)
                asked.clear()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)


@contextmanager
def counted_trips(url: str) -> Iterator[tuple[Relay, str]]:
    """Put a relay before the PostgreSQL of a URL with a socket's folder as its host; yields it and the URL to use."""
    parsed = sa.make_url(url)
    upstream = Path(str(parsed.query["host"])) / _SOCKET
    # The path of a socket may have about a hundred characters, so it gets a short folder of its own.
    folder = Path(tempfile.mkdtemp(prefix="relay"))
    relay = Relay(folder / _SOCKET, upstream)
    try:
        yield relay, parsed.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    finally:
        relay.close()
        shutil.rmtree(folder)
