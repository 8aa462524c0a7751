"""An upgrade with cases waiting at every step: the tables of the oldest version that has cases, brought to this one."""

from alembic import command
from alembic.config import Config

from app.core import migrations
from app.core.shipped import shipped
from tests.bpmn.sop_walk import Sop, Stop, sops
from tests.office import Clock, Json, Office, running_office

OLDEST = "0001"
AUDITOR = "inspektorat"


def wait_everywhere(url: str, keys: tuple[str, ...]) -> list[str]:
    """Start a case for every step of some SOPs and leave each at another one; returns the cases."""
    with running_office(url, Clock()) as office:
        return [
            _stopped_before(office, sops()[key], step) for key in keys for step in range(len(list(sops()[key].walk())))
        ]


def told(url: str, cases: list[str]) -> list[tuple[Json, Json]]:
    """Return what the service says of cases: where they stand, and their history."""
    with running_office(url, Clock()) as office:
        return [
            (office.instance(case), office.read(f"process-instances/{case}/history", AUDITOR, limit=200))
            for case in cases
        ]


def age(url: str) -> None:
    """Give a database the tables of the oldest version that has cases."""
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.downgrade(config, OLDEST)


def upgrade(url: str) -> None:
    """Bring it to the tables of this version."""
    migrations.upgrade(url)


def finished(url: str, cases: list[str]) -> list[str]:
    """Drive cases to their end; returns what is wrong with each that does not come there, or whose trail is broken."""
    wrong = []
    with running_office(url, Clock()) as office:
        for case in cases:
            instance = office.instance(case)
            while instance["status"] == "active":
                instance = _go_on(office, instance)
            verdict = office.read(f"process-instances/{case}/audit/verify", AUDITOR)
            if instance["status"] != "completed" or not verdict["valid"]:
                wrong.append(f"{case} is {instance['status']}, its trail {verdict}")
    return wrong


def _stopped_before(office: Office, sop: Sop, step: int) -> str:
    walk = list(sop.walk())
    first = next(stop for stop in walk if isinstance(stop, Stop))
    instance = office.start(first.role, sop.key, variables=sop.start_variables)
    for _ in walk[:step]:
        instance = _go_on(office, instance)
    found: str = instance["id"]
    return found


def _go_on(office: Office, instance: Json) -> Json:
    if instance["open_tasks"]:
        return office.advance(instance)
    (awaited,) = instance["waiting_for"]
    body = {"name": awaited["message_name"], "process_instance_id": instance["id"]}
    answer = office.post("messages", "bappeda", body)
    assert answer.status_code == 200, answer.text
    return office.instance(instance["id"])
