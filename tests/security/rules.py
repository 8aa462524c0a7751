"""Who may do what at every address: the table that a new route must be added to."""

from typing import Any, NamedTuple

from tests.drawings import one_task
from tests.security.cast import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    COLLEAGUE,
    INSIDE,
    MESSAGE,
    ORANG,
    OUTSIDE,
    PERFORMER,
    PROGRAM,
    STARTER,
    STRANGER,
    SUPERIOR,
    TOPIC,
)

# What comes of a request. IN: the caller was let in, whatever else was wrong with what he asked.
IN, UNSIGNED, FORBIDDEN, HIDDEN = "in", "unsigned", "forbidden", "hidden"


class Rule(NamedTuple):
    """Who is let in; who is told that he may not, and everybody else is told that there is nothing."""

    let_in: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    is_public: bool = False

    def verdict(self, persona: str) -> str:
        """Return what comes of a persona's request."""
        if persona in OUTSIDE and not self.is_public:
            return UNSIGNED
        if persona in self.let_in:
            return IN
        return FORBIDDEN if persona in self.forbidden else HIDDEN


def _but(*people: str) -> tuple[str, ...]:
    return tuple(one for one in INSIDE if one not in people)


PUBLIC = Rule((*OUTSIDE, *INSIDE), is_public=True)
SIGNED_IN = Rule(INSIDE)
# A case, and what everybody may know who takes part in it, is above those who do, audits or administers.
SEES_CASE = Rule(_but(STRANGER, ANALYST, PROGRAM))
# What is in a task: its role, who is above it, auditors.
SEES_TASK = Rule((PERFORMER, SUPERIOR, AUDITOR))
PERFORMS = Rule((PERFORMER,), (SUPERIOR, AUDITOR))

ASSIGNS = Rule((PERFORMER, SUPERIOR), (AUDITOR,))
MANAGES = Rule((STARTER, SUPERIOR, ADMINISTRATOR), (PERFORMER, COLLEAGUE, AUDITOR))
HEADS = Rule((SUPERIOR,), (STARTER, PERFORMER, COLLEAGUE, AUDITOR, ADMINISTRATOR))
MIGRATES = Rule((ADMINISTRATOR, ANALYST), (STARTER, PERFORMER, COLLEAGUE, SUPERIOR, AUDITOR))
TAKES_PART = Rule((STARTER, PERFORMER, COLLEAGUE))
STARTS = Rule((STARTER, PERFORMER, COLLEAGUE), (SUPERIOR, AUDITOR, ADMINISTRATOR, ANALYST, PROGRAM))
DEPLOYS = Rule((ADMINISTRATOR, ANALYST), _but(ADMINISTRATOR, ANALYST))
ADMINISTERS = Rule((ADMINISTRATOR,), _but(ADMINISTRATOR))
# An SOP is known where it holds.
KNOWS_SOP = Rule(_but(STRANGER))
WORKS = Rule((PROGRAM,))
# The cases that wait for a program and for a message have a lane of the starter alone.
SEES_WORK = Rule((STARTER, SUPERIOR, AUDITOR, ADMINISTRATOR, PROGRAM))
IS_TOLD = Rule((STARTER,))
TRIES_AGAIN = Rule((STARTER, SUPERIOR, ADMINISTRATOR), (AUDITOR,))
# A key alone means what is in force in the caller's own unit, which is the pemda for auditor and administrator.
KNOWS_KEY = Rule(_but(STRANGER, AUDITOR, ADMINISTRATOR))
STARTS_KEY = Rule((STARTER, PERFORMER, COLLEAGUE), (SUPERIOR, ANALYST, PROGRAM))


class Ask(NamedTuple):
    """A rule with a request that shows it: one that changes as little as can be where it is let in.

    `{me}` in the address or the body is the caller. `case` says which case it is about: of the one that has ended, what
    would end it comes too late; the one that waits for a message is suspended, so that none reaches it.
    """

    rule: Rule
    json: Any = None
    form: dict[str, str] | None = None
    files: list[tuple[str, tuple[str, bytes, str]]] | None = None
    query: str = ""
    case: str = "running"
    task: str = "task"


