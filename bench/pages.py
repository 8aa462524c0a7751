"""The pages beside many open tasks: what the server takes for each, at a few and at many, in turn."""

import http.client
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from app.demo.users import PASSWORD
from bench.figures import Figure, Target
from bench.fill import fill
from bench.load import Load, Step
from bench.office import API, DRAFTER, Office, over_http
from bench.servers import Server
from bench.stage import Stage, interleave, latency

_INSPECTOR, _ANALYST = "inspektorat", "analis"
# Who opens what; a name in braces stands for an id that the database has.
PAGES: Mapping[str, tuple[str, str]] = {
    "inbox": (DRAFTER, "/tugas?tab=tim"),
    "inbox, late": (DRAFTER, "/tugas?tab=terlambat"),
    "task": (DRAFTER, "/tugas/{task}?tab=tim"),
    "cases": (DRAFTER, "/berkas"),
    "cases of every office": (_INSPECTOR, "/berkas"),
    "case": (DRAFTER, "/berkas/{instance}"),
    "what can be started": (DRAFTER, "/berkas/mulai"),
    "SOPs": (_ANALYST, "/sop"),
    "SOP": (_ANALYST, "/sop/{definition}"),
}
_SESSION = re.compile(r"(alur_sesi=[^;]+)")
_LIMIT = 30.0


def measure_pages(stage: Stage) -> list[Figure]:
    """The time of the server for each page, at many open tasks and at a few."""
    plan, kind = stage.plan, stage.site.name
    urls = []
    for tasks in (plan.few_tasks, plan.many_tasks):
        urls.append(stage.site.copy(stage.template))
        fill(urls[-1], tasks)
    figures = []
    with stage.alur(urls[0]) as few, stage.alur(urls[1]) as many:
        sides = {"many": _opened(stage, many), "few": _opened(stage, few)}
        for name in PAGES:
            times = interleave(plan.batches, {side: opened[name] for side, opened in sides.items()})
            figures.append(
                Figure.compared(
                    f"page: {name}, {plan.many_tasks:,} open against {plan.few_tasks:,}",
                    kind,
                    "ms",
                    times["many"],
                    times["few"],
                    target=Target("ours", _LIMIT),
                    grows="with what is on the page",
                )
            )
    return figures


def _opened(stage: Stage, server: Server) -> dict[str, Callable[[], float]]:
    """Return how long each page takes of one server, as a side to measure."""
    office, port = Office(over_http(server.port)), server.port
    ids = _ids(office)
    cookies = {username: session_cookie(port, username) for username, _ in PAGES.values()}
    found = {}
    for name, (username, place) in PAGES.items():
        load = Load(port, [Step("GET", place.format_map(ids), headers={"Cookie": cookies[username]})])
        stage.clients[0].run(load, count=3)
        found[name] = latency(stage.clients[0], load, max(stage.plan.count // 4, 5), stage.plan.seconds)
    return found


def _ids(office: Office) -> dict[str, str]:
    """Return an instance that has had returns, its open task and its definition."""
    task_id = office.loop()[0]
    task_id = office.round(office.round(task_id))
    token = office.token(DRAFTER)
    instance_id = office.send("GET", f"{API}/tasks/{task_id}", token=token)["process_instance_id"]
    instance = office.send("GET", f"{API}/process-instances/{instance_id}", token=token)
    return {"task": task_id, "instance": instance_id, "definition": instance["process_definition_id"]}


def session_cookie(port: int, username: str) -> str:
    """Sign in at the pages of a running server; returns the header that keeps the session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    form = urlencode({"username": username, "password": PASSWORD})
    connection.request("POST", "/masuk", form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    kept = _SESSION.search(answer.headers.get("set-cookie", ""))
    connection.close()
    if kept is None:
        raise RuntimeError(f"{username} could not sign in at the pages: {answer.status}")
    return kept.group(1)
