"""What a server or a worker does beside answering: small jobs, again and again, for as long as it runs."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from app.core import trace
from app.core.problems import Unavailable

_log = structlog.get_logger("alur.chores")

# A delivery that is under way may wait so long for whoever is to receive it.
_LONGEST_END = 30.0


class Chore(NamedTuple):
    """One job and the seconds between its runs; it must be safe for several processes to do it at once.

    It returns how much it did, if that tells anything: who found something to do is asked again at once.
    """

    name: str
    every: float
    work: Callable[[], int | None]


class Chores:
    """Runs each chore in a thread of its own, so that none waits for another.

    One that fails is logged, and done again when its time comes. What a run does is logged under a trace id of its own,
    each act as the trail knows it.
    """

    def __init__(self, chores: Sequence[Chore]) -> None:
        self.chores = tuple(chores)
        self._due: dict[str, float] = {}
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(chore,), name=chore.name, daemon=True) for chore in self.chores
        ]

    def start(self) -> None:
        """Begin."""
        self._due = {chore.name: time.monotonic() + chore.every for chore in self.chores}
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is being done, and end."""
        self._stopping.set()
        end = time.monotonic() + _LONGEST_END
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=max(0.0, end - time.monotonic()))

    def overdue(self) -> float:
        """Return for how many seconds the chore that is due longest has been due; 0 before they are started."""
        return max([0.0, *(time.monotonic() - due for due in list(self._due.values()))])

    def _run(self, chore: Chore) -> None:
        pause = chore.every
        while not self._stopping.wait(pause):
            done = self._do(chore)
            pause = 0.0 if done else chore.every
            self._due[chore.name] = time.monotonic() + pause

    def _do(self, chore: Chore) -> int | None:
        here = trace.begin()
        try:
            return chore.work()
        except (sa.exc.SQLAlchemyError, Unavailable) as error:
            _log.warning("chore_waits_for_database", chore=chore.name, error=type(error).__name__)
        except Exception:
            # A bug in one chore must not end the others for the life of the server.
            _log.exception("chore_failed", chore=chore.name)
        finally:
            for act in here.acts:
                _log.info("act", chore=chore.name, **act._asdict())
        return None
