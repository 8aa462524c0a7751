"""Every route that there is, asked by everybody: who is not named by its rule is not let in."""

from typing import Any

import httpx2 as httpx
import pytest

from app.web.assets import asset
from app.web.visit import CSRF_FIELD
from tests.office import Office
from tests.security.cast import ACCOUNTS, ADMINISTRATOR, PERFORMER, PERSONAS, Cast, make_case
from tests.security.rules import CLOSED_HERE, FIELDS, FORBIDDEN, HIDDEN, IN, RULES, UNSIGNED, UNSIGNED_FORMS, Ask
from tests.security.served import Served, served

# Asked last: whoever signs in or out leaves the session that he had.
_LAST = ("POST /keluar", "POST /masuk", "POST /peragaan/panduan")


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
            route.method, self.address(route, ask), headers=headers, follow_redirects=False, **sent
        )

    def address(self, route: Served, ask: Ask) -> str:
        path = route.path
        ids = {
            "{instance_id}": getattr(self.case, ask.case),
            "{task_id}": self.work if "/external-task/" in path else getattr(self.case, ask.task),
            "{definition_id}": self.case.definition,
            "{deployment_id}": self.case.deployment,
            "{webhook_id}": self.case.spare_webhook if route.method == "DELETE" else self.case.webhook,
            "{delivery_id}": self.case.running,
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


def unguarded(answer: httpx.Response, route: Served) -> list[str]:
    """Return which guards an answer lacks, or has twice."""
    found = []
    headers = answer.headers
    once = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options", "cache-control")
    found += [f"{name} {len(headers.get_list(name))} times" for name in once if len(headers.get_list(name)) != 1]
    policy = headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        found.append(f"policy {policy}")
    if headers.get("x-content-type-options") != "nosniff" or headers.get("x-frame-options") != "DENY":
        found.append("guessed or framed")
    kept = headers.get("cache-control", "")
    if "/static/" not in route.path and not ("no-store" in kept or ("private" in kept and "no-cache" in kept)):
        found.append(f"kept by {kept}")
    return found


def verdict(answer: httpx.Response) -> str:
    """Return what came of a request; a page that asks to sign in first lets nobody in."""
    led_to = answer.headers.get("location", "") if answer.request.method == "GET" else ""
    if answer.status_code == 401 or led_to.startswith("/masuk"):
        return UNSIGNED
    return {403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code, IN)


@pytest.fixture(scope="module")
def asker(shared_office: Office) -> Asker:
    return Asker(shared_office)


def routes(office: Office) -> list[Served]:
    """Return all routes in the order of the table, in which what is asked first does not spoil what comes later."""
    place = {name: number for number, name in enumerate(RULES)}
    found = sorted(served(office.app), key=lambda route: place.get(route.name, -1))
    return sorted(found, key=lambda route: _LAST.index(route.name) + 1 if route.name in _LAST else 0)


class TestTheTable:
    def test_has_a_rule_for_every_route_and_for_nothing_else(self, shared_office: Office) -> None:
        names = {route.name for route in served(shared_office.app)}

        assert sorted(names - RULES.keys()) == [], "These routes have no rule: say in tests/security/rules.py who may."
        assert sorted(RULES.keys() - names) == [], "These rules are for routes that there are no more."

    def test_would_miss_a_route_that_is_added(self, office: Office) -> None:
        office.app.add_api_route("/api/v1/rahasia", lambda: None)

        assert "GET /api/v1/rahasia" in {route.name for route in served(office.app)} - RULES.keys()

    def test_lets_somebody_in_everywhere(self) -> None:
        closed = {name for name, ask in RULES.items() if not any(ask.rule.verdict(one) == IN for one in PERSONAS)}

        assert closed == CLOSED_HERE


class TestEveryRoute:
    @pytest.mark.parametrize("persona", PERSONAS)
    def test_lets_in_whom_its_rule_names(self, asker: Asker, persona: str) -> None:
        faults = []
        for route in routes(asker.office):
            ask = RULES[route.name]
            answer = asker.send(route, ask, persona)
            expected, came = ask.rule.verdict(persona), verdict(answer)
            faults += [f"{route.name}: {answer.status_code}, {fault}" for fault in unguarded(answer, route)]
            if came != expected or answer.status_code >= 500:
                told = answer.text[:150] if answer.headers.get("content-type", "").endswith("json") else ""
                faults.append(f"{route.name}: {answer.status_code}, {came} instead of {expected} {told}")

        assert not faults, f"{len(faults)} as {persona}:\n" + "\n".join(faults)


class TestEveryForm:
    """Whatever a browser sends along by itself, its cookie, is not enough to act."""

    def forms(self, office: Office) -> list[Served]:
        return [one for one in routes(office) if one.is_page and one.method != "GET" and one.name not in UNSIGNED_FORMS]

    def test_without_the_proof_that_it_is_ours_does_nothing(self, asker: Asker) -> None:
        asker.cast.sign_in()
        forms, before = self.forms(asker.office), acts(asker.office)
        for persona in (ADMINISTRATOR, PERFORMER):
            for route in forms:
                answer = asker.send(route, RULES[route.name], persona, csrf=False)
                assert answer.status_code == 403, (route.name, persona, answer.status_code)

        assert len(forms) > 30
        assert acts(asker.office) == before

    def test_with_the_proof_of_another_session_does_nothing(self, asker: Asker) -> None:
        asker.cast.sign_in()
        before = acts(asker.office)
        stolen = asker.cast.cookie(PERFORMER)
        for route in self.forms(asker.office):
            address = asker.address(route, RULES[route.name])
            sent = {CSRF_FIELD: asker.cast.csrf(ADMINISTRATOR)}
            answer = asker.office.client.post(address, headers=stolen, data=sent, follow_redirects=False)
            assert answer.status_code == 403, route.name

        assert acts(asker.office) == before

    def test_of_nobody_in_particular_is_refused_from_another_site(self, asker: Asker) -> None:
        before = acts(asker.office)
        asker.office.client.cookies.clear()
        for name in UNSIGNED_FORMS:
            path = name.removeprefix("POST ")
            for headers in ({"Origin": "https://elsewhere.test"}, {"Sec-Fetch-Site": "cross-site"}):
                answer = asker.office.client.post(path, headers=headers, data=RULES[name].form, follow_redirects=False)
                assert answer.status_code == 403, name
                assert "set-cookie" not in answer.headers

        assert acts(asker.office) == before

    def test_of_a_cookie_is_no_way_into_the_interface_of_programs(self, asker: Asker) -> None:
        """What a browser sends along by itself opens no route that asks for no proof."""
        cookie = asker.cast.cookie(ADMINISTRATOR)
        for route in routes(asker.office):
            ask = RULES[route.name]
            if not route.is_page and not ask.rule.is_public:
                answer = asker.office.client.request(route.method, asker.address(route, ask), headers=cookie)
                assert answer.status_code == 401, route.name


def acts(office: Office) -> int:
    """Return how many acts the trail has."""
    with office.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one())
