"""A token moved by hand: an open user task is withdrawn, and another one opened in its place."""

from datetime import datetime

from app.core.text import Text
from app.engine.arrival import Arrival
from app.engine.migration_words import named
from app.engine.model import Node, NodeKind
from app.engine.outlook import never_together, stuck_at
from app.engine.process import Process
from app.engine.refusals import EngineRefusal, TokenNotOpen
from app.engine.state import decode
from app.engine.step import Step


class MoveRefused(EngineRefusal):
    """The move would bring the instance where its model never does; `text` says why and what to do instead."""

    def __init__(self, text: Text, element_id: str) -> None:
        super().__init__(text.en, element_id)
        self.text = text


def move(process: Process, state: bytes, token: int, element_id: str, *, now: datetime) -> Step:
    """Withdraw an open user task and open another one of the same scope, with its boundary events armed at `now`.

    Only where the model itself could have come: what else is open must be what may be open beside the new task, and
    the instance must still be able to end. So nothing is moved into or out of a parallel block, whose join would wait
    for ever or let the same work be done twice; within one branch of it a token may be moved. Nor is anything moved
    into or out of a multi-instance task or a called process.

    Raises:
        TokenNotOpen: the token is no open user task of this state.
        MoveRefused: there is no such task in this scope, or the model could not have come there.
    """
    tokens = decode(state).tokens
    saved = next((one for one in tokens if one.id == token), None)
    if saved is None or not process.spec.task_specs[saved.element_id].is_open_task:
        raise TokenNotOpen(token)
    here, there = process.spec.task_specs[saved.element_id].node, process.model.nodes.get(element_id)
    if there is None or there.kind is not NodeKind.USER_TASK or there.id == here.id:
        raise MoveRefused(_no_task(element_id), element_id)
    for node in (here, there):
        if node.loop is not None:
            raise MoveRefused(_repeated(node), node.id)
    if there.scope != here.scope:
        raise MoveRefused(_other_scope(here, there), element_id)
    arrival = Arrival.load(process, state, now)
    arrival.remove(token)
    arrival.open(element_id, scope=saved.internal_data["scope"])
    stand = arrival.saved()
    if not never_together(process, tokens):
        for one, other in sorted(never_together(process, stand)):
            beside = process.model.nodes[other if one == element_id else one]
            raise MoveRefused(_not_beside(there, beside), beside.id)
    if not stuck_at(process, tokens):
        for id_ in sorted(stuck_at(process, stand)):
            raise MoveRefused(_never_ends(there, process.model.nodes[id_]), id_)
    arrival.settle()
    return arrival.step()


def _no_task(element_id: str) -> Text:
    return Text(
        f"'{element_id[:200]}' bukan tugas lain pada SOP ini. Sebutkan id tugas yang hendak dibuka.",
        f"'{element_id[:200]}' is no other user task of this process. Give the id of the task to open.",
    )


def _other_scope(here: Node, there: Node) -> Text:
    return Text(
        f"{named(there)} berada di subproses atau proses terpanggil lain daripada {named(here)}. "
        "Pilih tugas di subproses atau proses terpanggil yang sama.",
        f"{named(there)} is in another sub-process or called process than {named(here)}. "
        "Choose a task within the same one.",
    )


def _repeated(node: Node) -> Text:
    return Text(
        f"{named(node)} dikerjakan beberapa kali, dan hitungannya akan kacau bila dipindahkan. "
        "Selesaikan semua pengulangannya dahulu, atau pilih tugas yang dikerjakan sekali.",
        f"{named(node)} is done several times, and a move would upset its count. "
        "Complete all of its instances first, or choose a task that is done once.",
    )


def _not_beside(there: Node, beside: Node) -> Text:
    return Text(
        f"{named(there)} tidak dapat terbuka bersama {named(beside)}: pada SOP ini keduanya tidak pernah berjalan "
        f"bersamaan. Selesaikan {named(beside)} dahulu, atau pilih tugas di cabang yang sama.",
        f"{named(there)} cannot be open beside {named(beside)}: in this process they never run side by side. "
        f"Complete {named(beside)} first, or choose a task of the same branch.",
    )


def _never_ends(there: Node, stuck: Node) -> Text:
    return Text(
        f"Bila {named(there)} dibuka, {named(stuck)} akan menunggu selamanya: tidak semua cabang yang ditunggunya "
        "berjalan. Pilih tugas sebelum percabangan atau sesudah pertemuannya.",
        f"With {named(there)} open, {named(stuck)} would wait for ever: not every branch that it waits for is on its "
        "way. Choose a task before the split or after the join.",
    )
