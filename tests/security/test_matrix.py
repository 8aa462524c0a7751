"""Every route that there is, asked by everybody: who is not named by its rule is not let in."""

from typing import Any

import httpx2 as httpx
import pytest

from app.web.assets import asset
from app.web.visit import CSRF_FIELD
from tests.office import Office
from tests.security.cast import ACCOUNTS, OUTSIDE, PERFORMER, PERSONAS, Case, Cast, make_case
from tests.security.rules import FIELDS, FORBIDDEN, HIDDEN, IN, RULES, UNSIGNED, UNSIGNED_FORMS, Ask
from tests.security.served import Served, served

# Asked last: whoever signs out is not signed in at what comes behind.
_LAST = ("POST /keluar",)


class Asker:
    """Sends the request that stands for a route, as a persona."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.case = make_case(office)
        self.cast = Cast(office)
        with office.database.read() as connection:
            self.work = str(connection.exec_driver_sql("SELECT id FROM external_task").scalar_one())

    def send(self, route: Served, ask: Ask, persona: str, *, csrf: bool = True) -> httpx.Response:
        headers = self.cast.cookie(persona) if route.is_page else self.cast.headers(persona)
        sent: dict[str, Any] = {}
        if ask.json is not None:
            sent["json"] = self._filled(ask.json, persona)
        if ask.files is not None:
            sent["files"] = ask.files
        if ask.form is not None or (route.is_page and route.method == "POST"):
            proof = {CSRF_FIELD: self.cast.csrf(persona)} if csrf and route.is_page else {}
            sent["data"] = {**self._filled(ask.form or {}, persona), **proof}
        if ask.query:
            sent["params"] = dict([self._filled(ask.query, persona).split("=", 1)])
        # No cookie of one answer goes with the next request.
        self.office.client.cookies.clear()
        return self.office.client.request(
            route.method, self._address(route, ask), headers=headers, follow_redirects=False, **sent
        )

    def _address(self, route: Served, ask: Ask) -> str:
        path = route.path
        ids = {
            "{instance_id}": self.case.ended if ask.ended else self.case.running,
            "{task_id}": self.work if "/external-task/" in path else self.case.task,
            "{definition_id}": self.case.definition,
            "{deployment_id}": self.case.deployment,
        }
        for field, value in (ids | FIELDS).items():
            path = path.replace(field, asset("pages.css").rpartition("/")[2] if "/static/" in path else value)
        assert "{" not in path, path
        return path

    def _filled(self, value: Any, persona: str) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one, persona) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one, persona) for one in value]
        if isinstance(value, str):
            fields = {"me": ACCOUNTS.get(persona, ""), **self.case._asdict()}
            for name, text in fields.items():
                value = value.replace(f"{{{name}}}", text)
        return value


def verdict(answer: httpx.Response) -> str:
    """Return what came of a request; a page that asks to sign in first lets nobody in."""
    if answer.status_code == 401 or answer.headers.get("location", "").startswith("/masuk"):
        return UNSIGNED
    return {403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code, IN)


@pytest.fixture(scope="module")
def asker(shared_office: Office) -> Asker:
    return Asker(shared_office)


def routes(office: Office) -> list[Served]:
    """Return all routes in the order of the table, in which what is asked first does not spoil what comes later."""
    place = {name: number for number, name in enumerate(RULES)}
    found = sorted(served(office.app), key=lambda route: place.get(route.name, -1))
    return [one for one in found if one.name not in _LAST] + [one for one in found if one.name in _LAST]


class TestTheTable:
    def test_has_a_rule_for_every_route_and_for_nothing_else(self, shared_office: Office) -> None:
        names = {route.name for route in served(shared_office.app)}

        assert sorted(names - RULES.keys()) == [], "These routes have no rule: say in tests/security/rules.py who may."
        assert sorted(RULES.keys() - names) == [], "These rules are for routes that there are no more."

    def test_would_miss_a_route_that_is_added(self, office: Office) -> None:
        office.app.add_api_route("/api/v1/rahasia", lambda: None)

        assert "GET /api/v1/rahasia" in {route.name for route in served(office.app)} - RULES.keys()

    def test_lets_somebody_in_everywhere(self) -> None:
        assert all(any(ask.rule.verdict(one) == IN for one in PERSONAS) for ask in RULES.values())


class TestEveryRoute:
    @pytest.mark.parametrize("persona", PERSONAS)
    def test_lets_in_whom_its_rule_names(self, asker: Asker, persona: str) -> None:
        faults = []
        for route in routes(asker.office):
            ask = RULES[route.name]
            answer = asker.send(route, ask, persona)
            expected, came = ask.rule.verdict(persona), verdict(answer)
            if came != expected or answer.status_code >= 500:
                faults.append(f"{route.name}: {answer.status_code}, {came} instead of {expected}: {answer.text[:150]}")

        assert not faults, f"{len(faults)} as {persona}:\n" + "\n".join(faults)
