"""What is counted while the service works; `core/scrape.py` tells it.

Counting takes no statement and no round trip: a counter is a number of this process or, where several processes serve
together, a number in a file that they share (`shared_among_workers`). Every label has few values: templates of routes,
types of acts, keys of SOPs up to `MOST_PROCESSES`.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, multiprocess

from app.core.trace import NotedAct

MOST_PROCESSES = 200
OTHERS = "(others)"

# Where the processes that serve together keep their numbers; the library reads it once, when it is imported.
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_OWN = CollectorRegistry()

REQUEST_SECONDS = Histogram(
    "alur_request_seconds",
    "Requests and how long they took, by the template of the route.",
    ["method", "route", "status"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30),
    registry=_OWN,
)
ACTS = Counter(
    "alur_acts",
    "Acts committed, by their type in the trail and the key of their SOP.",
    ["type", "process"],
    registry=_OWN,
)
RETRIES = Counter(
    "alur_transactions_retried", "Transactions that another one forestalled, and that began anew.", registry=_OWN
)
GIVEN_UP = Counter("alur_transactions_given_up", "Transactions that no attempt brought to an end.", registry=_OWN)
REPLAYS = Counter("alur_answers_replayed", "Repeated requests that got the answer of the first.", registry=_OWN)
SIGN_INS_REFUSED = Counter("alur_sign_ins_refused", "Wrong user names and passwords.", registry=_OWN)
CONNECTIONS_IN_USE = Gauge(
    "alur_database_connections_in_use",
    "Connections that a request or a chore has.",
    multiprocess_mode="livesum",
    registry=_OWN,
)
CONNECTIONS_AT_MOST = Gauge(
    "alur_database_connections_at_most",
    "Connections that may be in use at once.",
    multiprocess_mode="livesum",
    registry=_OWN,
)
CONNECTION_WAITS = Summary(
    "alur_database_connection_wait_seconds", "Waits for a connection while all were in use.", registry=_OWN
)
TURN_WAITS = Summary("alur_sqlite_turn_wait_seconds", "Waits of writers for another on SQLite.", registry=_OWN)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Depth(NamedTuple):
    """Something that is counted when somebody asks: its numbers by the values of its labels."""

    name: str
    help: str
    numbers: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()

    @classmethod
    def of_one(cls, name: str, help: str, number: float) -> Self:
        """Return what is one number alone."""
        return cls(name, help, {(): number})


def count_act(act: NotedAct) -> None:
    """Count an act that was committed."""
    _acts_of(act.type, act.process).inc()


class FirstFew:
    """The first values of a label that came, each as it is; all that come after them are one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, value: str) -> str:
        """Return a value as it is told."""
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHERS
            self._known.add(value)
        return value


_processes = FirstFew(MOST_PROCESSES)


@lru_cache(maxsize=4096)
def _acts_of(type: str, process: str) -> Counter:
    return ACTS.labels(type, _processes.of(process))


@lru_cache(maxsize=4096)
def requests_of(method: str, route: str, status: int) -> Histogram:
    """Return where requests of one kind are counted; status 0 is that of a client that left before the answer."""
    return REQUEST_SECONDS.labels(method if method in _METHODS else "(other)", route, str(status))


@contextmanager
def shared_among_workers() -> Iterator[None]:
    """Let the processes that are started inside count together, in a folder that goes when this ends."""
    with tempfile.TemporaryDirectory(prefix="alur-metrics-") as folder:
        os.environ[_SHARED] = folder
        try:
            yield
        finally:
            del os.environ[_SHARED]


def collected() -> CollectorRegistry:
    """Return all that was counted: by this process, or by all that serve together."""
    folder = os.environ.get(_SHARED)
    if folder is None:
        return _OWN
    _forget_ended(Path(folder).glob("gauge_live*_*.db"), _runs)
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return together


def _forget_ended(files: Iterable[Path], runs: Callable[[int], bool]) -> None:
    """Take away what processes that have ended had in use; what they counted stays counted."""
    for file in files:
        if not runs(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
