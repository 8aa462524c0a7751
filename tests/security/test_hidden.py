"""What is not somebody's is nowhere: in no list, count, search, figure, trail or file, and no answer tells of it."""

import json

import httpx2 as httpx
import pytest

from tests.office import Office
from tests.security.cast import ANALYST, AUDITOR, PERFORMER, PROGRAM, STRANGER, TITLE
from tests.security.rules import RULES, SEES_CASE, SEES_TASK
from tests.security.served import Served
from tests.security.test_matrix import Asker, routes

# Who sees nothing of the case, and so nothing of its words.
_BLIND = (STRANGER, ANALYST, PROGRAM)
_NOBODYS = "0190a5a0-0000-7000-8000-000000000000"
# Searches that would find it, for each list that has them.
_SEARCHES: tuple[dict[str, str], ...] = (
    {},
    {"q": "zamrud"},
    {"scope": "all"},
    {"scope": "all", "q": "zamrud"},
    {"tab": "tim", "q": "zamrud"},
    {"tab": "selesai"},
    {"businessKey": "ZAMRUD-1"},
    {"business_key": "ZAMRUD-1"},
    {"unit": "disnaker"},
    {"process_definition_key": "iku"},
    {"sop": "iku"},
    {"format": "csv"},
    {"processDefinitionKey": "iku"},
)


@pytest.fixture(scope="module")
def asker(shared_office: Office) -> Asker:
    return Asker(shared_office)


def lists(office: Office) -> list[Served]:
    """Return the routes that answer without being told about what."""
    found = [one for one in routes(office) if one.method == "GET" and "{" not in one.path]
    return [one for one in found if not one.path.startswith(("/masuk", "/rest/"))]


def ask(asker: Asker, route: Served, persona: str, path: str, params: dict[str, str] | None = None) -> httpx.Response:
    headers = asker.cast.cookie(persona) if route.is_page else asker.cast.headers(persona)
    asker.office.client.cookies.clear()
    return asker.office.client.get(path, headers=headers, params=params, follow_redirects=False)


def told(answer: httpx.Response, asker: Asker, params: dict[str, str]) -> list[str]:
    """Return what an answer tells of the case beside what was asked with."""
    text = answer.text
    for asked in params.values():
        text = text.replace(asked, "")
    case = asker.case
    return [one for one in (TITLE, "Zamrud", "ZAMRUD", case.running, case.task, case.ended, case.done) if one in text]


class TestEveryList:
    @pytest.mark.parametrize("persona", _BLIND)
    def test_tells_nothing_of_it_to_who_does_not_see_it(self, asker: Asker, persona: str) -> None:
        faults = []
        for route in lists(asker.office):
            for params in _SEARCHES:
                answer = ask(asker, route, persona, route.path, params)
                if found := told(answer, asker, params):
                    faults.append(f"{route.name} {params}: {answer.status_code} {found}")

        assert not faults, "\n".join(faults)

    def test_would_tell_it(self, asker: Asker) -> None:
        """Whoever sees the case finds it in the same places, so the searches are ones that find."""
        finding = {
            route.name
            for route in lists(asker.office)
            for params in _SEARCHES
            for persona in (AUDITOR, PERFORMER)
            if told(ask(asker, route, persona, route.path, params), asker, params)
        }

        assert finding >= {
            "GET /api/v1/tasks",
            "GET /api/v1/process-instances",
            "GET /api/v1/audit",
            "GET /berkas",
            "GET /berkas/daftar",
            "GET /jejak",
            "GET /pantauan",
            "GET /tugas",
            "GET /engine-rest/task",
            "GET /engine-rest/process-instance",
            "GET /engine-rest/history/process-instance",
            "GET /engine-rest/history/task",
            "GET /engine-rest/history/activity-instance",
        }

    @pytest.mark.parametrize("persona", _BLIND)
    def test_counts_nothing_of_it(self, asker: Asker, persona: str) -> None:
        counts = asker.office.client.get("/api/v1/tasks/counts", headers=asker.cast.headers(persona)).json()
        assert counts == {"mine": 0, "claimable": 0, "overdue": 0, "by_process": {}, "capped": False}
        summary = asker.office.client.get("/api/v1/stats/summary", headers=asker.cast.headers(persona)).json()
        assert not [name for name, value in summary.items() if isinstance(value, int) and value], summary
        for path in ("task", "process-instance", "history/process-instance", "history/task"):
            answer = asker.office.client.get(f"/engine-rest/{path}/count", headers=asker.cast.headers(persona))
            assert answer.json() == {"count": 0}, path


class TestEveryAddress:
    @pytest.mark.parametrize("persona", _BLIND)
    def test_of_what_is_hidden_answers_as_one_of_what_is_not(self, asker: Asker, persona: str) -> None:
        faults = []
        hidden = [
            one
            for one in routes(asker.office)
            if one.method == "GET" and RULES[one.name].rule in (SEES_CASE, SEES_TASK)
        ]
        for route in hidden:
            path = asker.address(route, RULES[route.name])
            there, nowhere = (asker.case.running, asker.case.task), _NOBODYS
            missing = path
            for one in there:
                missing = missing.replace(one, nowhere)
            answers = [ask(asker, route, persona, one) for one in (path, missing)]
            texts = [alike(one, (*there, nowhere)) for one in answers]
            if [one.status_code for one in answers] != [404, 404] or texts[0] != texts[1]:
                faults.append(f"{route.name}: {answers[0].status_code} {answers[1].status_code} {texts}"[:600])

        assert len(hidden) > 20
        assert not faults, "\n".join(faults)


def alike(answer: httpx.Response, ids: tuple[str, ...]) -> str:
    """Return an answer without what differs from one request to the next, and without the ids that were asked for."""
    text = answer.text
    for one in ids:
        text = text.replace(one, "ID")
    if answer.headers["content-type"] == "application/problem+json":
        content = json.loads(text)
        del content["trace_id"]
        return json.dumps(content)
    return text
