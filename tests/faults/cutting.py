"""A relay before PostgreSQL that cuts connections where it hurts: around a COMMIT, before anybody hears of it.

It understands just enough of the protocol: the frames of both directions, which prepared statement is a COMMIT, and
which answer tells that one is done. Statements may come one by one or in a pipeline.
"""

import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from enum import Enum
from io import BufferedReader
from pathlib import Path

import sqlalchemy as sa

from tests.faults.sites import free_port


class Cut(Enum):
    """Where a connection is cut: the COMMIT never leaves; it leaves and nobody waits; it is done and nobody hears."""

    BEFORE = "before COMMIT left"
    BEHIND = "behind COMMIT"
    DONE = "after COMMIT was done"


class Cutter:
    """Relays between clients on a port of this machine and the socket of a PostgreSQL; `cut_next` asks for a cut."""

    def __init__(self, upstream: Path) -> None:
        self.port = free_port()
        self.cuts: Counter[Cut] = Counter()
        self._upstream = upstream
        self._wanted: list[Cut] = []
        self._lock = threading.Lock()
        self._links: list[_Link] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def url(self, direct: str) -> str:
        """Return the URL of a database by way of the relay; nothing is encrypted, so that it can be read."""
        url = sa.make_url(direct).set(host="127.0.0.1", port=self.port)
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        return url.set(query=plain).render_as_string(hide_password=False)

    def cut_next(self, cut: Cut) -> None:
        """Cut a connection at the next COMMIT that comes."""
        with self._lock:
            self._wanted.append(cut)

    def done(self) -> bool:
        """Whether all cuts that were asked for have been made."""
        with self._lock:
            return not self._wanted

    def close(self) -> None:
        """End every connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        for link in self._links:
            link.cut()
        for link in self._links:
            link.join()

    def take(self) -> Cut | None:
        """Return the cut that is to be made at a COMMIT, null if it may pass."""
        with self._lock:
            if not self._wanted:
                return None
            return self._wanted.pop(0)

    def count(self, cut: Cut) -> None:
        """Note that a connection was cut."""
        with self._lock:
            self.cuts[cut] += 1

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._upstream))
                except OSError:
                    # It is being restarted: whoever called finds nobody, as at its own socket.
                    client.close()
                    server.close()
                    continue
                self._links.append(_Link(self, client, server))


class _Link:
    """One connection."""

    def __init__(self, cutter: Cutter, client: socket.socket, server: socket.socket) -> None:
        self._cutter = cutter
        self._client, self._server = client, server
        self._statements: dict[bytes, bytes] = {}
        self._portal_commits = False
        self._deaf = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._pass_questions, self._pass_answers)
        ]
        for thread in self._threads:
            thread.start()

    def cut(self) -> None:
        """End it, in the middle of whatever is said."""
        for one in (self._client, self._server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait for its end."""
        for thread in self._threads:
            thread.join(timeout=5)
        self._client.close()
        self._server.close()

    def _pass_questions(self) -> None:
        with suppress(OSError), self._client.makefile("rb") as stream:
            self._server.sendall(_frame(stream, typed=False))
            while frame := _frame(stream, typed=True):
                if not self._commits(frame):
                    self._server.sendall(frame)
                    continue
                cut = self._cutter.take()
                if cut is Cut.BEFORE:
                    self._cutter.count(cut)
                    break
                if cut is Cut.DONE:
                    # Nothing reaches the client any more; the answer that it is done ends the connection.
                    self._deaf.set()
                self._server.sendall(frame)
                if cut is Cut.BEHIND:
                    self._cutter.count(cut)
                    break
        self.cut()

    def _pass_answers(self) -> None:
        with suppress(OSError), self._server.makefile("rb") as stream:
            while frame := _frame(stream, typed=True):
                if not self._deaf.is_set():
                    self._client.sendall(frame)
                elif frame.startswith(b"C") and frame[5:] == b"COMMIT\0":
                    self._cutter.count(Cut.DONE)
                    break
                elif frame.startswith(b"Z"):
                    # What came before the COMMIT was refused, so there was none.
                    break
        self.cut()

    def _commits(self, frame: bytes) -> bool:
        """Follow what is prepared and bound, and tell whether this very frame makes the server commit."""
        kind, rest = frame[:1], frame[5:]
        if kind == b"Q":
            return _is_commit(rest.rstrip(b"\0"))
        if kind == b"P":
            name, text, _ = rest.split(b"\0", 2)
            self._statements[name] = text
        elif kind == b"B":
            _, name, _ = rest.split(b"\0", 2)
            self._portal_commits = _is_commit(self._statements.get(name, b""))
        return kind == b"E" and self._portal_commits


def _is_commit(text: bytes) -> bool:
    return text.strip().upper() == b"COMMIT"


def _frame(stream: BufferedReader, *, typed: bool) -> bytes:
    """Read one message whole; empty at the end of the connection. The first of a client has no type."""
    head = stream.read(5 if typed else 4)
    if len(head) < 4:
        return b""
    (length,) = struct.unpack("!I", head[-4:])
    return head + stream.read(length - 4)