_TAKEN = {"role": "tim_renja", "unit": "disnaker"}
_GRANT = {"permission": "audit", "unit": "disnaker"}
_BPMN = [("files", ("coba.bpmn", one_task("coba"), "application/xml"))]
_PASSWORD = "kopi-hangat-di-pagi"
_NOBODYS = {"role": "tidak_ada", "unit": "disnaker"}
_NEW = {"username": "baru", "name": "Baru", "password": _PASSWORD, "roles": [_NOBODYS]}

NATIVE = {
    "GET /api/v1/openapi.json": Ask(PUBLIC),
    "GET /health/live": Ask(PUBLIC),
    "GET /health/ready": Ask(PUBLIC),
    "GET /.well-known/camunda-automation-platform/webapps": Ask(PUBLIC),
    "GET /camunda/app/cockpit/{place:path}": Ask(PUBLIC),
    "POST /api/v1/auth/token": Ask(PUBLIC, form={"username": "staf", "password": "demo"}),
    "GET /api/v1/me": Ask(SIGNED_IN),
    "POST /api/v1/me/password": Ask(SIGNED_IN, {"old_password": "keliru-sekali", "password": "short"}),
    "GET /api/v1/tasks": Ask(SIGNED_IN),
    "GET /api/v1/tasks/counts": Ask(SIGNED_IN),
    "POST /api/v1/tasks/bulk": Ask(SIGNED_IN, {"action": "claim", "task_ids": ["{task}"]}),
    "GET /api/v1/tasks/{task_id}": Ask(SEES_TASK),
    "GET /api/v1/tasks/{task_id}/candidates": Ask(ASSIGNS),
    "PUT /api/v1/tasks/{task_id}/draft": Ask(PERFORMS, {"variables": {}}),
    "GET /api/v1/tasks/{task_id}/draft": Ask(Rule((PERFORMER,))),
    "DELETE /api/v1/tasks/{task_id}/draft": Ask(SIGNED_IN),
    "POST /api/v1/tasks/{task_id}/claim": Ask(PERFORMS),
    "POST /api/v1/tasks/{task_id}/unclaim": Ask(PERFORMS),
    "POST /api/v1/tasks/{task_id}/assign": Ask(ASSIGNS, {"assignee": "tim_sakip"}),
    "POST /api/v1/tasks/{task_id}/complete": Ask(PERFORMS, {"variables": {"tidak_ada": 1}}),
    "PUT /api/v1/tasks/{task_id}/requirements": Ask(
        PERFORMS, {"requirements": [{"name": "tidak_ada", "satisfied": True}]}
    ),
    "POST /api/v1/tasks/{task_id}/comments": Ask(SEES_TASK, {"text": " "}),
    "GET /api/v1/process-instances": Ask(SIGNED_IN),
    "POST /api/v1/process-instances": Ask(
        STARTS, {"process_definition_key": "iku", "unit": "disnaker", "variables": {"tahun": "keliru"}}
    ),
    "GET /api/v1/process-instances/{instance_id}": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/variables": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/history": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/diagram": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/audit": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/audit/verify": Ask(SEES_CASE),
    "GET /api/v1/process-instances/{instance_id}/audit/export": Ask(SEES_CASE),
    "POST /api/v1/process-instances/{instance_id}/cancel": Ask(MANAGES, {"reason": "coba"}, case="ended"),
    "POST /api/v1/process-instances/{instance_id}/suspend": Ask(MANAGES, case="ended"),
    "POST /api/v1/process-instances/{instance_id}/resume": Ask(MANAGES, case="ended"),
    "POST /api/v1/process-instances/{instance_id}/retry": Ask(MANAGES, case="ended"),
    "POST /api/v1/process-instances/{instance_id}/move": Ask(
        HEADS, {"cancel": "{task}", "open": "tidak_ada", "reason": "coba"}
    ),
    "POST /api/v1/process-instances/{instance_id}/migrate": Ask(
        MIGRATES, {"process_definition_id": "{definition}", "dry_run": True}
    ),
    "POST /api/v1/process-instances/migrate": Ask(
        SIGNED_IN,
        {"process_definition_id": "{definition}", "process_instance_ids": ["{running}"], "dry_run": True},
    ),
    "POST /api/v1/messages": Ask(IS_TOLD, {"name": MESSAGE, "process_instance_id": "{waiting}"}),
    "POST /api/v1/deployments": Ask(DEPLOYS, files=_BPMN, query="dry_run=true"),
    "GET /api/v1/process-definitions": Ask(SIGNED_IN),
    "GET /api/v1/process-definitions/startable": Ask(SIGNED_IN),
    "GET /api/v1/process-definitions/{definition_id}": Ask(KNOWS_SOP),
    "GET /api/v1/process-definitions/{definition_id}/versions": Ask(KNOWS_SOP),
    "GET /api/v1/process-definitions/{definition_id}/xml": Ask(KNOWS_SOP),
    "GET /api/v1/process-definitions/{definition_id}/sop": Ask(KNOWS_SOP),
    "GET /api/v1/process-definitions/{definition_id}/difference": Ask(KNOWS_SOP, query="to={definition}"),
    "GET /api/v1/stats/summary": Ask(SIGNED_IN),
    "GET /api/v1/stats/processes": Ask(SIGNED_IN),
    "GET /api/v1/stats/steps": Ask(SIGNED_IN),
    "GET /api/v1/stats/late-tasks": Ask(SIGNED_IN),
    "GET /api/v1/stats/returns": Ask(SIGNED_IN),
    "GET /api/v1/audit": Ask(SIGNED_IN),
    "GET /api/v1/audit/heads": Ask(Rule((AUDITOR,), _but(AUDITOR))),
    "GET /api/v1/events": Ask(SIGNED_IN),
    # Without a token it is for the machine itself, and for everybody else not there.
    "GET /metrics": Ask(Rule((), is_public=True)),
    "GET /api/v1/webhooks": Ask(ADMINISTERS),
    "POST /api/v1/webhooks": Ask(ADMINISTERS, {"url": "https://example.org", "unit": "tidak_ada"}),
    "GET /api/v1/webhooks/{webhook_id}": Ask(ADMINISTERS),
    "GET /api/v1/webhooks/{webhook_id}/deliveries": Ask(ADMINISTERS),
    "DELETE /api/v1/webhooks/{webhook_id}": Ask(ADMINISTERS),
    "POST /api/v1/webhooks/{webhook_id}/enable": Ask(ADMINISTERS),
    "POST /api/v1/webhooks/{webhook_id}/rotate": Ask(ADMINISTERS),
    "POST /api/v1/webhooks/{webhook_id}/test": Ask(ADMINISTERS),
    # There is no such delivery.
    "POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": Ask(Rule((), _but(ADMINISTRATOR))),
    "GET /api/v1/users": Ask(ADMINISTERS),
    "POST /api/v1/users": Ask(ADMINISTERS, _NEW),
    "GET /api/v1/users/{username}": Ask(ADMINISTERS),
    "POST /api/v1/users/{username}/close": Ask(ADMINISTERS),
    "POST /api/v1/users/{username}/reopen": Ask(ADMINISTERS),
    "POST /api/v1/users/{username}/password": Ask(ADMINISTERS, {"password": _PASSWORD}),
    "POST /api/v1/users/{username}/roles": Ask(ADMINISTERS, _NOBODYS),
    "POST /api/v1/users/{username}/roles/take": Ask(ADMINISTERS, _TAKEN),
    "POST /api/v1/users/{username}/permissions": Ask(ADMINISTERS, {**_GRANT, "unit": "tidak_ada"}),
    "POST /api/v1/users/{username}/permissions/take": Ask(ADMINISTERS, _GRANT),
    "GET /api/v1/roles": Ask(ADMINISTERS),
    "GET /api/v1/units": Ask(ADMINISTERS),
}

