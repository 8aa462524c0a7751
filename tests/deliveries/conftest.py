"""An office that may send webhooks to this machine, a receiver there, and real time that stands still."""

from collections.abc import Iterator

import pytest

from app.identity.commands import NewUnit, set_up_office
from tests.deliveries.receiver import Receiver, receiving
from tests.office import Clock, Office, running_office


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def office(url: str, clock: Clock) -> Iterator[Office]:
    with running_office(url, clock, webhook_allow="127.0.0.1", smtp_url="smtp://127.0.0.1:1", mail_from="a@b") as found:
        found.app.state.real_clock = clock
        yield found


@pytest.fixture
def below(office: Office) -> str:
    """The key of a bidang below the office's unit."""
    bidang = NewUnit("hubin", "Bidang Hubungan Industrial", "bidang", "disnaker", "Asia/Jakarta")
    office.database.write(lambda uow: set_up_office(uow, units=[bidang], roles=[]))
    return bidang.key
