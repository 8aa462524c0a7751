"""The acts of the trail as sentences: for each type of event what it says, in the reader's language.

An act without a sentence here is named by its type, so that nothing of the trail is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.identity.names import names_of
from app.identity.office import Office
from app.instances.aggregate import SYSTEM
from app.instances.models import user_task
from app.sop.table import RETURNED
from app.web.language import Speech


def _(text: str) -> str:
    return text


_OTHERWISE = _("%(who)s mencatat “%(type)s”")
_RETURNED = _("%(who)s mengembalikan berkas dari “%(step)s”")

# `who` is the role by which somebody acted, else his name; `step` the task; `whom` the person it is about.
SENTENCES: Mapping[str, str] = {
    "process_instance.started": _("%(who)s memulai berkas"),
    "process_instance.cancelled": _("%(who)s membatalkan berkas"),
    "process_instance.suspended": _("%(who)s menghentikan berkas untuk sementara"),
    "process_instance.resumed": _("%(who)s melanjutkan berkas"),
    "process_instance.moved": _("%(who)s memindahkan berkas dari “%(step)s” ke langkah lain"),
    "process_instance.migrated": _("%(who)s memindahkan berkas ke versi SOP yang lain"),
    "task.completed": _("%(who)s menyelesaikan “%(step)s”"),
    "task.claimed": _("%(who)s mengambil “%(step)s”"),
    "task.unclaimed": _("%(who)s melepaskan “%(step)s”"),
    "task.assigned": _("%(who)s menugaskan “%(step)s” kepada %(whom)s"),
    "task.checked": _("%(who)s mencatat kelengkapan dan output “%(step)s”"),
    "task.commented": _("%(who)s mengomentari “%(step)s”"),
    "message.received": _("%(who)s mencatat kabar “%(what)s”"),
    "timer.fired": _("Waktu yang ditunggu berkas sudah tiba"),
    "signal.received": _("Berkas menerima isyarat “%(what)s”"),
    "incident.raised": _("Berkas terhenti karena gangguan"),
    "incident.retried": _("%(who)s mencoba lagi yang terganggu"),
    "incident.resolved": _("%(who)s mengakhiri gangguan"),
    "external_task.completed": _("Program %(who)s menyelesaikan “%(what)s”"),
    "external_task.failed": _("Program %(who)s gagal mengerjakan “%(what)s”"),
    "external_task.error_raised": _("Program %(who)s melaporkan kesalahan pada “%(what)s”"),
    "external_task.retried": _("%(who)s membuka lagi “%(what)s” untuk dikerjakan program"),
    "deployment.created": _("%(who)s memberlakukan SOP “%(what)s”"),
    "webhook.added": _("%(who)s menambahkan webhook"),
    "webhook.removed": _("%(who)s menghapus webhook"),
    "webhook.enabled": _("%(who)s mengaktifkan lagi webhook"),
    "webhook.disabled": _("Webhook dimatikan karena tidak dapat dikirimi"),
    "person.added": _("%(who)s menambahkan %(whom)s"),
    "person.closed": _("%(who)s menutup akun %(whom)s"),
    "person.linked": _("%(who)s menghubungkan %(whom)s dengan akunnya pada penyedia"),
    "person.reopened": _("%(who)s membuka lagi akun %(whom)s"),
    "sign_in.blocked": _("Percobaan masuk sebagai %(whom)s ditolak sementara: terlalu sering gagal"),
    "role.given": _("%(who)s memberi %(whom)s jabatan %(what)s"),
    "role.taken": _("%(who)s mengakhiri jabatan %(what)s dari %(whom)s"),
    "permission.given": _("%(who)s memberi %(whom)s wewenang %(what)s"),
    "permission.taken": _("%(who)s mengakhiri wewenang %(what)s dari %(whom)s"),
}

# What a search may be narrowed to: a kind of acts, under a name.
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mulai": (_("Berkas dimulai"), ("process_instance.started",)),
    "selesai": (_("Tugas diselesaikan atau dikembalikan"), ("task.completed",)),
    "ambil": (_("Tugas diambil, dilepas, ditugaskan"), ("task.claimed", "task.unclaimed", "task.assigned")),
    "catatan": (_("Kelengkapan dan komentar"), ("task.checked", "task.commented")),
    "ubah": (
        _("Berkas dibatalkan, dihentikan, dipindahkan"),
        (
            "process_instance.cancelled",
            "process_instance.suspended",
            "process_instance.resumed",
            "process_instance.moved",
            "process_instance.migrated",
        ),
    ),
    "luar": (_("Kabar, waktu, dan isyarat"), ("message.", "timer.", "signal.")),
    "gangguan": (_("Gangguan"), ("incident.",)),
    "program": (_("Pekerjaan program"), ("external_task.",)),
    "sop": (_("SOP diberlakukan"), ("deployment.",)),
    "webhook": (_("Webhook"), ("webhook.",)),
    "orang": (_("Pengguna, jabatan, wewenang"), ("person.", "role.", "permission.", "sign_in.")),
}


class Told(NamedTuple):
    """An act as it is read: its sentence, why it was done where a reason was asked for, and whether it sent back."""

    sentence: str
    reason: str | None
    returned: bool


class Actors(NamedTuple):
    """The names that the acts of a page need, read in two queries for all of them."""

    people: Mapping[str, str]
    tasks: Mapping[UUID, Any]
    office: Office

    @classmethod
    def of(cls, connection: Connection, acts: Sequence[Mapping[str, Any]], office: Office) -> "Actors":
        """Return the names for some acts."""
        people = {act["actor"] for act in acts}
        people |= {act["data"][name] for act in acts for name in _PEOPLE if act["data"].get(name)}
        ids = {UUID(act["data"]["task_id"]) for act in acts if act["data"].get("task_id")}
        tasks = sa.select(user_task.c.id, user_task.c.name, user_task.c.visit, user_task.c.decision, user_task.c.reason)
        rows = connection.execute(tasks.where(user_task.c.id.in_(ids))) if ids else ()
        return cls(names_of(connection, people), {row.id: row for row in rows}, office)

    def name(self, username: str, speech: Speech) -> str:
        """Return what somebody is called; what nobody did was done by Alur itself."""
        return speech("Alur") if username == SYSTEM else self.people.get(username, username)


_PEOPLE = ("assignee", "username")
_WHAT = ("message", "signal", "topic", "name", "permission")


def tell(act: Mapping[str, Any], actors: Actors, speech: Speech) -> Told:
    """Return an act of the trail as a reader gets it."""
    data, office = act["data"], actors.office
    task = actors.tasks.get(UUID(data["task_id"])) if data.get("task_id") else None
    returned = act["type"] == "task.completed" and task is not None and task.decision == RETURNED
    acting = data["role"] if act["type"] == "task.completed" else None
    role = office.roles.get(acting) if acting is not None else None
    about = office.roles.get(data["role"]) if act["type"].startswith("role.") else None
    whom = data.get("assignee") or data.get("username")
    values = {
        "who": role.name if role is not None else actors.name(act["actor"], speech),
        "whom": actors.name(whom, speech) if whom else speech("seseorang"),
        "step": task.name if task is not None else data.get("element_id", "?"),
        "what": about.name if about is not None else next((data[name] for name in _WHAT if data.get(name)), "?"),
        "type": act["type"],
    }
    sentence = speech(_RETURNED if returned else SENTENCES.get(act["type"], _OTHERWISE), **values)
    if task is not None and task.visit > 1:
        sentence += " " + speech("(putaran %(n)s)", n=task.visit)
    reason = task.reason if returned and task is not None else data.get("reason")
    return Told(sentence, reason, returned)