_HISTORY = ("history/process-instance", "history/task", "history/activity-instance")
_LISTS = ("task", "external-task", "process-instance", *_HISTORY)
_LOCK = {"workerId": "w", "lockDuration": 1}
_FETCH = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": TOPIC, "lockDuration": 1}]}
_START = {"variables": {"tahun": {"value": "keliru"}}}

CAMUNDA = {
    **{
        f"{method} /{one}{end}": Ask(SIGNED_IN)
        for method in ("GET", "POST")
        for one in _LISTS
        for end in ("", "/count")
    },
    "GET /task/{task_id}": Ask(SEES_TASK),
    "GET /task/{task_id}/form-variables": Ask(SEES_TASK),
    "GET /task/{task_id}/identity-links": Ask(SEES_TASK),
    "POST /task/{task_id}/claim": Ask(PERFORMS, {"userId": "{me}"}),
    "POST /task/{task_id}/unclaim": Ask(PERFORMS),
    "POST /task/{task_id}/assignee": Ask(ASSIGNS, {"userId": "tim_sakip"}),
    "POST /task/{task_id}/complete": Ask(PERFORMS, {"variables": {"tidak_ada": {"value": 1}}}),
    "POST /task/{task_id}/submit-form": Ask(PERFORMS, {"variables": {"tidak_ada": {"value": 1}}}),
    "POST /external-task/fetchAndLock": Ask(SIGNED_IN, _FETCH),
    "GET /external-task/{task_id}": Ask(SEES_WORK),
    "GET /external-task/{task_id}/errorDetails": Ask(SEES_WORK),
    "POST /external-task/{task_id}/complete": Ask(WORKS, {"workerId": "another"}),
    "POST /external-task/{task_id}/failure": Ask(WORKS, {"workerId": "another"}),
    "POST /external-task/{task_id}/bpmnError": Ask(WORKS, {"workerId": "another", "errorCode": "x"}),
    "POST /external-task/{task_id}/extendLock": Ask(WORKS, {"workerId": "another", "newDuration": 1}),
    "POST /external-task/{task_id}/lock": Ask(WORKS, _LOCK),
    "POST /external-task/{task_id}/unlock": Ask(WORKS),
    "PUT /external-task/{task_id}/retries": Ask(TRIES_AGAIN, {"retries": 3}),
    "GET /process-instance/{instance_id}": Ask(SEES_CASE),
    "GET /process-instance/{instance_id}/variables": Ask(SEES_CASE),
    "GET /process-instance/{instance_id}/variables/{name}": Ask(SEES_CASE),
    "GET /process-instance/{instance_id}/activity-instances": Ask(SEES_CASE),
    "DELETE /process-instance/{instance_id}": Ask(MANAGES, case="ended"),
    "PUT /process-instance/{instance_id}/suspended": Ask(MANAGES, {"suspended": True}, case="ended"),
    "GET /history/process-instance/{instance_id}": Ask(SEES_CASE),
    "GET /process-definition": Ask(SIGNED_IN),
    "GET /process-definition/count": Ask(SIGNED_IN),
    "GET /process-definition/key/{key}": Ask(KNOWS_KEY),
    "GET /process-definition/key/{key}/tenant-id/{unit}": Ask(KNOWS_SOP),
    "GET /process-definition/{definition_id}": Ask(KNOWS_SOP),
    "GET /process-definition/key/{key}/xml": Ask(KNOWS_KEY),
    "GET /process-definition/key/{key}/tenant-id/{unit}/xml": Ask(KNOWS_SOP),
    "GET /process-definition/{definition_id}/xml": Ask(KNOWS_SOP),
    "POST /process-definition/key/{key}/start": Ask(STARTS_KEY, _START),
    "POST /process-definition/key/{key}/tenant-id/{unit}/start": Ask(STARTS, _START),
    "POST /process-definition/{definition_id}/start": Ask(STARTS_KEY, _START),
    "GET /deployment": Ask(SIGNED_IN),
    "GET /deployment/count": Ask(SIGNED_IN),
    "GET /deployment/{deployment_id}": Ask(KNOWS_SOP),
    "POST /deployment/create": Ask(DEPLOYS, files=[("buruk", ("buruk.bpmn", b"<tidak", "text/xml"))]),
    # Camunda's answer to a message that means nobody is 400.
    "POST /message": Ask(SIGNED_IN, {"messageName": MESSAGE, "processInstanceId": "{waiting}"}),
    "GET /version": Ask(SIGNED_IN),
    "GET /engine": Ask(SIGNED_IN),
    "GET /identity/groups": Ask(SIGNED_IN, query="userId={me}"),
    "POST /identity/verify": Ask(SIGNED_IN, {"username": "staf", "password": "demo"}),
}

