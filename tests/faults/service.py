"""Alur as it is run, in processes of its own that can be killed: the command `alur serve` with its workers."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from bench.load import ROOT
from bench.servers import children
from tests.faults.sites import free_port

HEALTHY_WITHIN = 5.0
_SECONDS_TO_START = 180


class NotHealthy(Exception):
    """A server did not answer in time; its last words are the message."""


class Service:
    """One `alur serve` on a port of its own.

    `seeded` names a bug that its launcher puts in (`seeded_bugs`); `started_by` is a program of Python's, with its
    arguments, that becomes the server.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        workers: int = 2,
        seeded: str | None = None,
        started_by: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self.url = url
        self._workers = workers
        self._log = folder / "alur.log"
        program = ["-m", "app.cli"] if seeded is None else ["-m", "tests.faults.seeded_bugs", seeded]
        self._command = [
            sys.executable,
            *started_by,
            *program,
            "serve",
            "--workers",
            str(workers),
            "--port",
            str(self.port),
        ]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
        settings = {
            "ALUR_ENVIRONMENT": "demo",
            "ALUR_DATA_DIR": str(folder),
            "ALUR_DATABASE_URL": url,
            "ALUR_LOG_LEVEL": "warning",
        }
        self._environment = clean | settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: bool = True) -> float:
        """Start it and wait until it is ready, or at least answers; returns the seconds that it took."""
        began = time.perf_counter()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait_until_ready("ready" if ready else "live")
        return time.perf_counter() - began

    def wait_until_ready(self, health: str = "ready") -> None:
        """Wait until it is ready, or live.

        Raises:
            NotHealthy: it has ended, or takes too long.
        """
        assert self._process is not None
        deadline = time.monotonic() + _SECONDS_TO_START
        while self.readiness(health) != 200:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NotHealthy(self._log.read_text()[-3000:])
            time.sleep(0.02)

    def readiness(self, health: str = "ready") -> int | None:
        """Return the status of /health/ready, or of /health/live; null if nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"/health/{health}")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def serving(self) -> tuple[int, ...]:
        """Return the processes that answer."""
        assert self._process is not None
        return (self._process.pid,) if self._workers == 1 else children(self._process.pid)

    def kill_a_worker(self, random: Random) -> float:
        """Kill a worker with SIGKILL and wait for its successor; returns the seconds until the service was ready."""
        victims = self.serving()
        if self._workers == 1 or len(victims) < self._workers:
            return self.kill()
        began = time.perf_counter()
        victim = random.choice(sorted(victims))
        os.kill(victim, signal.SIGKILL)
        self.wait_until_ready()
        away = time.perf_counter() - began
        deadline = time.monotonic() + _SECONDS_TO_START
        while victim in (now := self.serving()) or len(now) < self._workers:
            if time.monotonic() > deadline:
                raise NotHealthy(f"Worker {victim} was not replaced: {self._log.read_text()[-3000:]}")
            time.sleep(0.02)
        return away

    def kill(self, *, ready: bool = True) -> float:
        """Kill the server with all its workers and start it again, as `start` does."""
        self.kill_all()
        return self.start(ready=ready)

    def kill_all(self) -> None:
        """Kill the server with all its workers; their session is nobody else's."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it politely, and by force if that takes long."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def alur(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of `alur` on the same database."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@contextmanager
def serving(
    url: str,
    folder: Path,
    *,
    workers: int = 2,
    seeded: str | None = None,
    started_by: Sequence[str] = (),
) -> Iterator[Service]:
    """Serve a database for a while."""
    service = Service(url, folder, workers=workers, seeded=seeded, started_by=started_by)
    try:
        service.start()
        yield service
    finally:
        service.stop()
