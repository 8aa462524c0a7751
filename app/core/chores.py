"""What a server does beside answering: small jobs, again and again, for as long as it runs."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from app.core import trace
from app.core.problems import Unavailable

_log = structlog.get_logger("alur.chores")


class Chore(NamedTuple):
    """One job and the seconds between its runs; it must be safe for several servers to do it at once."""

    name: str
    every: float
    work: Callable[[], object]


class Chores:
    """Runs chores one after the other in a thread; one that fails is logged, and done again when its time comes.

    What a run does is logged under a trace id of its own, each act as the trail knows it.
    """

    def __init__(self, chores: Sequence[Chore]) -> None:
        self.chores = tuple(chores)
        self._due: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._due = {chore.name: time.monotonic() + chore.every for chore in self.chores}
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, and end."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def overdue(self) -> float:
        """Return for how many seconds the chore that is due longest has been due; 0 before they are started."""
        return max([0.0, *(time.monotonic() - due for due in list(self._due.values()))])

    def _run(self) -> None:
        pause = min(chore.every for chore in self.chores)
        while not self._stopping.wait(pause):
            for chore in self.chores:
                if self._stopping.is_set():
                    return
                if time.monotonic() >= self._due[chore.name]:
                    self._due[chore.name] = time.monotonic() + chore.every
                    self._do(chore)

    def _do(self, chore: Chore) -> None:
        here = trace.begin()
        try:
            chore.work()
        except (sa.exc.SQLAlchemyError, Unavailable) as error:
            _log.warning("chore_waits_for_database", chore=chore.name, error=type(error).__name__)
        except Exception:
            # A bug in one chore must not end the others for the life of the server.
            _log.exception("chore_failed", chore=chore.name)
        for act in here.acts:
            _log.info("act", chore=chore.name, **act._asdict())
