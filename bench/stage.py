"""What every measurement stands on: a kind of database, how much to measure, and the clients."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import reference
from bench.databases import Site, open_site, set_up
from bench.load import Client, Load, Step, clients
from bench.office import RETURN
from bench.servers import Server, serve_alur, serve_reference


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: `batches` of each side in turn, of `count` requests or of `seconds`."""

    batches: int
    count: int
    seconds: float
    clients: int
    returns: int
    few_tasks: int
    many_tasks: int
    starts: int
    instances: int


# What a draft and a return send, as to Alur.
_BODIES: tuple[dict[str, Any], ...] = ({"variables": {}}, {"variables": RETURN})

FULL = Plan(
    batches=11,
    count=100,
    seconds=1.5,
    clients=8,
    returns=1_000,
    few_tasks=1_000,
    many_tasks=100_000,
    starts=5,
    instances=20,
)
QUICK = Plan(
    batches=5,
    count=25,
    seconds=0.5,
    clients=8,
    returns=150,
    few_tasks=1_000,
    many_tasks=10_000,
    starts=1,
    instances=4,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A kind of database with a set-up one to copy, the plan, and client processes."""

    site: Site
    template: str
    plan: Plan
    clients: Sequence[Client]

    @property
    def directory(self) -> Path:
        """Where servers keep their logs and their secret."""
        return self.site.directory

    @contextmanager
    def alur(self, url: str | None = None, *, workers: int = 1) -> Iterator[Server]:
        """Serve Alur on a database, or on a new one."""
        with serve_alur(url or self.site.copy(self.template), self.directory, workers=workers) as server:
            yield server

    @contextmanager
    def reference(
        self, url: str | None = None, *, workers: int = 1, chains: int = 1
    ) -> Iterator[tuple[Server, list[Load]]]:
        """Serve the reference on an empty database; yields it with a load for every client, each of some chains."""
        url, many = url or self.site.empty(), len(self.clients)
        tasks = iter(reference.first_tasks(url, many * chains))
        with serve_reference(url, self.directory, workers=workers) as server:
            steps = [Step("POST", "/tasks/{task}/complete", body=body) for body in _BODIES]
            yield (
                server,
                [Load(server.port, steps, [[str(next(tasks)), 0] for _ in range(chains)]) for _ in range(many)],
            )


@contextmanager
def open_stage(kind: str, plan: Plan, directory: Path) -> Iterator[Stage]:
    """Open a stage; whatever it started ends with it."""
    with ExitStack() as stack:
        site = stack.enter_context(open_site(kind, directory))
        template = site.empty()
        set_up(template)
        yield Stage(site, template, plan, stack.enter_context(clients(plan.clients)))


def interleave(batches: int, sides: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Measure every side once a batch, each batch in another order, so that noise falls on all of them alike."""
    names = list(sides)
    found: dict[str, list[float]] = {name: [] for name in names}
    for batch in range(batches):
        turn = batch % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(sides[name]())
    return found


def latency(client: Client, load: Load, count: int, seconds: float | None = None) -> Callable[[], float]:
    """Return a side that sends some requests, or for some seconds, and gives the median of their milliseconds."""
    return lambda: statistics.median(client.run(load, count=count, seconds=seconds).times)
