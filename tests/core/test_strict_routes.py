"""Every route refuses what it would have to ignore: parameters, fields, bodies; and first of all asks who it is."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from app.core.http import Message
from app.core.routes import Guard, StrictRoute
from app.definitions.router import router as definitions_router
from app.identity.people_router import router as people_router
from app.identity.router import router as identity_router
from app.instances.router import router as instances_router
from app.reports.router import router as reports_router
from app.tasks.router import router as tasks_router
from tests.office import API, Office, pointers, problem

NOBODY = "0190a5a0-0000-7000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
ROUTES = [
    route
    for router in (tasks_router, instances_router, definitions_router, reports_router, identity_router, people_router)
    for route in router.routes
    if isinstance(route, APIRoute)
]
# The acts that take nothing but the address.
WITHOUT_BODY = [
    f"tasks/{NOBODY}/claim",
    f"tasks/{NOBODY}/unclaim",
    f"process-instances/{NOBODY}/suspend",
    f"process-instances/{NOBODY}/resume",
]
MOMENTS = ["tasks?due_before", "tasks?due_after", "process-instances?started_after"]


def address(route: APIRoute) -> str:
    return "/".join(NOBODY if part.startswith("{") else part for part in route.path.split("/"))


def each_route() -> Iterator[tuple[str, str, bool]]:
    """Return the method and an address of every route, and whether it needs a token."""
    for route in ROUTES:
        guarded = any(isinstance(one.call, Guard) for one in route.dependant.dependencies)
        yield sorted(route.methods or ())[0], address(route), guarded


def bodies_read(office: Office, path: str, user: str | None, kind: str) -> tuple[int, int]:
    """Send a POST whose body is still under way; returns the status, and how often the service asked for the body."""
    asked, statuses = 0, []
    headers = [(b"content-type", kind.encode()), (b"content-length", b"1000")]
    if user is not None:
        headers.append((b"authorization", f"Bearer {office.token(user)}".encode()))

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"{API}/{path}",
        "raw_path": f"{API}/{path}".encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
    }
    assert office.client.portal is not None
    office.client.portal.call(office.app, scope, receive, send)
    return statuses[0], asked


class TestEveryRoute:
    def test_is_strict(self) -> None:
        assert {type(route) for route in ROUTES} == {StrictRoute}
        assert len(ROUTES) >= 27

    @pytest.mark.parametrize(("method", "path", "guarded"), list(each_route()))
    def test_refuses_a_parameter_that_it_does_not_know(
        self, shared_office: Office, method: str, path: str, guarded: bool
    ) -> None:
        answer = shared_office.request(method, f"{path}?lain=1", "staf")

        content = problem(answer, 422, "invalid")
        assert pointers(content) == ["?lain"]
        assert "There are: " in content["detail"] or "takes none" in content["detail"]

    @pytest.mark.parametrize(("method", "path", "guarded"), list(each_route()))
    def test_asks_who_it_is_before_it_looks_at_anything_else(
        self, shared_office: Office, method: str, path: str, guarded: bool
    ) -> None:
        """Only signing in itself is for those who are not signed in."""
        assert guarded == (not path.endswith("/auth/token"))
        answer = shared_office.request(method, f"{path}?lain=1", None, content=b"{", headers=JSON)

        problem(answer, 401 if guarded else 422)

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
    @pytest.mark.parametrize("path", ["tasks/bulk", "deployments", "process-instances", WITHOUT_BODY[0]])
    def test_reads_no_body_of_somebody_unknown(self, shared_office: Office, path: str, kind: str) -> None:
        assert bodies_read(shared_office, path, None, kind) == (401, 0)


class TestParameters:
    @pytest.mark.parametrize(
        ("path", "wrong"),
        [
            ("tasks?Scope=all", ["?Scope"]),
            ("tasks?limit=1&offset=5&page=2", ["?offset", "?page"]),
            ("tasks?a/b=1", ["?a/b"]),
            ("tasks?=1", ["?"]),
            ("tasks/counts?scope=all", ["?scope"]),
            (f"tasks/{NOBODY}?scope=all", ["?scope"]),
            ("process-definitions?latest=true&version=1", ["?version"]),
            ("/health/live?deep=1", ["?deep"]),
            ("/health/ready?deep=1", ["?deep"]),
        ],
    )
    def test_that_are_unknown_are_all_named(self, shared_office: Office, path: str, wrong: list[str]) -> None:
        assert pointers(problem(shared_office.get(path, "staf"), 422, "invalid")) == wrong

    def test_that_are_unknown_are_answered_with_those_that_there_are(self, shared_office: Office) -> None:
        content = problem(shared_office.get("process-definitions?version=1", "staf"), 422)

        assert "There are: cursor, in_force, key, latest, limit, q, sort." in content["errors"][0]["message"]

    @pytest.mark.parametrize("name", ["limit", "scope", "role", "q", "sort", "overdue"])
    def test_given_twice_are_refused(self, shared_office: Office, name: str) -> None:
        for values in (("1", "2"), ("1", "1"), ("", "")):
            answer = shared_office.get("tasks", "staf", params=[(name, value) for value in values])

            assert pointers(problem(answer, 422, "invalid")) == [f"?{name}"]

    @pytest.mark.parametrize(
        "path",
        [
            *("tasks?role", "tasks?unit", "tasks?assignee", "tasks?process_definition_key", "tasks?element_id"),
            *("tasks?process_instance_id", "tasks?business_key", "tasks?sort", "tasks?cursor", "tasks?limit"),
            *("tasks?scope", "tasks?state", "tasks?overdue", "process-definitions?key", "process-definitions?latest"),
            *("process-instances?status", "process-instances?process_definition_key", "process-instances?unit"),
            *("process-instances?business_key", "process-instances?overdue", *MOMENTS),
        ],
    )
    def test_that_are_empty_name_nothing(self, shared_office: Office, path: str) -> None:
        wrong = [f"?{path.partition('?')[2]}"]

        assert pointers(problem(shared_office.get(f"{path}=", "staf"), 422, "invalid")) == wrong
        assert pointers(problem(shared_office.get(path, "staf"), 422, "invalid")) == wrong

    def test_that_search_for_no_word_find_everything(self, office: Office) -> None:
        office.start()

        assert len(office.read("tasks", "sekretaris", q="")["items"]) == 1

    def test_that_are_no_id_are_named(self, shared_office: Office) -> None:
        answer = shared_office.get("tasks?process_instance_id=x", "staf")

        assert pointers(problem(answer, 422, "invalid")) == ["?process_instance_id"]

    def test_of_an_instance_that_there_is_not_find_nothing(self, shared_office: Office) -> None:
        assert shared_office.read("tasks", "staf", process_instance_id=NOBODY)["items"] == []


class TestMoments:
    @pytest.mark.parametrize("parameter", MOMENTS)
    @pytest.mark.parametrize(
        ("text", "remedy"),
        [
            ("2026", "RFC 3339"),
            ("1754190000", "RFC 3339"),
            ("1e9", "RFC 3339"),
            ("P1D", "RFC 3339"),
            ("kemarin", "RFC 3339"),
            ("20260803T030000Z", "RFC 3339"),
            ("2026-W32-1T03:00:00Z", "RFC 3339"),
            ("2026-08-03 03:00:00Z", "RFC 3339"),
            ("2026-08-03T03:00Z", "RFC 3339"),
            ("2026-08-03T03:00:00,5Z", "RFC 3339"),
            ("2026-08-03T03:00:00+0700", "RFC 3339"),
            ("2026-08-03T03:00:00+24:00", "RFC 3339"),
            ("٢٠٢٦-08-03T03:00:00Z", "RFC 3339"),
            (" 2026-08-03T03:00:00Z", "RFC 3339"),
            ("2026-08-03", "add a time and a zone"),
            ("2026-08-03T03:00:00", "Add a time zone"),
            ("2026-08-03T03:00:00.5", "Add a time zone"),
            ("2026-08-03T03:00:00 07:00", "%2B"),
            ("2026-02-30T00:00:00Z", "no such date"),
            ("2026-08-03T25:00:00Z", "no such date"),
            ("2026-08-03T23:59:60Z", "no such date"),
            ("0000-01-01T00:00:00Z", "years 1 to 9999"),
            ("0001-01-01T00:00:00+07:00", "years 1 to 9999"),
            ("9999-12-31T23:59:59-07:00", "years 1 to 9999"),
        ],
    )
    def test_are_date_times_of_rfc_3339_with_their_zone(
        self, shared_office: Office, parameter: str, text: str, remedy: str
    ) -> None:
        path, _, name = parameter.partition("?")

        content = problem(shared_office.get(path, "staf", params={name: text}), 422, "invalid")

        assert pointers(content) == [f"?{name}"]
        assert remedy in content["errors"][0]["message"]

    @pytest.mark.parametrize("parameter", MOMENTS)
    @pytest.mark.parametrize(
        "text",
        [
            "2026-08-03T03:00:00Z",
            "2026-08-03t03:00:00z",
            "2026-08-03T10:00:00+07:00",
            "2026-08-02T23:00:00.123456789-04:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ],
    )
    def test_of_every_zone_are_understood(self, shared_office: Office, parameter: str, text: str) -> None:
        assert shared_office.get(f"{parameter}={quote(text)}", "staf").status_code == 200


class TestBodies:
    @pytest.mark.parametrize("path", WITHOUT_BODY)
    @pytest.mark.parametrize(
        ("content", "wrong"),
        [
            (b'{"assignee": "staf", "a/b": 1}', ["/assignee", "/a~1b"]),
            (b'{"variables": {}}', ["/variables"]),
            (b"null", [""]),
            (b"[]", [""]),
            (b'""', [""]),
            (b"0", [""]),
            (b"{", [""]),
            (b'{"a": NaN}', ["/a"]),
        ],
    )
    def test_of_an_act_without_fields_are_empty(
        self, shared_office: Office, path: str, content: bytes, wrong: list[str]
    ) -> None:
        answer = shared_office.post(path, "staf", content=content, headers=JSON)

        assert pointers(problem(answer, 422, "invalid")) == wrong

    @pytest.mark.parametrize("path", WITHOUT_BODY)
    @pytest.mark.parametrize("content", [b"", b"{}", b" { } "])
    def test_that_are_empty_are_fine(self, shared_office: Office, path: str, content: bytes) -> None:
        problem(shared_office.post(path, "staf", content=content, headers=JSON), 404, "not-found")

    def test_that_are_not_there_may_be_of_any_type(self, shared_office: Office) -> None:
        for path in WITHOUT_BODY:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            problem(shared_office.post(path, "staf", content=b"", headers=headers), 404, "not-found")

    @pytest.mark.parametrize(
        ("path", "needed"),
        [
            ("process-instances", "application/json"),
            ("messages", "application/json"),
            ("tasks/bulk", "application/json"),
            (WITHOUT_BODY[0], "application/json"),
            ("deployments", "multipart/form-data"),
            ("auth/token", "application/x-www-form-urlencoded"),
        ],
    )
    @pytest.mark.parametrize("kind", [None, "text/plain", "text/json", "application/xml", "jsonp", "; charset=utf-8"])
    def test_of_a_wrong_type_are_told_the_right_one(
        self, shared_office: Office, path: str, needed: str, kind: str | None
    ) -> None:
        headers = {"Content-Type": kind} if kind is not None else {}

        content = problem(shared_office.post(path, "analis", content=b"{}", headers=headers), 422, "invalid")

        assert pointers(content) == ["header:Content-Type"]
        assert needed in content["detail"]

    @pytest.mark.parametrize(
        "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/alur+json"]
    )
    def test_may_name_their_type_in_every_way(self, shared_office: Office, kind: str) -> None:
        content = b'{"name": "tidak_ada"}'

        answer = shared_office.post("messages", "staf", content=content, headers={"Content-Type": kind})

        problem(answer, 404, "message-not-awaited")

    @pytest.mark.parametrize(
        ("content", "wrong"),
        [
            (b"username=staf&username=admin&password=demo", "/username"),
            (b"username=staf&password=a&password=demo", "/password"),
            (b"username=%00&password=demo", "/username"),
        ],
    )
    def test_of_signing_in_say_each_thing_once(self, shared_office: Office, content: bytes, wrong: str) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}

        answer = shared_office.client.post(f"{API}/auth/token", content=content, headers=headers)

        assert pointers(problem(answer, 422, "invalid")) == [wrong]

    def test_of_a_start_agree_with_themselves(self, office: Office) -> None:
        (item,) = office.read("process-definitions", "staf", key="iku", latest=True)["items"]
        body = {"process_definition_id": item["id"], "variables": {"tahun": 2027}}

        answer = office.post("process-instances", "staf", {**body, "process_definition_key": "renja"})
        agreed = office.post("process-instances", "staf", {**body, "process_definition_key": "iku"})

        assert pointers(problem(answer, 422, "invalid")) == ["/process_definition_key"]
        assert agreed.status_code == 201
