"""Several tasks of the list at once: take them, or give them to a colleague; each succeeds or fails for itself."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from app.core.http import parse_id
from app.core.problems import Invalid, NotFound, Problem
from app.core.unit_of_work import UnitOfWork
from app.identity.names import names_of
from app.identity.office import Actor
from app.tasks import commands, queries
from app.web.inbox import Asked, Wanted
from app.web.page import go
from app.web.refusals import said
from app.web.task import desk_of
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_MOST = 200
# How many refusals are told in full; a notice is a sentence, not a report.
_TOLD = 3


@router.post("/tugas/ambil")
def claim_many(visit: Visitor, wanted: Asked, sent: Sent) -> Response:
    """Take the ticked tasks."""

    def act(task_id: UUID, uow: UnitOfWork, actor: Actor) -> Any:
        return commands.claim(uow, desk_of(visit), actor=actor, task_id=task_id, now=visit.now)

    return _each(visit, wanted, sent, act, lambda n: visit.speech.several("%(n)s tugas Anda ambil.", n))


@router.post("/tugas/serahkan")
def assign_many(visit: Visitor, wanted: Asked, sent: Sent) -> Response:
    """Give the ticked tasks to a colleague."""
    chosen = str(sent.get("kepada") or "")
    if not chosen:
        return go(visit.request, f"/tugas?{wanted.query()}", visit.speech("Pilih dahulu kepada siapa."))
    who = visit.read(lambda connection: names_of(connection, {chosen})).get(chosen, chosen)

    def act(task_id: UUID, uow: UnitOfWork, actor: Actor) -> Any:
        return commands.assign(uow, desk_of(visit), actor=actor, task_id=task_id, assignee=chosen, now=visit.now)

    return _each(
        visit, wanted, sent, act, lambda n: visit.speech.several("%(n)s tugas diserahkan kepada %(who)s.", n, who=who)
    )


def _each(
    visit: Visit,
    wanted: Wanted,
    sent: Sent,
    act: Callable[[UUID, UnitOfWork, Actor], Any],
    done: Callable[[int], str],
) -> Response:
    """Do an act on every ticked task, and say how many it was done on and why not on the others."""
    ticked = list(dict.fromkeys(parse_id(str(one), "task") for one in sent.getlist("tugas")))[:_MOST]
    refused: list[tuple[UUID, Problem]] = []
    for task_id in ticked:
        try:
            visit.act(partial(act, task_id))
        except Problem as problem:
            refused.append((task_id, problem))
    count = len(ticked) - len(refused)
    sentences = [done(count)] if count else []
    sentences += [_why_not(visit, task_id, problem) for task_id, problem in refused[:_TOLD]]
    if len(refused) > _TOLD:
        sentences.append(visit.speech.several("%(n)s tugas lain juga tidak.", len(refused) - _TOLD))
    notice = " ".join(sentences) or visit.speech("Centang dahulu tugasnya.")
    return go(visit.request, f"/tugas?{wanted.query()}", notice)


def _why_not(visit: Visit, task_id: UUID, problem: Problem) -> str:
    catalogue = visit.request.app.state.catalogue
    assignee = problem.members.get("assignee") or problem.members.get("completed_by")

    def query(connection: Any) -> tuple[str, dict[str, str]]:
        people = names_of(connection, [] if assignee is None else [assignee])
        try:
            return queries.show_task(connection, catalogue, visit.actor, visit.now, task_id)["name"], people
        except NotFound:
            return visit.speech("Satu tugas"), people

    name, people = visit.read(query)
    if isinstance(problem, Invalid):
        return visit.speech("%(task)s tidak: yang dipilih bukan pemangku jabatannya.", task=name)
    return visit.speech("%(task)s tidak: %(why)s", task=name, why=said(problem, visit.speech, people))
