"""The guided walk: one Renja from the Sekretaris's order through a return to the signature.

Nothing is kept of how far somebody is: it is read from the case, which is known by its business key.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.demo.acts import lock_office, record
from app.identity.directory import Directory
from app.instances.commands import NewInstance, start
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task

BUSINESS_KEY = "PERAGAAN-1"
SOP = "renja"
FIRST = "sekretaris"
_TITLE = "Renja (berkas panduan)"


def _(text: str) -> str:
    """Mark a text for the catalogues; it is said when it is shown."""
    return text


class Stage(NamedTuple):
    """A stretch of the walk as the guide names it."""

    name: str


STAGES = (
    Stage(_("Sekretaris memerintahkan")),
    Stage(_("Kasubag dan tim menyusun")),
    Stage(_("Tim mengembalikan")),
    Stage(_("Kasubag memperbaiki")),
    Stage(_("Sekretaris menandatangani")),
    Stage(_("Cetak lembarnya")),
)
LAST = len(STAGES)

# What is to be done at each row of the SOP, the first time and again; the walk ends behind row 6.
_HINTS = {
    1: _("Tugas pertama: memerintahkan penyusunan Renja. Tekan “Selesaikan” di bawah."),
    2: _("Anggap timnya sudah dibentuk, lalu tekan “Selesaikan”."),
    3: _("Anggap bahannya sudah siap, lalu tekan “Selesaikan”."),
    4: _("Anggap konsepnya sudah disusun, lalu tekan “Selesaikan”."),
    5: _("Tulis alasannya, misalnya “Target belum sama”, lalu tekan “Dikembalikan untuk diperbaiki”."),
    6: _("Tekan “Setuju dan ditandatangani”."),
}
_HINTS_AGAIN = {
    4: _("Konsepnya kembali, putaran ke-%(n)s, dengan alasannya. Anggap sudah diperbaiki, lalu tekan “Selesaikan”."),
    5: _("Periksa sekali lagi. Kali ini tekan “Setuju”."),
}
_END = _("Rancangan awal sudah ditandatangani. Di berkasnya tercatat setiap putaran; lembarnya dapat dicetak.")


class Step(NamedTuple):
    """Where the walk is: its stage (1 to `LAST`), what is to be done, and by whom at which task; no task at its end."""

    instance_id: UUID
    stage: int
    hint: str
    round: int
    task_id: UUID | None
    username: str

    @property
    def place(self) -> str:
        """Where the walk goes on: the page of the task, or of the case where it has come to its end."""
        return f"/berkas/{self.instance_id}" if self.task_id is None else f"/tugas/{self.task_id}"


_WHERE_IT_IS = (
    sa.select(
        process_instance.c.id.label("instance_id"),
        process_instance.c.status,
        process_instance.c.returns,
        user_task.c.id.label("task_id"),
        user_task.c.activity_no,
        user_task.c.visit,
        user_task.c.role_key,
        user_task.c.assignee,
    )
    .select_from(process_instance)
    .join(
        user_task,
        sa.and_(user_task.c.instance_id == process_instance.c.id, user_task.c.state == str(TaskState.OPEN)),
        isouter=True,
    )
    .where(
        process_instance.c.business_key == BUSINESS_KEY,
        process_instance.c.definition_key == SOP,
        process_instance.c.status != str(InstanceStatus.CANCELLED),
    )
    .order_by(process_instance.c.started_at.desc(), process_instance.c.id.desc())
    .limit(1)
)


def find_step(connection: Connection) -> Step | None:
    """Return where the latest walk is, null where none was begun; at its end it stays until another one begins."""
    row = connection.execute(_WHERE_IT_IS).one_or_none()
    if row is None:
        return None
    if row.task_id is None or row.activity_no not in _HINTS:
        return Step(row.instance_id, LAST, _END, 1, None, "")
    again = row.visit > 1 or (row.activity_no == 5 and row.returns > 0)
    hint = _HINTS_AGAIN.get(row.activity_no) if again else None
    stage = _stage(row.activity_no, again)
    hint = hint or _HINTS[row.activity_no]
    return Step(row.instance_id, stage, hint, row.visit, row.task_id, row.assignee or row.role_key)


def begin(uow: UnitOfWork, directory: Directory, catalogue: Catalogue, *, by: str, now: datetime) -> Step:
    """Start the walk's case as the Sekretaris; one that is under way goes on instead."""
    actor = directory.load(uow.reader, FIRST)
    place = lock_office(uow, actor.office)
    under_way = find_step(uow.connection)
    if under_way is not None and under_way.stage < LAST:
        return under_way
    variables = {"tahun": actor.office.today(place.unit_id, now).year + 1}
    wanted = NewInstance(SOP, None, BUSINESS_KEY, _TITLE, None, variables)
    started = start(uow, catalogue, actor=actor, wanted=wanted, now=now)
    record(uow, place, "demo.walk_begun", by, now, {"process_instance_id": started["id"]})
    uow.flush()
    begun = find_step(uow.connection)
    assert begun is not None
    return begun


def _stage(row: int, again: bool) -> int:
    """The stage of a row of the SOP; a row that is done again is part of the mending."""
    if row == 1:
        return 1
    if row < 5:
        return 4 if again else 2
    if row == 5:
        return 5 if again else 3
    return 5
