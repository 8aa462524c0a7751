"""A demonstration office with a past, made through the API alone: what the pictures show, and what axe is shown.

Three weeks of work on the six SOPs: one case complete, one returned twice and about to be drawn up for the third time,
one where a decision is due, some late, some fresh.
"""

from datetime import timedelta
from itertools import islice
from typing import NamedTuple

from tests.bpmn.sop_walk import DIKEMBALIKAN, Stop, Wait, sops
from tests.house.tree import ROOT
from tests.office import Json, Office

REASONS = (
    "Target triwulan III belum sesuai dengan Renstra; perbaiki tabel 2.",
    "Pagu kegiatan pada tabel 4 masih memakai angka tahun lalu.",
)
_COMPLETE = 99
_RENJA = ROOT / "bpmn" / "renja.bpmn"
_BEFORE, _AFTER = "Menyiapkan rancangan akhir untuk verifikasi", "Menyiapkan rancangan akhir untuk verifikasi Bappeda"
_FRIDAY = 4
# Of UTC: eight in the morning to three in the afternoon where the office is.
_OFFICE_HOURS = range(1, 8)


class History(NamedTuple):
    """What the office has, by id: cases, tasks that are open for somebody, a task that is done, a definition."""

    returned: str
    complete: str
    waiting: str
    drafting_task: str
    deciding_task: str
    completed_task: str
    definition: str
    newer: str
    deployment: str


def make_history(office: Office) -> History:
    """Let the office work, its clock going on; returns what there is to look at."""
    complete = _run(office, "iku", _COMPLETE)
    returned = _run(office, "renja", 7, {5: 2})
    _run(office, "renstra", 3)
    _run(office, "renja", 1)
    _pass(office, days=4)
    _run(office, "lkj", 2)
    _run(office, "iku", 5)
    waiting = _run(office, "renja", 9)
    deciding = _run(office, "renja", 5)
    _pass(office, days=4)
    _run(office, "pengumpulan_data_kinerja", 1)
    _run(office, "evaluasi_kinerja", 0)
    _run(office, "renstra", 1)
    _run(office, "iku", 1)
    (drafting,), (decision,) = returned["open_tasks"], deciding["open_tasks"]
    claimed = office.post(f"tasks/{drafting['id']}/claim", "kasubag_perencanaan")
    assert claimed.status_code == 200, claimed.text
    done = office.read("tasks", "inspektorat", scope="all", state="completed", process_definition_key="iku")
    deployed = office.deploy(renja=edited_renja())
    assert deployed.status_code == 201, deployed.text
    return History(
        returned=returned["id"],
        complete=complete["id"],
        waiting=waiting["id"],
        drafting_task=drafting["id"],
        deciding_task=decision["id"],
        completed_task=done["items"][0]["id"],
        definition=returned["process_definition_id"],
        newer=deployed.json()["process_definitions"][0]["id"],
        deployment=deployed.json()["id"],
    )


def edited_renja() -> bytes:
    """Return the Renja as an analyst has edited it: a row has a clearer name, and everything stands where it stood."""
    before, after = (f'name="{name}"'.encode() for name in (_BEFORE, _AFTER))
    drawn = _RENJA.read_bytes()
    assert drawn.count(before) == 1
    return drawn.replace(before, after)


def _run(office: Office, key: str, steps: int, returned: dict[int, int] | None = None) -> Json:
    """Start an SOP and take it some steps on, one a few hours after the other."""
    sop = sops()[key]
    walk = list(sop.walk(returned))
    first = next(step for step in walk if isinstance(step, Stop))
    number = len(office.read("process-instances", "inspektorat", process_definition_key=key)["items"]) + 1
    instance = office.start(
        first.role, key, variables=sop.start_variables, business_key=f"{key.upper().replace('_', '-')}/2027/{number}"
    )
    reasons = iter(REASONS)
    for step in islice(walk, steps):
        _pass(office, hours=2)
        if isinstance(step, Wait):
            sent = {"name": step.message, "business_key": instance["business_key"]}
            answer = office.post("messages", first.role, sent)
            assert answer.status_code == 200, answer.text
            continue
        given = {} if step.decision is None else {"keputusan": step.decision}
        if step.decision == DIKEMBALIKAN:
            given["alasan"] = next(reasons)
        (task,) = instance["open_tasks"]
        answer = office.complete(task, **given)
        assert answer.status_code == 200, answer.text
        instance = answer.json()["process_instance"]
    return office.instance(instance["id"])


def _pass(office: Office, **time: float) -> None:
    """Let time pass, and then the nights and the ends of weeks, when nobody works."""
    office.clock.advance(timedelta(**time))
    while office.clock.now().weekday() > _FRIDAY or office.clock.now().hour not in _OFFICE_HOURS:
        office.clock.advance(timedelta(hours=1))
    # A token lasts shorter than the time that passes here.
    office.sign_out()
