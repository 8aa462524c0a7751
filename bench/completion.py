"""Completing a task over HTTP, beside the reference: latency, throughput, processor time, memory, and round 1,000."""

import statistics
from collections.abc import Callable, Sequence

from bench.figures import Figure, Target
from bench.load import Load
from bench.office import Office, over_http
from bench.stage import Stage, interleave, latency

# What a client goes round, so that no single row is hot.
_INSTANCES = 5
_WORKERS = 2
_TWICE = Target("ratio", 2.0)
_WORKLOAD = "Renja's own rework loop (draft, return) on a few instances; every completion with a new Idempotency-Key"


def measure_one_client(stage: Stage) -> list[Figure]:
    """One client, one worker: the time of a completion, and the processor time that it costs the server."""
    plan, client = stage.plan, stage.clients[0]
    with stage.alur() as server, stage.reference(chains=_INSTANCES) as (other, loads):
        office = Office(over_http(server.port))
        keyed = Load(server.port, office.loop_steps(with_key=True), [office.loop() for _ in range(_INSTANCES)])
        plain = Load(server.port, office.loop_steps(with_key=False), [office.loop() for _ in range(_INSTANCES)])
        sides = {"keyed": keyed, "plain": plain, "reference": loads[0]}
        for load in sides.values():
            client.run(load, count=plan.count)
        used: dict[str, float] = dict.fromkeys(sides, 0.0)

        def side(name: str) -> Callable[[], float]:
            run = latency(client, sides[name], plan.count)
            where = other if name == "reference" else server

            def timed() -> float:
                before = where.cpu_seconds()
                found = run()
                used[name] += where.cpu_seconds() - before
                return found

            return timed

        times = interleave(plan.batches, {name: side(name) for name in sides})
    milliseconds = {name: seconds * 1000 / (plan.batches * plan.count) for name, seconds in used.items()}
    kind = stage.site.name
    constant = "constant in the returns and the tasks elsewhere (both measured); linear in the tasks that it opens"
    return [
        Figure.compared(
            "completion, 1 client",
            kind,
            "ms",
            times["keyed"],
            times["reference"],
            target=_TWICE,
            grows=constant,
            note=_WORKLOAD,
        ),
        Figure.compared(
            "completion, 1 client, no Idempotency-Key",
            kind,
            "ms",
            times["plain"],
            times["reference"],
            target=_TWICE,
            grows=constant,
        ),
        Figure.compared(
            "CPU of the server a completion",
            kind,
            "ms",
            [milliseconds["keyed"]],
            [milliseconds["reference"]],
            target=_TWICE,
            grows=constant,
            note="user and system time of the server process, that of PostgreSQL's own processes apart",
        ),
    ]


def measure_many_clients(stage: Stage) -> list[Figure]:
    """Many clients on many instances, two workers: completions a second, and the memory of a worker after it."""
    plan, many = stage.plan, len(stage.clients)
    with (
        stage.alur(workers=_WORKERS) as server,
        stage.reference(workers=_WORKERS, chains=_INSTANCES) as (other, others),
    ):
        office = Office(over_http(server.port))
        steps = office.loop_steps(with_key=True)
        ours = [Load(server.port, steps, [office.loop() for _ in range(_INSTANCES)]) for _ in range(many)]
        waits: dict[int, list[float]] = {server.port: [], other.port: []}

        def side(loads: Sequence[Load]) -> Callable[[], float]:
            def rate() -> float:
                for client, load in zip(stage.clients, loads, strict=True):
                    client.begin(load, seconds=plan.seconds)
                took = [client.end(load) for client, load in zip(stage.clients, loads, strict=True)]
                waits[loads[0].port] += [one for each in took for one in each.times]
                return sum(len(each.times) / each.seconds for each in took)

            return rate

        sides = {"ours": side(ours), "reference": side(others)}
        for warm_up in sides.values():
            warm_up()
        waits = {port: [] for port in waits}
        rates = interleave(plan.batches, sides)
        peaks = (server.peak_megabytes(), other.peak_megabytes())
    slow = {port: statistics.quantiles(times, n=20)[18] for port, times in waits.items()}
    kind = stage.site.name
    return [
        Figure.compared(
            f"completions a second, {many} clients, {_WORKERS} workers",
            kind,
            "/s",
            rates["ours"],
            rates["reference"],
            target=Target("ratio", 0.7, at_least=True),
            grows="with the workers on PostgreSQL; SQLite has one writer at a time",
            note=f"{_WORKLOAD}; {many * _INSTANCES} instances",
        ),
        Figure.compared(
            f"completion, {many} clients, 95 of 100 within",
            kind,
            "ms",
            [slow[server.port]],
            [slow[other.port]],
            grows="with the clients that wait for each other, once the processors are busy",
        ),
        Figure(
            "peak memory of a worker",
            kind,
            "MB",
            peaks[0],
            peaks[1],
            None,
            Target("ours", 120),
            grows="with the versions of definitions and the people that a worker has met",
            note="VmHWM after the load of many clients, in 10^6 bytes; the larger of the workers",
        ),
    ]


def measure_returns(stage: Stage) -> list[Figure]:
    """An old instance beside new ones: a return after a thousand of them, and the first return."""
    plan, client = stage.plan, stage.clients[0]
    with stage.alur() as server:
        office = Office(over_http(server.port))
        steps = office.loop_steps(with_key=True)
        old = Load(server.port, steps, [office.loop()])
        client.run(old, count=2 * (plan.returns - 1))
        compared = plan.batches * 5
        new = [Load(server.port, steps, [office.loop()]) for _ in range(compared)]
        fresh = iter(new)

        # Each side is one round, of which the second request is the return.
        sides = {
            "old": lambda: client.run(old, count=2).times[1],
            "new": lambda: client.run(next(fresh), count=2).times[1],
        }
        times = interleave(compared, sides)
    medians = {name: [statistics.median(found[at::5]) for at in range(5)] for name, found in times.items()}
    return [
        Figure.compared(
            f"return {plan.returns:,} against the first",
            stage.site.name,
            "ms",
            medians["old"],
            medians["new"],
            target=Target("ratio", 1.2),
            grows="constant: neither what the engine keeps nor what is read of an instance grows with its returns",
            note="one instance's n-th return of a Renja draft, each next to the first return of a new instance",
        )
    ]


def measure_start(stage: Stage) -> list[Figure]:
    """From the start of a server's process to its first answer, on a database that is set up."""
    url = stage.site.copy(stage.template)

    def alur() -> float:
        with stage.alur(url) as server:
            return server.started_in

    def plain() -> float:
        with stage.reference() as (server, _):
            return server.started_in

    times = interleave(stage.plan.starts, {"ours": alur, "reference": plain})
    return [
        Figure.compared(
            "start",
            stage.site.name,
            "s",
            times["ours"],
            times["reference"],
            grows="constant: definitions are read when they are first used",
            note="`alur serve` to the first answer of /health/ready, which checks database and migrations",
        )
    ]
