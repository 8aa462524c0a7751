"""A task beside the list of the inbox: what it asks for, what was before, and the acts on it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from app.core.http import parse_id
from app.core.problems import Conflict, Forbidden, Invalid, Problem, TooLarge
from app.core.unit_of_work import UnitOfWork
from app.identity.names import names_of
from app.identity.office import Actor
from app.instances.models import TaskState
from app.instances.variables import DECISION, REASON
from app.tasks import commands, comments, drafts, queries
from app.tasks.commands import RETURNED, Desk
from app.tasks.rounds import Before, before
from app.web import form_fields
from app.web.form_fields import Typed
from app.web.inbox import Asked, Wanted, first_of, inbox_of
from app.web.page import go, show
from app.web.polling import show_news
from app.web.refusals import said
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

# Under which names the ticks of the standard are sent.
REQUIREMENTS, OUTPUTS = "kelengkapan", "keluaran"

Act = Callable[[UnitOfWork, Actor], Any]


class Entered(NamedTuple):
    """What somebody has entered in the form of a task: texts of its fields, and what he ticked of the standard."""

    typed: Typed
    requirements: list[str]
    outputs: list[str]

    @property
    def is_anything(self) -> bool:
        """Whether there is anything that could be lost."""
        return any(self.typed.values()) or bool(self.requirements or self.outputs)


@router.get("/tugas/{task_id}")
def show_task(visit: Visitor, task_id: str, wanted: Asked) -> Response:
    """Show a task beside the list; for a page that has the list already, the task alone."""
    return _show(visit, wanted, parse_id(task_id, "task"))


@router.get("/tugas/{task_id}/keadaan")
def show_state(visit: Visitor, task_id: str) -> Response:
    """Say whether somebody else was faster, for a page with an open form, which is left as it is."""
    found = parse_id(task_id, "task")

    def query(connection: Connection) -> dict[str, Any]:
        task = _read(visit, connection, found)
        return {"task": task, "people": names_of(connection, {task["assignee"], task["completed_by"]} - {None})}

    return show_news(visit, "task/state.html", query, hold="")


@router.post("/tugas/{task_id}/ambil")
def claim(visit: Visitor, task_id: str, wanted: Asked) -> Response:
    """Take a task."""
    found = parse_id(task_id, "task")
    return _act(
        visit,
        wanted,
        found,
        lambda uow, actor: commands.claim(uow, desk_of(visit), actor=actor, task_id=found, now=visit.now),
        visit.speech("Tugas ini sekarang milik Anda."),
        "saya",
    )


@router.post("/tugas/{task_id}/lepas")
def unclaim(visit: Visitor, task_id: str, wanted: Asked) -> Response:
    """Give a task back to its role."""
    found = parse_id(task_id, "task")
    return _act(
        visit,
        wanted,
        found,
        lambda uow, actor: commands.unclaim(uow, desk_of(visit), actor=actor, task_id=found, now=visit.now),
        visit.speech("Tugas ini kembali menunggu jabatannya."),
        "tim",
    )


@router.post("/tugas/{task_id}/serahkan")
def assign(visit: Visitor, task_id: str, wanted: Asked, sent: Sent) -> Response:
    """Give a task to a holder of its role, or back to the role."""
    found, chosen = parse_id(task_id, "task"), str(sent.get("kepada") or "")
    if not chosen and "ke_jabatan" not in sent:
        return go(visit.request, _place(wanted, found), visit.speech("Pilih dahulu kepada siapa."))
    assignee = None if "ke_jabatan" in sent else chosen
    people = visit.read(lambda connection: names_of(connection, [] if assignee is None else [assignee]))
    notice = (
        visit.speech("Tugas ini kembali menunggu jabatannya.")
        if assignee is None
        else visit.speech("Tugas ini diserahkan kepada %(who)s.", who=people.get(assignee, assignee))
    )
    return _act(
        visit,
        wanted,
        found,
        lambda uow, actor: commands.assign(
            uow, desk_of(visit), actor=actor, task_id=found, assignee=assignee, now=visit.now
        ),
        notice,
        wanted.tab,
    )


@router.post("/tugas/{task_id}/selesaikan")
def complete(visit: Visitor, task_id: str, wanted: Asked, sent: Sent) -> Response:
    """Complete a task with what was entered; where that is refused, the page comes back with all of it."""
    found = parse_id(task_id, "task")
    task = visit.read(lambda connection: _read(visit, connection, found))
    fields = task["form"]["fields"]
    entered = _entered(task, sent)
    values, wrong = form_fields.read_values(fields, entered.typed, visit.speech)
    if values.get(DECISION) == RETURNED and REASON not in values:
        wrong |= {one["id"]: form_fields.missing(one, visit.speech) for one in fields if one["id"] == REASON}
    if wrong:
        return _show(visit, wanted, found, status=422, entered=entered, wrong=wrong)
    try:
        done = visit.act_once(
            sent,
            lambda uow, actor: commands.complete(
                uow,
                desk_of(visit),
                actor=actor,
                task_id=found,
                variables=values,
                requirements=_said(task["requirements"], entered.requirements),
                outputs=_said(task["outputs"], entered.outputs),
                now=visit.now,
            ),
        ).answer
    except Invalid as problem:
        wrong = form_fields.faults_of(problem, fields, entered.typed, visit.speech)
        return _show(visit, wanted, found, entered=entered, wrong=wrong, problem=problem)
    except (Conflict, Forbidden) as problem:
        if entered.is_anything:
            _keep(visit, found, entered)
        return _show(visit, wanted, found, entered=entered, problem=problem, lost=True)
    visit.act(lambda uow, actor: drafts.forget(uow, actor=actor, task_id=found))
    return _go_on(visit, wanted, done)


@router.post("/tugas/{task_id}/komentar")
def comment(visit: Visitor, task_id: str, wanted: Asked, sent: Sent) -> Response:
    """Write a comment at a task."""
    found, text = parse_id(task_id, "task"), str(sent.get("komentar") or "")
    try:
        visit.act_once(
            sent,
            lambda uow, actor: comments.comment(
                uow, desk_of(visit), actor=actor, task_id=found, text=text[: comments.MOST_CHARACTERS], now=visit.now
            ),
        )
    except Invalid as problem:
        return _show(visit, wanted, found, problem=problem)
    return go(visit.request, _place(wanted, found), visit.speech("Komentar ditulis."))


@router.post("/tugas/{task_id}/draf")
def save_draft(visit: Visitor, task_id: str, sent: Sent) -> Response:
    """Keep what was entered so far, and say when."""
    found = parse_id(task_id, "task")
    task = visit.read(lambda connection: _read(visit, connection, found))
    _save(visit, found, _entered(task, sent))
    text = visit.speech("Tersimpan %(at)s", at=visit.speech.clock(visit.now))
    return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/plain; charset=utf-8")


@router.post("/tugas/{task_id}/draf/buang")
def forget_draft(visit: Visitor, task_id: str, wanted: Asked) -> Response:
    """Drop the draft, so that the form begins anew."""
    found = parse_id(task_id, "task")
    visit.act(lambda uow, actor: drafts.forget(uow, actor=actor, task_id=found))
    return go(visit.request, _place(wanted, found), visit.speech("Draf dibuang."))


def desk_of(visit: Visit) -> Desk:
    """Return what the commands on tasks need."""
    desk: Desk = visit.request.app.state.desk
    return desk


def _read(visit: Visit, connection: Connection, task_id: UUID) -> dict[str, Any]:
    return queries.show_task(connection, visit.request.app.state.catalogue, visit.actor, visit.now, task_id)


def _place(wanted: Wanted, task_id: UUID) -> str:
    return f"/tugas/{task_id}{_asked_of(wanted)}"


def _asked_of(wanted: Wanted) -> str:
    query = wanted.query(cursor=wanted.cursor)
    return f"?{query}" if query else ""


def _act(visit: Visit, wanted: Wanted, task_id: UUID, act: Act, notice: str, tab: str | None) -> Response:
    """Do an act and lead back to the task, in the tab where it is now; a refusal is said on its page."""
    try:
        visit.act(act)
    except (Conflict, Forbidden, Invalid) as problem:
        return _show(visit, wanted, task_id, problem=problem)
    if tab != wanted.tab:
        wanted = wanted._replace(tab=tab, cursor=None)
    return go(visit.request, _place(wanted, task_id), notice)


def _entered(task: Mapping[str, Any], sent: Sent) -> Entered:
    parts = ((REQUIREMENTS, "requirements"), (OUTPUTS, "outputs"))
    ticked = ([one["name"] for one in task[key] if one["name"] in sent.getlist(part)] for part, key in parts)
    return Entered(form_fields.typed_in(task["form"]["fields"], sent), *ticked)


def _said(standard: Sequence[Mapping[str, Any]], ticked: Collection[str]) -> dict[str, bool | None]:
    """What the ticks of a form say: what is not ticked is not said to be missing."""
    return {one["name"]: True if one["name"] in ticked else None for one in standard}


def _save(visit: Visit, task_id: UUID, entered: Entered) -> None:
    typed = {name: text for name, text in entered.typed.items() if text}
    visit.act(
        lambda uow, actor: drafts.save(
            uow,
            desk_of(visit),
            actor=actor,
            task_id=task_id,
            variables=typed,
            requirements=entered.requirements,
            outputs=entered.outputs,
            now=visit.now,
        )
    )


def _keep(visit: Visit, task_id: UUID, entered: Entered) -> None:
    """Keep what came too late, beside showing it; what cannot be kept is still shown."""
    try:
        _save(visit, task_id, entered)
    except (Forbidden, TooLarge):
        return


def _show(
    visit: Visit,
    wanted: Wanted,
    task_id: UUID,
    *,
    status: int = 200,
    entered: Entered | None = None,
    wrong: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    lost: bool = False,
) -> Response:
    """Show the page of a task, with what was entered and what was wrong with it.

    `lost` says that it cannot be sent any more; then it is shown to be copied.
    """
    # Who has the list already asks for the task alone (htmx).
    alone = visit.request.method == "GET" and "hx-request" in visit.request.headers

    def query(connection: Connection) -> dict[str, Any]:
        task = _read(visit, connection, task_id)
        draft = drafts.find(connection, visit.actor, task_id)
        was = before(connection, task)
        catalogue = visit.request.app.state.catalogue
        candidates = []
        if "assign" in task["acts"]:
            # Whoever can take it himself has a button for that.
            there = {task["assignee"], *([visit.actor.username] if "claim" in task["acts"] else [])}
            listed = queries.list_candidates(connection, catalogue, visit.actor, visit.now, task_id)
            candidates = [one for one in listed["items"] if one["username"] not in there]
        told_of = problem.members if problem is not None else {}
        named = {task["assignee"], task["completed_by"], told_of.get("assignee"), told_of.get("completed_by")}
        named |= {one["author"] for one in task["comments"]}
        named |= {one.completed_by for one in (*was.rounds, was.returned) if one is not None}
        names = names_of(connection, named - {None})
        inbox: dict[str, Any] = {"wanted": wanted} if alone else inbox_of(visit, wanted, connection)
        # The list's own names of people go on beside those of the task.
        people = {**inbox.get("people", {}), **names}
        return {**inbox, "people": people, **_detail(visit, task, was, draft, entered), "candidates": candidates}

    values = visit.read(query)
    message = None if problem is None else said(problem, visit.speech, values["people"])
    return show(
        visit,
        "task/alone.html" if alone else "task/page.html",
        status=status if problem is None else problem.status,
        selected=values["task"]["id"],
        query=_asked_of(wanted),
        wrong=wrong or {},
        message=message,
        lost=lost,
        **values,
    )


def _detail(
    visit: Visit, task: dict[str, Any], was: Before, draft: dict[str, Any] | None, entered: Entered | None
) -> dict[str, Any]:
    """Return what the page says of a task."""
    fields = task["form"]["fields"]
    restored = draft if entered is None and task["state"] == TaskState.OPEN else None
    if entered is None:
        said = {part: [one["name"] for one in task[part] if one["satisfied"]] for part in ("requirements", "outputs")}
        kept = draft or {"variables": {}, **said}
        typed = {**form_fields.defaults_of(fields), **form_fields.as_typed(kept["variables"])}
        entered = Entered(typed, kept["requirements"], kept["outputs"])
    choice = next((one for one in fields if one["id"] == DECISION and one["type"] == "enum"), None)
    others = [one for one in fields if one is not choice]
    return {
        "task": task,
        "was": was,
        "choice": choice,
        "fields": others,
        "reason_place": next((n for n, one in enumerate(others) if one["id"] == REASON), None),
        "entered": entered,
        "restored": restored,
        "roles": visit.actor.office.roles,
        "form": form_fields,
        "parts": (REQUIREMENTS, OUTPUTS),
    }


def _go_on(visit: Visit, wanted: Wanted, done: Mapping[str, Any]) -> Response:
    """Lead to the next task of the same list, or to the list, and say what comes of the completed one."""
    following = visit.read(lambda connection: first_of(visit, wanted, connection))
    place = (
        f"/tugas{_asked_of(wanted._replace(cursor=None))}"
        if following is None
        else _place(wanted._replace(cursor=None), following["id"])
    )
    return go(visit.request, place, _what_follows(visit, done))


def _what_follows(visit: Visit, done: Mapping[str, Any]) -> str:
    _, instance = visit.speech, done["process_instance"]
    roles = visit.actor.office.roles
    first = _("Dikembalikan.") if done["task"]["decision"] == RETURNED else _("Tugas selesai.")
    opened = [
        _("“%(task)s” oleh %(role)s", task=one["name"], role=roles[one["role"]].name)
        if one["role"] in roles
        else one["name"]
        for one in done["next_tasks"]
    ]
    if opened:
        return f"{first} " + _("Berikutnya: %(tasks)s.", tasks="; ".join(opened))
    if instance["ended_at"] is not None:
        return f"{first} " + _("Berkas %(title)s tuntas.", title=instance["title"])
    if instance["waiting_for"]:
        awaited = "; ".join(one["name"] for one in instance["waiting_for"])
        return f"{first} " + _("Berkas ini menunggu: %(what)s.", what=awaited)
    return first
