"""What is said of people in the log and in addresses: nothing that they typed, and nothing by which they come in."""

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.core import logging as logs
from app.core.settings import Settings
from app.web.visit import SESSION_COOKIE
from tests.office import Office
from tests.web.browser import Browser

# Each is typed, sent or brought somewhere; none may be found again.
PASSWORD, FIELD, TOKEN, COOKIE, QUERY = (f"kenari-{one}-7731" for one in ("sandi", "isian", "token", "kuki", "cari"))
CANARIES = (PASSWORD, FIELD, TOKEN, COOKIE, QUERY)
CONTROLS = "satu%0adua%1b%5b31mtiga%e2%80%a8empat%00"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged from now on, of every level."""
    stream, root, kept = io.StringIO(), logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        logs.configure(Settings(environment="demo", log_level="debug"))
    yield stream
    root.handlers, root.level = handlers, level
    structlog.configure(**kept)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def everything(office: Office) -> list[int]:
    """Send all sorts of requests, right and wrong, with something secret in each; returns their statuses."""
    task = office.start()["open_tasks"][0]
    client, key = office.client, office.token("sekretaris")
    bearer = {"Authorization": f"Bearer {TOKEN}.{TOKEN}.{TOKEN}"}
    signed = {"Authorization": f"Bearer {key}"}
    variables = {"variables": {"catatan": FIELD, FIELD: 1}}
    page = Browser(office).sign_in("sekretaris")
    answers: list[Any] = [
        office.sign_in("staf", PASSWORD),
        office.sign_in(PASSWORD, PASSWORD),
        client.post("/masuk", data={"username": PASSWORD, "password": PASSWORD}),
        client.get("/engine-rest/version", headers=basic("staf", PASSWORD)),
        client.post("/rest/identity/verify", headers=signed, json={"username": "staf", "password": PASSWORD}),
        office.post("me/password", "staf", {"old_password": PASSWORD, "password": PASSWORD}),
        client.get("/api/v1/me", headers=bearer),
        client.get("/tugas", headers={"Cookie": f"{SESSION_COOKIE}={COOKIE}"}),
        office.post(f"tasks/{task['id']}/complete", "sekretaris", variables),
        office.request("PUT", f"tasks/{task['id']}/draft", "sekretaris", json={"variables": {"a": FIELD}}),
        office.post("process-instances", "sekretaris", {"process_definition_key": FIELD, "variables": {FIELD: FIELD}}),
        client.post("/api/v1/tasks/bulk", headers=signed, content=f'{{"{FIELD}": NaN'.encode()),
        client.post("/api/v1/deployments", headers=signed, files={"files": ("a.bpmn", FIELD.encode(), "text/xml")}),
        office.get("tasks", "sekretaris", params={"q": QUERY, "cursor": QUERY}),
        client.get(f"/api/v1/{CONTROLS}", headers=signed),
        client.get("/jejak", params={"q": QUERY}),
        page.open(f"/jejak?q={QUERY}&orang={QUERY}").answer,
        page.post(f"/tugas/{task['id']}/selesaikan", catatan=FIELD).answer,
    ]
    return [one.status_code for one in answers]


class TestTheLog:
    def test_holds_nothing_of_what_was_sent(self, office: Office, logged: io.StringIO) -> None:
        statuses = everything(office)

        assert not any(status >= 500 for status in statuses)
        assert found(logged) == []

    def test_holds_nothing_of_it_when_the_service_fails(
        self, office: Office, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Tables that are gone make every act fail where its values are about to be written."""
        name = office.token("sekretaris")
        for table in ("event", "user_session", "sign_in_failure"):
            with office.database.engine.begin() as connection:
                connection.exec_driver_sql(f"DROP TABLE {table}")

        answers = [
            office.post(
                "process-instances",
                "sekretaris",
                {"process_definition_key": "iku", "title": FIELD, "variables": {"tahun": 2027}},
            ),
            office.sign_in("staf", PASSWORD),
            office.client.post("/masuk", data={"username": "staf", "password": PASSWORD}),
            office.client.get("/tugas", headers={"Cookie": f"{SESSION_COOKIE}={COOKIE}"}),
        ]

        assert {one.status_code for one in answers} <= {500, 503}
        assert len(logged.getvalue().splitlines()) >= len(answers)
        assert name not in logged.getvalue()
        assert found(logged) == []

    def test_would_be_seen_to_hold_it(self, logged: io.StringIO) -> None:
        structlog.get_logger("alur.test").info("typed", text=FIELD)

        assert found(logged) == [FIELD]

    def test_is_one_object_a_line_without_control_characters(
        self, office: Office, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.tasks.router.queries.count_tasks", lambda *_: 1 / 0)
        office.app.add_api_route("/rusak/{rest}", lambda rest: 1 / 0)

        assert office.get("tasks/counts", "staf").status_code == 500
        assert office.client.get(f"/rusak/{CONTROLS.replace('%00', '')}").status_code == 500

        lines = logged.getvalue().split("\n")[:-1]
        assert len(lines) >= 2
        assert any("satu\ndua" in str(json.loads(line).get("path")) for line in lines)
        for line in lines:
            assert isinstance(json.loads(line), dict)
            assert re.fullmatch(r"[^\x00-\x1f\x7f\u2028\u2029]*", line)


def found(logged: io.StringIO) -> list[str]:
    text = logged.getvalue()
    return [one for one in CANARIES if one in text]


class TestAddresses:
    def test_lead_nowhere_with_what_lets_one_in(self, office: Office) -> None:
        browser = Browser(office)
        led = browser.client.post("/masuk", data={"username": "staf", "password": "demo"}, follow_redirects=False)
        session = browser.client.cookies[SESSION_COOKIE]
        assert session not in led.headers["location"]

        for path in ("/tugas", "/berkas", "/profil", "/sop", "/pantauan", "/jejak", "/api/v1/docs"):
            page = browser.open(path)
            assert page.status == 200
            assert session not in page.page
            csrf = page.tree.xpath("//input[@name='csrf']/@value")
            for place in page.tree.xpath("//@href | //@src | //@action | //@*[starts-with(name(),'hx-get')]"):
                assert not any(proof in place for proof in csrf)