_NO_GRANT = {"permission": "audit", "unit": "tidak_ada"}
# Forms of who is not signed in: they are known to be ours by their origin alone, and by what they bring.
UNSIGNED_FORMS = (
    "POST /masuk",
    "POST /bahasa",
    "POST /peragaan/masuk",
    "POST /peragaan/panduan",
    "POST /peragaan/contoh",
)

PAGES = {
    "GET /": Ask(PUBLIC),
    "GET /masuk": Ask(PUBLIC),
    "POST /masuk": Ask(PUBLIC, form={"username": "staf", "password": "demo"}),
    "POST /bahasa": Ask(PUBLIC, form={"bahasa": "id"}),
    "GET /static/{name}": Ask(PUBLIC),
    "GET /api/v1/docs": Ask(PUBLIC),
    "POST /peragaan/masuk": Ask(PUBLIC, form={"peran": "tidak_ada"}),
    "POST /peragaan/panduan": Ask(PUBLIC),
    "POST /peragaan/contoh": Ask(PUBLIC),
    "GET /peragaan": Ask(SIGNED_IN),
    "POST /peragaan/panduan/tutup": Ask(SIGNED_IN),
    "POST /peragaan/waktu": Ask(SIGNED_IN, form={"maju": "tidak_ada"}),
    "GET /tugas": Ask(SIGNED_IN),
    "GET /tugas/daftar": Ask(SIGNED_IN),
    "POST /tugas/ambil": Ask(SIGNED_IN, form={"tugas": "{task}"}),
    "POST /tugas/serahkan": Ask(SIGNED_IN, form={"tugas": "{task}", "kepada": "tim_sakip"}),
    "GET /tugas/{task_id}": Ask(SEES_TASK),
    "GET /tugas/{task_id}/keadaan": Ask(SEES_TASK),
    "POST /tugas/{task_id}/ambil": Ask(PERFORMS),
    "POST /tugas/{task_id}/lepas": Ask(PERFORMS),
    "POST /tugas/{task_id}/serahkan": Ask(ASSIGNS, form={"kepada": "tim_sakip"}),
    "POST /tugas/{task_id}/komentar": Ask(SEES_TASK),
    "POST /tugas/{task_id}/draf": Ask(PERFORMS),
    "POST /tugas/{task_id}/draf/buang": Ask(SIGNED_IN),
    "POST /tugas/{task_id}/selesaikan": Ask(PERFORMS, task="done"),
    "GET /berkas": Ask(SIGNED_IN),
    "GET /berkas/daftar": Ask(SIGNED_IN),
    "GET /berkas/mulai": Ask(SIGNED_IN),
    # What one may not start is not on offer.
    "GET /berkas/mulai/{key}": Ask(TAKES_PART),
    "POST /berkas/mulai/{key}": Ask(TAKES_PART, form={"tahun": "keliru"}),
    "GET /berkas/{instance_id}": Ask(SEES_CASE),
    "GET /berkas/{instance_id}/sekarang": Ask(SEES_CASE),
    "POST /berkas/{instance_id}/tangguhkan": Ask(MANAGES, case="ended"),
    "POST /berkas/{instance_id}/lanjutkan": Ask(MANAGES, case="ended"),
    "POST /berkas/{instance_id}/batalkan": Ask(MANAGES, form={"alasan": "coba"}, case="ended"),
    "POST /berkas/{instance_id}/ulangi": Ask(MANAGES, case="ended"),
    "POST /berkas/{instance_id}/pindahkan": Ask(
        HEADS, form={"tugas": "{task}", "langkah": "tidak_ada", "alasan": "coba"}
    ),
    "POST /berkas/{instance_id}/pesan": Ask(IS_TOLD, form={"pesan": MESSAGE}, case="waiting"),
    "GET /sop": Ask(SIGNED_IN),
    "GET /sop/{definition_id}": Ask(KNOWS_SOP),
    "GET /sop/{definition_id}/bpmn": Ask(KNOWS_SOP),
    "GET /sop/unggah": Ask(DEPLOYS),
    "POST /sop/unggah": Ask(DEPLOYS),
    "POST /sop/berlakukan": Ask(DEPLOYS, form={"unit": "disnaker"}),
    "GET /sop/diberlakukan/{deployment_id}": Ask(KNOWS_SOP),
    "GET /sop/{definition_id}/pindahkan": Ask(DEPLOYS),
    "POST /sop/{definition_id}/pindahkan": Ask(DEPLOYS),
    "GET /pantauan": Ask(SIGNED_IN),
    "GET /pantauan/angka": Ask(SIGNED_IN),
    "GET /pantauan/sop.csv": Ask(SIGNED_IN),
    "GET /pantauan/langkah.csv": Ask(SIGNED_IN),
    "GET /jejak": Ask(SIGNED_IN),
    "GET /jejak/{instance_id}/periksa": Ask(SEES_CASE),
    "GET /jejak/{instance_id}/unduh": Ask(SEES_CASE),
    "GET /pengguna": Ask(ADMINISTERS),
    "GET /pengguna/jabatan": Ask(ADMINISTERS),
    "GET /pengguna/tambah": Ask(ADMINISTERS),
    "POST /pengguna/tambah": Ask(ADMINISTERS),
    "GET /pengguna/orang/{username}": Ask(ADMINISTERS),
    "POST /pengguna/orang/{username}/sandi": Ask(ADMINISTERS),
    "POST /pengguna/orang/{username}/tutup": Ask(ADMINISTERS),
    "POST /pengguna/orang/{username}/buka": Ask(ADMINISTERS),
    "POST /pengguna/orang/{username}/jabatan": Ask(ADMINISTERS, form=_NOBODYS),
    "POST /pengguna/orang/{username}/wewenang": Ask(ADMINISTERS, form=_NO_GRANT),
    "POST /pengguna/orang/{username}/jabatan/cabut": Ask(ADMINISTERS, form=_TAKEN),
    "POST /pengguna/orang/{username}/wewenang/cabut": Ask(ADMINISTERS, form=_GRANT),
    "GET /profil": Ask(SIGNED_IN),
    "POST /profil/kabar": Ask(SIGNED_IN, form={"surel": ""}),
    "POST /profil/sandi": Ask(SIGNED_IN, form={"baru": "a", "ulang": "b"}),
    "POST /profil/sesi/akhiri": Ask(SIGNED_IN, form={"sesi": "00"}),
    "POST /profil/sesi/akhiri-lain": Ask(SIGNED_IN),
    "POST /keluar": Ask(SIGNED_IN),
}

BASES = ("/engine-rest", "/rest")
RULES = {**NATIVE, **PAGES} | {name.replace(" ", f" {base}", 1): ask for base in BASES for name, ask in CAMUNDA.items()}
# What lets in nobody of all these: it asks for another proof, or is about what is not there.
CLOSED_HERE = {"GET /metrics", "POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"}
FIELDS = {"{username}": ORANG, "{key}": "iku", "{unit}": "disnaker", "{name}": "tahun", "{place:path}": "x"}
