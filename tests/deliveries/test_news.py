"""News by e-mail: to who asked for it, of what is his to do, once, a digest every few minutes."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core.unit_of_work import UnitOfWork
from app.deliveries.news import EVERY, tell_news
from app.identity.news import send_news_to
from tests.deliveries.sending import send, settle
from tests.drawings import one_task, two_branches
from tests.office import Office
from tests.web.browser import Browser

MINUTE = timedelta(minutes=1)


class MailBox:
    """A mail server that keeps what is handed in, or answers as it is told."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[str] = []
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def to(self) -> list[str]:
        return [str(one["To"]) for one in self.received]

    def text(self, place: int = -1) -> str:
        return str(self.received[place].get_content())


@pytest.fixture
def mailbox() -> Iterator[MailBox]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box = MailBox(port)
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield box
    controller.stop()


def want(office: Office, *people: str) -> None:
    """Let people ask for news, and the news begin now."""

    def work(uow: UnitOfWork) -> None:
        for person in people:
            send_news_to(uow, person, f"{person}@example.go.id")

    office.database.write(work)
    tell(office)


def tell(office: Office) -> None:
    """Put together what is new, when its time has come."""
    settle(office)
    office.clock.advance(EVERY)
    tell_news(office.database, office.app.state.directory, office.clock, office.clock, "https://alur.example.id")


def post(office: Office, mailbox: MailBox) -> int:
    return send(office, smtp_url=f"smtp://127.0.0.1:{mailbox.port}", mail_from="Alur <alur@example.go.id>")


@pytest.fixture
def started(office: Office) -> Office:
    assert office.deploy(satu_tugas=one_task("satu_tugas"), cabang=two_branches()).status_code == 201
    office.hire("wakil", "sekretaris@disnaker")
    return office


