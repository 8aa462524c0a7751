"""Berkas: one case, with where it stands, everything that was done, and the acts on it as a whole."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData

from app.core import paging
from app.core.http import parse_id
from app.core.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.text import is_blank
from app.core.unit_of_work import UnitOfWork
from app.identity.names import names_of
from app.identity.office import Actor
from app.instances import commands, correction, queries
from app.instances.models import InstanceStatus
from app.instances.policy import ensure_heads, ensure_manages, takes_part
from app.web.case_story import control_sheet, decision_names, filled_in, rounds, times
from app.web.cases import STATUSES
from app.web.diagram import Overlay
from app.web.page import go, show
from app.web.polling import show_news
from app.web.refusals import said
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_LONGEST_REASON = 10_000
_ENDED = (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED)

Act = Callable[..., object]
Cursor = Annotated[str | None, Query(max_length=2000)]
Reason = Annotated[str, Form(max_length=_LONGEST_REASON)]


def case_of(visit: Visit, instance_id: UUID, cursor: str | None, connection: Connection) -> dict[str, Any]:
    """Return what the page of a case shows; `cursor` leads to visits older than the last two hundred.

    Raises:
        NotFound: there is none, or the visitor does not see it.
    """
    catalogue, actor, now = visit.request.app.state.catalogue, visit.actor, visit.now
    row, definition = queries.seen_row(connection, catalogue, actor, now, instance_id)
    case = queries.shown_instance(connection, catalogue, actor.office, now, instance_id)
    page = queries.show_history(
        connection, catalogue, actor, now, instance_id, sort="-created_at", limit=paging.MOST, cursor=cursor
    )
    visits = page["items"][::-1]
    taken = orjson.loads(row.taken)
    ended = row.status in _ENDED
    open_at = {one["element_id"] for one in (*case["open_tasks"], *case["waiting_for"])}
    variables = queries.show_variables(connection, catalogue, actor, now, instance_id)["variables"]
    who = {row.started_by, *(one["completed_by"] for one in visits), *(one["assignee"] for one in case["open_tasks"])}
    return {
        "case": case,
        "definition": definition,
        "unit": actor.office.units[row.unit_id],
        "standing": STATUSES[row.status],
        "ended": ended,
        "roles": actor.office.roles,
        "people": names_of(connection, who - {None}),
        "overlay": Overlay(
            active={} if ended else dict.fromkeys(sorted(open_at), ""),
            visits=taken["visits"],
            taken=list(taken["flows"]),
        ),
        "rounds": rounds(visits),
        "sheet": control_sheet(definition, visits),
        "times": times(visits, visit.speech),
        "decisions": decision_names(definition),
        "filled_in": filled_in(definition, variables, visit.speech),
        "older": page["next_cursor"],
        "cursor": cursor,
        "manages": _may(partial(ensure_manages, actor, definition.role_keys, row.unit_id, row.started_by, now)),
        "heads": _may(partial(ensure_heads, actor, row.unit_id, now)),
        "takes_part": takes_part(actor, definition.role_keys, row.unit_id, now),
    }


def _may(ensure: Callable[[], object]) -> bool:
    try:
        ensure()
    except Forbidden:
        return False
    return True


def _page(
    visit: Visit,
    instance_id: UUID,
    *,
    cursor: str | None = None,
    status: int = 200,
    failed: str = "",
    wrong: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    """Show a case; `failed` names the act that was refused, `wrong` says why, `typed` is what was typed for it."""
    values = visit.read(partial(case_of, visit, instance_id, cursor))
    return show(visit, "cases/case.html", status=status, failed=failed, wrong=wrong, typed=typed or {}, **values)


@router.get("/berkas/{instance_id}")
def show_case(visit: Visitor, instance_id: str, cursor: Cursor = None) -> Response:
    """Show a case."""
    return _page(visit, _id(instance_id), cursor=cursor)


@router.get("/berkas/{instance_id}/sekarang")
def show_now(visit: Visitor, instance_id: str) -> Response:
    """Show where a case stands and what was done, for a page that is open and asks whether anything has changed."""
    found = _id(instance_id)

    def query(connection: Connection) -> dict[str, Any]:
        return {"failed": "", "wrong": "", "typed": {}, **case_of(visit, found, None, connection)}

    return show_news(visit, "cases/news.html", query)


def _id(instance_id: str) -> UUID:
    return parse_id(instance_id, "process instance")


def _act(
    visit: Visit, instance_id: str, name: str, act: Act, done: str, sent: FormData | None = None, **typed: str
) -> Response:
    """Do an act on a case, and show it again: with what came of it, or with why it was refused.

    `sent` is the form of an act that would be done again if it were sent twice.
    """
    found = _id(instance_id)

    def work(uow: UnitOfWork, actor: Actor) -> None:
        act(uow, visit.request.app.state.catalogue, actor=actor, instance_id=found, now=visit.now)

    try:
        if "reason" in typed and is_blank(typed["reason"]):
            return _page(
                visit, found, status=422, failed=name, wrong=visit.speech("Tulis alasannya lebih dulu."), typed=typed
            )
        visit.act_once(sent or FormData(), work)
    except (Invalid, Conflict) as refusal:
        return _refused(visit, found, name, refusal, typed)
    return go(visit.request, f"/berkas/{found}", done)


def _refused(visit: Visit, instance_id: UUID, name: str, refusal: Problem, typed: dict[str, str]) -> Response:
    status = int(refusal.status)
    return _page(visit, instance_id, status=status, failed=name, wrong=said(refusal, visit.speech), typed=typed)


@router.post("/berkas/{instance_id}/tangguhkan")
def suspend_case(visit: Visitor, instance_id: str) -> Response:
    """Stop a case for a time."""
    return _act(visit, instance_id, "tangguhkan", commands.suspend, visit.speech("Berkas ditangguhkan."))


@router.post("/berkas/{instance_id}/lanjutkan")
def resume_case(visit: Visitor, instance_id: str) -> Response:
    """Let a suspended case go on."""
    return _act(visit, instance_id, "lanjutkan", commands.resume, visit.speech("Berkas berjalan kembali."))


@router.post("/berkas/{instance_id}/batalkan")
def cancel_case(visit: Visitor, instance_id: str, alasan: Reason = "") -> Response:
    """End a case before its time, with a reason."""
    act, done = partial(commands.cancel, reason=alasan.strip()), visit.speech("Berkas dibatalkan.")
    return _act(visit, instance_id, "batalkan", act, done, reason=alasan)


@router.post("/berkas/{instance_id}/ulangi")
def retry_case(visit: Visitor, instance_id: str) -> Response:
    """Try again what made a case an incident."""
    done = visit.speech("Langkah yang gagal sudah dicoba lagi.")
    return _act(visit, instance_id, "ulangi", correction.retry, done)


@router.post("/berkas/{instance_id}/pindahkan")
def move_case(
    visit: Visitor,
    instance_id: str,
    tugas: Annotated[str, Form(max_length=64)] = "",
    langkah: Annotated[str, Form(max_length=600)] = "",
    alasan: Reason = "",
) -> Response:
    """Withdraw an open task and open another step instead; the head of the office alone may."""
    act = partial(correction.move, task_id=parse_id(tugas, "task"), element_id=langkah, reason=alasan)
    done = visit.speech("Berkas dipindahkan ke langkah lain.")
    return _act(visit, instance_id, "pindahkan", act, done, reason=alasan, task=tugas, step=langkah)


@router.post("/berkas/{instance_id}/pesan")
def record_message(
    visit: Visitor, instance_id: str, sent: Sent, pesan: Annotated[str, Form(max_length=255)] = ""
) -> Response:
    """Tell a case that what it waits for from outside has happened."""
    found = _id(instance_id)

    def act(uow: UnitOfWork, catalogue: Any, *, actor: Actor, instance_id: UUID, now: Any) -> None:
        commands.send_message(
            uow,
            catalogue,
            actor=actor,
            name=pesan,
            business_key=None,
            instance_id=instance_id,
            variables={},
            now=now,
        )

    done = visit.speech("Kabar dari luar sudah dicatat.")
    try:
        return _act(visit, instance_id, "pesan", act, done, sent, message=pesan)
    except NotFound as refusal:
        # Somebody else told it a moment ago; who does not see the case is told that there is none.
        return _refused(visit, found, "pesan", refusal, {})
