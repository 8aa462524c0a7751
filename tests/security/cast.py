"""Who calls: one person of each kind that the rules tell apart, around a case that waits for the SAKIP team."""

from typing import NamedTuple

from app.core.unit_of_work import UnitOfWork
from app.identity.commands import NewUnit, close_account, set_up_office
from app.identity.sessions import csrf_token, open_session
from app.web.visit import SESSION_COOKIE
from tests.drawings import END, START, chain, drawing, task
from tests.office import SECRET, Office

# Who is not let in at all.
NOBODY, UNKNOWN, CLOSED = "nobody", "unknown", "closed"
OUTSIDE = (NOBODY, UNKNOWN, CLOSED)
STARTER, PERFORMER, COLLEAGUE, SUPERIOR = "starter", "performer", "colleague", "superior"
AUDITOR, STRANGER, ADMINISTRATOR, ANALYST, PROGRAM = "auditor", "stranger", "administrator", "analyst", "program"
INSIDE = (STARTER, PERFORMER, COLLEAGUE, SUPERIOR, AUDITOR, STRANGER, ADMINISTRATOR, ANALYST, PROGRAM)
PERSONAS = (*OUTSIDE, *INSIDE)

ACCOUNTS = {
    UNKNOWN: "tidak_ada",
    CLOSED: "mantan",
    STARTER: "kasubag_perencanaan",
    PERFORMER: "tim_sakip",
    # Has a lane of the process too, and neither this task's nor one above any.
    COLLEAGUE: "staf",
    SUPERIOR: "kepala_dinas",
    AUDITOR: "inspektorat",
    # Holds the very role of the task, in another office.
    STRANGER: "tim_dinkes",
    ADMINISTRATOR: "admin",
    ANALYST: "analis",
    PROGRAM: "program",
}
# Somebody to administer.
ORANG = "orang"
TOPIC = "surat"
MESSAGE = "pengesahan"
TITLE = "Kasus Zamrud"
_WORK = drawing(
    "mesin",
    START
    + f'<bpmn:serviceTask id="kirim" camunda:type="external" camunda:topic="{TOPIC}"/>\n'
    + task("catat")
    + END
    + chain("mulai", "kirim", "catat", "selesai"),
    lanes={ACCOUNTS[STARTER]: "mulai kirim catat selesai"},
)
_WAIT = drawing(
    "tunggu",
    START + f'<bpmn:intermediateCatchEvent id="dengar"><bpmn:messageEventDefinition id="m" messageRef="{MESSAGE}"/>'
    "</bpmn:intermediateCatchEvent>\n" + task("catat") + END + chain("mulai", "dengar", "catat", "selesai"),
    lanes={ACCOUNTS[STARTER]: "mulai dengar catat selesai"},
    before=f'<bpmn:message id="{MESSAGE}" name="{MESSAGE}"/>',
)


class Case(NamedTuple):
    """What the office has, by id: what the addresses of routes are filled in with."""

    running: str
    task: str
    done: str
    ended: str
    definition: str
    deployment: str
    waiting: str
    webhook: str
    # For whoever may delete one.
    spare_webhook: str


class Cast:
    """The people of an office, with the proof that each brings: a token, and a browser's session."""

    def __init__(self, office: Office) -> None:
        self.office = office
        units = [
            NewUnit("tanjabbar", "Pemerintah Kabupaten", "pemda", None, "Asia/Jakarta"),
            NewUnit("dinkes", "Dinas Kesehatan", "perangkat_daerah", "tanjabbar", "Asia/Jakarta"),
        ]
        office.database.write(lambda uow: set_up_office(uow, units=units, roles=[]))
        office.hire(ACCOUNTS[STRANGER], "tim_sakip@dinkes")
        office.hire(ACCOUNTS[PROGRAM], permissions=("work@disnaker",))
        office.hire(ACCOUNTS[CLOSED], "tim_sakip@disnaker")
        office.hire(ORANG, "staf@disnaker")
        self._sessions = {UNKNOWN: "a-name-that-was-never-given", CLOSED: self._session(CLOSED)}
        self.sign_in()
        office.database.write(self._close)

    def sign_in(self) -> None:
        """Let everybody who may have a new session."""
        self._sessions |= {one: self._session(one) for one in INSIDE}

    def headers(self, persona: str) -> dict[str, str]:
        """Return the header with a persona's token; that of an unknown user is signed by the service itself."""
        if persona == NOBODY:
            return {}
        state = self.office.app.state
        return {"Authorization": f"Bearer {state.tokens.issue(ACCOUNTS[persona], state.real_clock.now())}"}

    def cookie(self, persona: str) -> dict[str, str]:
        """Return the header with a persona's session."""
        return {} if persona == NOBODY else {"Cookie": f"{SESSION_COOKIE}={self._sessions[persona]}"}

    def csrf(self, persona: str) -> str:
        """Return what the forms of a persona's session bring along."""
        return "" if persona == NOBODY else csrf_token(SECRET, self._sessions[persona])

    def _session(self, persona: str) -> str:
        state = self.office.app.state

        def work(uow: UnitOfWork) -> str:
            lifetime = state.tokens.lifetime
            return open_session(uow, username=ACCOUNTS[persona], now=state.real_clock.now(), lifetime=lifetime).name

        return self.office.database.write(work)

    def _close(self, uow: UnitOfWork) -> None:
        now = self.office.clock.now()
        close_account(uow, actor=self.office.system(uow), username=ACCOUNTS[CLOSED], now=now)


def make_case(office: Office) -> Case:
    """Let there be cases: one that waits for the SAKIP team, one that has ended, one that waits for a
    message; and one, of no concern but for its work, that waits for a program."""
    ended = office.advance(office.start(ACCOUNTS[STARTER]), 9)
    assert ended["status"] == "completed", ended
    running = office.advance(office.start(ACCOUNTS[STARTER], title=TITLE, business_key="ZAMRUD-1"), 2)
    (open_task,) = running["open_tasks"]
    assert open_task["role"] == ACCOUNTS[PERFORMER]
    history = office.read(f"process-instances/{ended['id']}/history", ACCOUNTS[AUDITOR])["items"]
    deployed = office.deploy(mesin=_WORK, tunggu=_WAIT)
    assert deployed.status_code == 201, deployed.text
    office.start(ACCOUNTS[STARTER], "mesin", variables={})
    waiting = office.start(ACCOUNTS[STARTER], "tunggu", variables={})
    assert office.post(f"process-instances/{waiting['id']}/suspend", ACCOUNTS[STARTER]).status_code == 200
    return Case(
        running=running["id"],
        task=open_task["id"],
        done=next(one["task_id"] for one in history if one["role"] == ACCOUNTS[PERFORMER]),
        ended=ended["id"],
        definition=running["process_definition_id"],
        deployment=deployed.json()["id"],
        waiting=waiting["id"],
        webhook=_webhook(office),
        spare_webhook=_webhook(office),
    )


def _webhook(office: Office) -> str:
    added = office.post("webhooks", ACCOUNTS[ADMINISTRATOR], {"url": "https://example.org/alur", "unit": "disnaker"})
    assert added.status_code == 201, added.text
    return str(added.json()["id"])