class TestNews:
    def test_tell_of_new_tasks_in_one_message(self, started: Office, mailbox: MailBox) -> None:
        want(started, "staf")
        for number in range(3):
            started.start("sekretaris" if number else "wakil", "cabang", variables={}, title=f"Hal {number}")
        tell(started)

        assert post(started, mailbox) == 1
        (message,) = mailbox.received
        assert (message["To"], message["From"]) == ("staf@example.go.id", "Alur <alur@example.go.id>")
        assert message["Subject"] == "Alur: 3 kabar tugas untuk Anda"
        assert message["Auto-Submitted"] == "auto-generated"
        text = mailbox.text()
        assert "Tugas baru untuk jabatan Anda:" in text
        assert all(f"satu (Hal {number})" in text for number in range(3))
        task_id = next(one["id"] for one in started.read("tasks", "staf")["items"])
        assert f"https://alur.example.id/tugas/{task_id}" in text

    def test_are_not_told_twice_nor_before_some_minutes(self, started: Office, mailbox: MailBox) -> None:
        want(started, "staf")
        started.start("sekretaris", "cabang", variables={})
        settle(started)
        started.clock.advance(EVERY - MINUTE)
        tell_news(started.database, started.app.state.directory, started.clock, started.clock, "")
        assert post(started, mailbox) == 0
        for _ in range(3):
            tell(started)

        assert post(started, mailbox) == 1

    def test_are_for_who_asked_and_whose_it_is_to_do(self, started: Office, mailbox: MailBox) -> None:
        want(started, "staf", "bappeda", "sekretaris")
        started.start("wakil", "cabang", variables={})
        tell(started)
        post(started, mailbox)

        assert sorted(mailbox.to) == ["sekretaris@example.go.id", "staf@example.go.id"]

    def test_leave_out_what_one_did_oneself_what_a_colleague_took_and_what_is_done(
        self, started: Office, mailbox: MailBox
    ) -> None:
        started.hire("teman", "staf@disnaker")
        want(started, "staf")
        started.start("staf", "satu_tugas", variables={})
        for user in ("sekretaris", "wakil"):
            instance = started.start(user, "cabang", variables={})
            (task,) = [one for one in instance["open_tasks"] if one["role"] == "staf"]
            if user == "sekretaris":
                assert started.post(f"tasks/{task['id']}/claim", "teman").status_code == 200
            else:
                assert started.complete(task, "teman").status_code == 200
        tell(started)

        assert post(started, mailbox) == 0

    def test_tell_of_an_assignment_to_whom_it_was_assigned(self, started: Office, mailbox: MailBox) -> None:
        started.hire("teman", "staf@disnaker")
        instance = started.start("sekretaris", "cabang", variables={})
        (task,) = [one for one in instance["open_tasks"] if one["role"] == "staf"]
        want(started, "staf", "teman")
        answer = started.post(f"tasks/{task['id']}/assign", "staf", {"assignee": "teman"})
        assert answer.status_code == 200, answer.text
        tell(started)
        post(started, mailbox)

        assert mailbox.to == ["teman@example.go.id"]
        assert "Ditugaskan kepada Anda:" in mailbox.text()

    def test_tell_of_a_return_without_its_reason(self, office: Office, mailbox: MailBox) -> None:
        # Row 5, in which the SAKIP team decides on what staf made in row 4.
        (decision,) = office.advance(office.start(), 4)["open_tasks"]
        want(office, "staf", "tim_sakip")
        answer = office.complete(decision, keputusan="dikembalikan", alasan="Belum lengkap.")
        (task,) = answer.json()["next_tasks"]
        tell(office)
        post(office, mailbox)

        assert mailbox.to == ["staf@example.go.id"]
        assert "Dikembalikan untuk diperbaiki:" in mailbox.text()
        assert task["name"] in mailbox.text()
        assert "Belum lengkap." not in mailbox.text()

    def test_are_sent_again_where_the_server_fails_and_given_up_where_it_refuses(
        self, started: Office, mailbox: MailBox
    ) -> None:
        want(started, "staf")
        started.start("sekretaris", "cabang", variables={})
        tell(started)
        mailbox.answers = ["451 later", "554 no"]
        first = post(started, mailbox)
        started.clock.advance(MINUTE)
        second = post(started, mailbox)
        started.clock.advance(timedelta(days=1))

        assert (first, second) == (1, 1)
        assert post(started, mailbox) == 0
        assert mailbox.received == []

    def test_are_the_same_message_at_every_try(self, started: Office, mailbox: MailBox) -> None:
        want(started, "staf")
        started.start("sekretaris", "cabang", variables={})
        tell(started)
        mailbox.answers = ["451 later"]
        post(started, mailbox)
        started.clock.advance(MINUTE)
        post(started, mailbox)

        (message,) = mailbox.received
        assert str(message["Message-ID"]).endswith("@example.go.id>")

    def test_that_no_server_takes_are_kept_for_later(self, started: Office, mailbox: MailBox) -> None:
        want(started, "staf")
        started.start("sekretaris", "cabang", variables={})
        tell(started)
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = free.getsockname()[1]
        send(started, smtp_url=f"smtp://127.0.0.1:{nobody}", mail_from="alur@example.go.id")
        started.clock.advance(MINUTE)

        assert post(started, mailbox) == 1
        assert mailbox.to == ["staf@example.go.id"]

    def test_begin_when_somebody_asks_for_them(self, started: Office, mailbox: MailBox) -> None:
        started.start("sekretaris", "cabang", variables={})
        want(started, "staf")
        tell(started)

        assert post(started, mailbox) == 0


class TestTheProfile:
    def test_takes_an_address_and_gives_it_up_again(self, office: Office) -> None:
        browser = Browser(office).sign_in("staf").open("/profil")
        browser.send("/profil/kabar", surel="staf@example.go.id")
        kept = browser.tree.xpath("//input[@id='surel']/@value")
        browser.send("/profil/kabar", surel="")

        assert kept == ["staf@example.go.id"]
        assert browser.tree.xpath("//input[@id='surel']/@value") in ([], [""])

    @pytest.mark.parametrize(
        "address", ["staf", "staf@", "a b@example.org", "a@b.org\nBcc: c@d.org", "a@b.org,c@d.org"]
    )
    def test_refuses_what_is_no_address(self, office: Office, address: str) -> None:
        browser = Browser(office).sign_in("staf").open("/profil")
        browser.send("/profil/kabar", surel=address)

        assert browser.status == 422
        assert browser.tree.xpath("//*[@role='alert']//a/@href") == ["#surel"]
