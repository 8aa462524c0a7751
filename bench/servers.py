"""Servers as processes of their own: the service as `alur serve` runs it, and the reference; with what they use."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import reference
from bench.load import ROOT

_SCHEDULED = 2
_SECONDS_TO_START = 30


class DidNotStart(Exception):
    """A server did not answer in time; its last words are the message."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `started_in` is the seconds from its start to its first answer."""

    port: int
    pid: int
    workers: int
    started_in: float

    def cpu_seconds(self) -> float:
        """Return the processor time that the server and its workers have used so far."""
        return sum(_cpu_seconds(pid) for pid in (self.pid, *children(self.pid)))

    def peak_megabytes(self) -> float:
        """Return the most memory that any worker ever held (VmHWM), in 10^6 bytes."""
        serving = (self.pid,) if self.workers == 1 else children(self.pid)
        return max(_peak_bytes(pid) for pid in serving) / 1e6


@contextmanager
def serve_alur(url: str, directory: Path, *, workers: int = 1) -> Iterator[Server]:
    """Serve Alur on a database that is set up, the way `alur serve` does."""
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--workers", str(workers), "--port"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
    settings = {"ALUR_ENVIRONMENT": "demo", "ALUR_DATA_DIR": str(directory), "ALUR_DATABASE_URL": url}
    with _serve(command, clean | settings, directory / "alur.log", workers, "/health/ready") as server:
        yield server


@contextmanager
def serve_reference(url: str, directory: Path, *, workers: int = 1) -> Iterator[Server]:
    """Serve the reference on a database of its own."""
    command = [sys.executable, "-m", "bench.reference", "--workers", str(workers), "--port"]
    settings = {**os.environ, reference.URL_VARIABLE: url}
    with _serve(command, settings, directory / "reference.log", workers, "/empty") as server:
        yield server


@contextmanager
def _serve(command: list[str], environment: Mapping[str, str], log: Path, workers: int, ready: str) -> Iterator[Server]:
    port = _free_port()
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, str(port)], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        while not _answers(port, ready):
            if process.poll() is not None or time.perf_counter() - began > _SECONDS_TO_START:
                raise DidNotStart(log.read_text()[-2000:])
            time.sleep(0.005)
        yield Server(port, process.pid, workers, time.perf_counter() - began)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server with its workers: politely first, and then its whole session, which is nobody else's."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """The fields of a process's stat from the third on; the second, its name, may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(parent: int) -> tuple[int, ...]:
    """The processes that a process has started, but for Python's own helper that tracks shared resources."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (
                    int(_stat(int(entry.name))[1]) == parent
                    and b"resource_tracker" not in (entry / "cmdline").read_bytes()
                ):
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return tuple(found)


def _cpu_seconds(pid: int) -> float:
    # The clock of another process, as Linux numbers it: to the nanosecond, where /proc counts hundredths of a second.
    return time.clock_gettime((~pid << 3) | _SCHEDULED)


def _peak_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"Process {pid} tells no peak of its memory.")
