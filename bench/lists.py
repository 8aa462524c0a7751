"""Reading beside many open tasks: lists, counts and polls, at a few and at many, in turn."""

from bench.figures import Figure, Target
from bench.fill import fill
from bench.load import Load, Step
from bench.office import API, DRAFTER, Office, over_http
from bench.servers import Server
from bench.stage import Stage, interleave, latency

_LISTS = (
    ("task list of a role in one office", DRAFTER, "/tasks", True),
    ("task list of a role in every office", "bappeda", "/tasks", True),
    ("task list by due date", DRAFTER, "/tasks?sort=due_at", True),
    ("all tasks that an inspector sees", "inspektorat", "/tasks?scope=all", True),
    ("task counts", DRAFTER, "/tasks/counts", False),
)


def measure_lists(stage: Stage) -> list[Figure]:
    """The first page of task lists at many open tasks against a few; both pages are full."""
    plan, kind = stage.plan, stage.site.name
    urls = []
    for tasks in (plan.few_tasks, plan.many_tasks):
        urls.append(stage.site.copy(stage.template))
        fill(urls[-1], tasks)
    figures = []
    with (
        stage.alur(urls[0]) as few,
        stage.alur(urls[1]) as many,
        stage.reference() as (empty, _),
    ):
        offices = {server.port: Office(over_http(server.port)) for server in (few, many)}
        against = f"{plan.many_tasks:,} open against {plan.few_tasks:,}"
        for name, username, path, is_page in _LISTS:
            sides = {}
            for side, server in (("many", many), ("few", few)):
                step = Step("GET", API + path, offices[server.port].token(username))
                load = Load(server.port, [step])
                stage.clients[0].run(load, count=5)
                sides[side] = latency(stage.clients[0], load, max(plan.count // 4, 5), plan.seconds)
            times = interleave(plan.batches, sides)
            figures.append(
                Figure.compared(
                    f"{name}, {against}",
                    kind,
                    "ms",
                    times["many"],
                    times["few"],
                    target=Target("ratio", 1.5) if is_page else None,
                    grows=(
                        "with the page, and with the depth of an index: a page is read in the order of an index"
                        if is_page
                        else "with the tasks of the caller up to 1,000 of each role, where the counts are capped"
                    ),
                    note="the first page of 50; the caller's own share grows with the whole" if is_page else "",
                )
            )
        figures.append(_completions(stage, {"many": many, "few": few}, offices, against))
        figures += [
            _polls(stage, few, empty, offices[few.port], plan.few_tasks),
            _polls(stage, many, empty, offices[many.port], plan.many_tasks),
        ]
    return figures


def _completions(stage: Stage, servers: dict[str, Server], offices: dict[int, Office], against: str) -> Figure:
    sides = {}
    for side, server in servers.items():
        office = offices[server.port]
        load = Load(server.port, office.loop_steps(with_key=True), [office.loop()])
        stage.clients[0].run(load, count=10)
        sides[side] = latency(stage.clients[0], load, max(stage.plan.count // 2, 10))
    times = interleave(stage.plan.batches, sides)
    return Figure.compared(
        f"completion, {against}",
        stage.site.name,
        "ms",
        times["many"],
        times["few"],
        grows="with the depth of the indexes on open tasks",
    )


def _polls(stage: Stage, server: Server, empty: Server, office: Office, tasks: int) -> Figure:
    token = office.token(DRAFTER)
    tag = office.send("GET", f"{API}/tasks", token=token)["etag"]
    poll = Load(server.port, [Step("GET", f"{API}/tasks", token, status=304, headers={"If-None-Match": tag})])
    nothing = Load(empty.port, [Step("GET", "/empty")])
    client, count = stage.clients[0], stage.plan.count
    for load in (poll, nothing):
        client.run(load, count=count)
    sides = {"poll": latency(client, poll, count), "empty": latency(client, nothing, count)}
    times = interleave(stage.plan.batches, sides)
    return Figure.compared(
        f"poll answered 304, {tasks:,} open",
        stage.site.name,
        "ms",
        times["poll"],
        times["empty"],
        target=Target("ratio", 1.5),
        grows="with the units that the caller sees; constant in the tasks",
        note="reference: an endpoint of the reference application that answers {} without a database",
    )
