"""The pages beside many open tasks: what the server takes for each, at a few and at many, in turn."""

import http.client
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from app.demo.users import PASSWORD
from bench.figures import Figure, Target
from bench.fill import fill
from bench.load import Load, Step
from bench.office import API, DRAFTER, PROCESS, Office, over_http
from bench.past import add_past
from bench.servers import Server
from bench.stage import Stage, interleave, latency

_HEAD, _INSPECTOR, _ANALYST, _ADMIN, _EVERYWHERE = "kepala_dinas", "inspektorat", "analis", "admin", "bappeda"
# Who opens what; a name in braces stands for an id that the database has.
PAGES: Mapping[str, tuple[str, str]] = {
    "inbox": (DRAFTER, "/tugas?tab=tim"),
    "inbox, own": (DRAFTER, "/tugas?tab=saya"),
    "inbox, late": (DRAFTER, "/tugas?tab=terlambat"),
    "inbox, done": (DRAFTER, "/tugas?tab=selesai"),
    "inbox of every office": (_EVERYWHERE, "/tugas?tab=tim"),
    "inbox, list": (DRAFTER, "/tugas/daftar?tab=tim"),
    "task": (DRAFTER, "/tugas/{task}?tab=tim"),
    "task, pane": (DRAFTER, "/tugas/{task}?tab=tim"),
    "task, state": (DRAFTER, "/tugas/{task}/keadaan"),
    "cases": (DRAFTER, "/berkas"),
    "cases, late": (DRAFTER, "/berkas?keadaan=terlambat"),
    "cases of every office": (_INSPECTOR, "/berkas"),
    "cases, list": (DRAFTER, "/berkas/daftar"),
    "case of 120 visits": (DRAFTER, "/berkas/{instance}"),
    "case, now": (DRAFTER, "/berkas/{instance}/sekarang"),
    "what can be started": (DRAFTER, "/berkas/mulai"),
    "a start": ("sekretaris", "/berkas/mulai/" + PROCESS),
    "monitoring": (_HEAD, "/pantauan"),
    "monitoring, one SOP": (_HEAD, "/pantauan?sop=" + PROCESS),
    "monitoring of every office": (_INSPECTOR, "/pantauan"),
    "monitoring, figures": (_HEAD, "/pantauan/angka"),
    "trail": (_HEAD, "/jejak"),
    "trail of a case": (_HEAD, "/jejak?berkas={instance}"),
    "trail, check of a case": (_HEAD, "/jejak/{instance}/periksa"),
    "SOPs": (_ANALYST, "/sop"),
    "SOP": (_ANALYST, "/sop/{definition}"),
    "SOP, diagram": (_ANALYST, "/sop/{definition}/bpmn"),
    "SOP, upload": (_ANALYST, "/sop/unggah"),
    "SOP, migration": (_ANALYST, "/sop/{definition}/pindahkan"),
    "people": (_ADMIN, "/pengguna"),
    "posts": (_ADMIN, "/pengguna/jabatan"),
    "a new person": (_ADMIN, "/pengguna/tambah"),
    "a person": (_ADMIN, "/pengguna/orang/" + DRAFTER),
    "profile": (DRAFTER, "/profil"),
    "API": (DRAFTER, "/api/v1/docs"),
}
# What a page asks for without being opened anew.
_PANES = frozenset({"task, pane"})
# What is asked again and again: measured once more where nothing has changed.
POLLED = ("inbox, list", "cases, list", "case, now", "monitoring, figures")
# A case that ended within the year for so many open tasks.
_PAST_SHARE = 20
_ROUNDS = 60
_SESSION = re.compile(r"(alur_sesi=[^;]+)")
_LIMIT = 30.0


def measure_pages(stage: Stage) -> list[Figure]:
    """The time of the server for each page, at many open tasks and at a few."""
    plan, kind = stage.plan, stage.site.name
    urls = []
    for tasks in (plan.few_tasks, plan.many_tasks):
        urls.append(stage.site.copy(stage.template))
        fill(urls[-1], tasks)
        add_past(urls[-1], tasks // _PAST_SHARE)
    figures = []
    with stage.alur(urls[0]) as few, stage.alur(urls[1]) as many:
        sides = {"many": _opened(stage, many), "few": _opened(stage, few)}
        for name in sides["many"]:
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
        path, headers = place.format_map(ids), {"Cookie": cookies[username]}
        if name in _PANES:
            headers["HX-Request"] = "true"
        found[name] = _side(stage, Load(port, [Step("GET", path, headers=headers)]))
        if name in POLLED:
            headers = {**headers, "If-None-Match": _tag(port, path, headers)}
            found[f"{name}, 304"] = _side(stage, Load(port, [Step("GET", path, status=304, headers=headers)]))
    return found


def _side(stage: Stage, load: Load) -> Callable[[], float]:
    stage.clients[0].run(load, count=3)
    return latency(stage.clients[0], load, max(stage.plan.count // 4, 5), stage.plan.seconds)


def _tag(port: int, path: str, headers: Mapping[str, str]) -> str:
    """Return the tag of what is polled, as a browser remembers it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["etag"]


def _ids(office: Office) -> dict[str, str]:
    """Return an instance that has had many returns, its open task and its definition."""
    task_id = office.loop()[0]
    for _ in range(_ROUNDS):
        task_id = office.round(task_id)
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
