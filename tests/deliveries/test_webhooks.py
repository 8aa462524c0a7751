"""Webhooks: every act in the unit is told once it is committed, in order, signed, and again where it fails."""

from datetime import timedelta

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.jobs.queue import MOST_TRIES
from tests.deliveries.receiver import Received, Receiver
from tests.deliveries.sending import add, deliveries, send
from tests.office import Json, Office, problem


def verified(received: Received, secret: str) -> Json:
    """Return what the independent verifier reads at the time at which it was sent."""
    with time_machine.travel(int(received.headers["webhook-timestamp"]), tick=False):
        content: Json = Webhook(secret).verify(received.body, received.headers)
    return content


@pytest.fixture
def webhook(office: Office, receiver: Receiver) -> Json:
    """A webhook of the tasks and cases of the office."""
    return add(office, receiver.url(), "task.", "process_instance.")


class TestAWebhook:
    def test_is_told_what_happens_in_the_order_of_the_acts(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        instance = office.start()
        office.advance(instance, 3)

        assert send(office) == 4

        assert receiver.types == ["process_instance.started", *["task.completed"] * 3]
        assert [one.message["data"]["sequence"] for one in receiver.received] == [1, 2, 3, 4]
        first = receiver.received[0].message["data"]
        assert first["process_instance_id"] == instance["id"]
        assert (first["unit"], first["actor"], first["instance_title"]) == ("disnaker", "sekretaris", instance["title"])

    def test_is_not_told_what_was_typed(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        office.advance(office.start(), 1)
        send(office)

        assert all("variables" not in one.message["data"]["data"] for one in receiver.received)

    def test_is_told_only_the_kinds_of_acts_that_it_asked_for(self, office: Office, receiver: Receiver) -> None:
        add(office, receiver.url(), "task.completed")
        office.advance(office.start(), 1)
        send(office)

        assert receiver.types == ["task.completed"]

    def test_of_all_kinds_is_told_acts_on_units_too(self, office: Office, receiver: Receiver) -> None:
        add(office, receiver.url())
        office.hire("baru", "staf@disnaker")
        send(office)

        assert receiver.types == ["webhook.added", "person.added", "role.given"]

    def test_of_a_unit_below_is_not_told_what_happens_above(
        self, office: Office, receiver: Receiver, below: str
    ) -> None:
        add(office, receiver.url(), unit=below)
        office.start()
        send(office)

        assert receiver.types == ["webhook.added"]

    def test_is_told_each_act_once_though_it_is_looked_for_again(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        office.start()

        assert [send(office), send(office)] == [1, 0]

    def test_is_signed_so_that_others_can_verify_it(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        office.start()
        send(office)
        (received,) = receiver.received

        assert verified(received, webhook["secret"])["type"] == "process_instance.started"
        forged = received._replace(body=received.body.replace(b"started", b"stopped"))
        with pytest.raises(WebhookVerificationError):
            verified(forged, webhook["secret"])
        (delivery,) = deliveries(office, webhook)
        assert received.headers["webhook-id"] == delivery["id"]

    def test_that_answers_in_error_is_tried_again_with_the_same_id_and_text(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        receiver.answers = [503, 500]
        office.start()
        assert send(office) == 1
        assert send(office) == 0
        for _ in range(2):
            office.clock.advance(timedelta(minutes=1))
            send(office)

        first, *others = receiver.received
        assert len(others) == 2
        assert {(one.headers["webhook-id"], one.body) for one in others} == {(first.headers["webhook-id"], first.body)}
        assert verified(others[-1], webhook["secret"])["type"] == "process_instance.started"
        (delivery,) = deliveries(office, webhook)
        assert delivery["state"] == "done"
        assert [(one["succeeded"], one["told"]) for one in delivery["tries"]] == [
            (False, "503 Service Unavailable"),
            (False, "500 Internal Server Error"),
            (True, "204 No Content"),
        ]

    def test_that_fails_once_does_not_hold_up_what_comes_after(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        receiver.answers = [500]
        office.advance(office.start(), 1)

        assert send(office) == 2
        assert [one["state"] for one in deliveries(office, webhook)] == ["done", "waiting"]

    def test_that_does_not_answer_for_a_day_is_disabled_and_its_delivery_can_be_replayed(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        receiver.answers = [500] * MOST_TRIES
        office.start()
        began = office.clock.now()
        while send(office):
            office.clock.advance(timedelta(hours=8))
        office.sign_out()
        tried = len(receiver.received)
        (dead,) = deliveries(office, webhook, state="dead")
        after = office.read(f"webhooks/{webhook['id']}", "admin")
        path = f"webhooks/{webhook['id']}"
        problem(office.post(f"{path}/deliveries/{dead['id']}/replay", "admin"), 409)
        enabled = office.post(f"{path}/enable", "admin").json()
        replayed = office.post(f"{path}/deliveries/{dead['id']}/replay", "admin").json()
        send(office)

        assert (tried, len(dead["tries"])) == (MOST_TRIES, MOST_TRIES)
        assert office.clock.now() - began < timedelta(days=7)
        assert "500 Internal Server Error" in after["disabled_why"]
        assert (enabled["disabled_at"], replayed["state"]) == (None, "waiting")
        assert receiver.received[-1].headers["webhook-id"] == dead["id"]
        assert len({one.body for one in receiver.received}) == 1

    def test_that_is_gone_is_told_nothing_more(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        receiver.answers = [410]
        office.advance(office.start(), 2)
        send(office)

        assert len(receiver.received) == 1
        assert office.read(f"webhooks/{webhook['id']}", "admin")["disabled_why"].startswith("The receiver answered 410")
        trail = office.read("audit", "admin", type="webhook.disabled")["items"]
        assert [(act["actor"], act["data"]["webhook_id"]) for act in trail] == [("system", webhook["id"])]

    def test_that_is_enabled_again_is_told_what_it_missed(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        receiver.answers = [410]
        instance = office.start()
        send(office)
        office.advance(instance, 1)
        send(office)
        before = len(receiver.received)
        office.post(f"webhooks/{webhook['id']}/enable", "admin")
        send(office)

        assert before == 1
        assert receiver.types[1:] == ["task.completed"]

    def test_is_not_led_elsewhere(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        receiver.answers, receiver.location = [302], receiver.url("/lain")
        office.start()
        send(office)

        assert [one.path for one in receiver.received] == ["/alur"]
        (delivery,) = deliveries(office, webhook)
        assert delivery["tries"][0]["told"] == "302 Found"

    def test_can_be_tried_out(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        answer = office.post(f"webhooks/{webhook['id']}/test", "admin")
        send(office)

        assert answer.json()["state"] == "waiting"
        assert receiver.types == ["webhook.test"]
        assert deliveries(office, webhook)[0]["id"] == answer.json()["id"]

    def test_that_is_removed_is_told_nothing(self, office: Office, receiver: Receiver, webhook: Json) -> None:
        office.start()
        assert office.request("DELETE", f"webhooks/{webhook['id']}", "admin").status_code == 204

        assert send(office) == 0
        problem(office.get(f"webhooks/{webhook['id']}", "admin"), 404)
        assert receiver.received == []


class TestASecret:
    def test_is_shown_once(self, office: Office, webhook: Json) -> None:
        shown = office.read(f"webhooks/{webhook['id']}", "admin")

        assert webhook["secret"].startswith("whsec_")
        assert "secret" not in shown
        assert webhook["secret"] not in office.get("audit", "admin").text

    def test_that_was_replaced_holds_for_a_day_beside_the_new_one(
        self, office: Office, receiver: Receiver, webhook: Json
    ) -> None:
        new = office.post(f"webhooks/{webhook['id']}/rotate", "admin").json()["secret"]
        office.start()
        send(office)
        office.clock.advance(timedelta(days=1))
        office.sign_out()
        office.start()
        send(office)

        both, later = receiver.received
        for secret in (webhook["secret"], new):
            assert verified(both, secret)["type"] == "process_instance.started"
        assert verified(later, new)["type"] == "process_instance.started"
        with pytest.raises(WebhookVerificationError):
            verified(later, webhook["secret"])


class TestWhoAdministersNothing:
    def test_has_no_webhooks(self, office: Office, webhook: Json) -> None:
        path = f"webhooks/{webhook['id']}"
        delivery = office.post(f"{path}/test", "admin").json()["id"]
        for method, place in (
            ("GET", "webhooks"),
            ("GET", path),
            ("DELETE", path),
            ("GET", f"{path}/deliveries"),
            ("POST", f"{path}/rotate"),
            ("POST", f"{path}/enable"),
            ("POST", f"{path}/test"),
            ("POST", f"{path}/deliveries/{delivery}/replay"),
        ):
            problem(office.request(method, place, "staf"), 403)
        problem(office.post("webhooks", "staf", {"url": "https://example.org", "unit": "disnaker"}), 403)

    def test_of_a_unit_does_not_know_those_of_others(self, office: Office, webhook: Json, below: str) -> None:
        office.hire("pengelola", permissions=(f"administer@{below}",))

        assert office.read("webhooks", "pengelola")["items"] == []
        problem(office.get(f"webhooks/{webhook['id']}", "pengelola"), 404)
        body = {"url": "https://example.org", "unit": "disnaker"}
        problem(office.post("webhooks", "pengelola", body), 422)
