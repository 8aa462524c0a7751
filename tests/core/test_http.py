"""What HTTP itself promises: HEAD, conditional requests, links, and one kind of answer where there is nothing."""

import pytest

from tests.office import Json, Office, pointers, problem

NOBODY = "0190a5a0-0000-7000-8000-000000000000"
LISTS = ["tasks", "process-instances", "process-definitions"]


def trail(office: Office) -> list[str]:
    """Return the lists of an instance with some past."""
    instance = office.advance(office.start(), 5)
    return [f"process-instances/{instance['id']}/{part}" for part in ("history", "audit")]


class TestHead:
    @pytest.mark.parametrize("path", ["tasks", "me", "process-definitions", "/health/live", "/api/v1/openapi.json"])
    def test_is_answered_like_get_without_the_body(self, shared_office: Office, path: str) -> None:
        got, asked = (shared_office.request(method, path, "staf") for method in ("GET", "HEAD"))

        assert asked.status_code == got.status_code == 200
        assert asked.content == b""
        differs = {"x-trace-id"}
        assert {name: value for name, value in asked.headers.items() if name not in differs} == {
            name: value for name, value in got.headers.items() if name not in differs
        }

    def test_is_refused_like_get(self, shared_office: Office) -> None:
        for path, user, status in (("tasks", None, 401), (f"tasks/{NOBODY}", "staf", 404), ("tasks?a", "staf", 422)):
            answer = shared_office.request("HEAD", path, user)

            assert (answer.status_code, answer.content) == (status, b"")

    def test_gives_304_like_get(self, shared_office: Office) -> None:
        tag = shared_office.request("HEAD", "tasks", "staf").headers["etag"]

        assert shared_office.request("HEAD", "tasks", "staf", headers={"If-None-Match": tag}).status_code == 304

    def test_is_not_possible_where_get_is_not(self, shared_office: Office) -> None:
        answer = shared_office.request("HEAD", "auth/token", None)

        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")

    def test_is_named_among_what_is_possible(self, shared_office: Office) -> None:
        assert shared_office.request("DELETE", "tasks", "staf").headers["allow"] == "GET, HEAD"


class TestIfNoneMatch:
    @pytest.mark.parametrize("path", ["tasks", "tasks/counts", "process-instances"])
    def test_takes_every_way_to_name_a_tag(self, shared_office: Office, path: str) -> None:
        tag = shared_office.get(path, "staf").headers["etag"]

        for named in (tag, tag.removeprefix("W/"), f'"x", {tag}', f' {tag} ,"y"', "*", " * "):
            answer = shared_office.get(path, "staf", headers={"If-None-Match": named})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        for other in ('"x"', 'W/"x"', "", ",", '"*"'):
            assert shared_office.get(path, "staf", headers={"If-None-Match": other}).status_code == 200

    @pytest.mark.parametrize("path", [f"tasks/{NOBODY}", f"process-instances/{NOBODY}", "tasks?unit=nowhere"])
    def test_of_anything_is_no_304_where_there_is_nothing(self, shared_office: Office, path: str) -> None:
        answer = shared_office.get(path, "staf", headers={"If-None-Match": "*"})

        problem(answer, 422 if "?" in path else 404)


class TestEveryList:
    def walk(self, office: Office, address: str) -> list[Json]:
        """Follow the links from page to page."""
        items: list[Json] = []
        following: str | None = address
        while following is not None:
            answer = office.get(following, "inspektorat")
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            following = answer.links.get("next", {}).get("url")
            assert (following is None) == (answer.json()["next_cursor"] is None)
        return items

    def test_links_to_its_next_page_in_both_directions(self, office: Office) -> None:
        office.start()
        for path in [*trail(office), *LISTS]:
            scope = "&scope=all" if path == "tasks" else ""
            sort = {"tasks": "name", "process-instances": "title", "process-definitions": "name"}.get(path)
            sort = sort or ("sequence" if path.endswith("audit") else "created_at")
            whole = self.walk(office, f"{path}?limit=200&sort={sort}{scope}")
            assert len(whole) >= 2

            assert self.walk(office, f"{path}?limit=1&sort={sort}{scope}") == whole
            assert self.walk(office, f"{path}?limit=1&sort=-{sort}{scope}") == whole[::-1]

    def test_refuses_an_order_and_a_limit_that_there_are_not(self, office: Office) -> None:
        for path in [*trail(office), *LISTS]:
            for query in ("sort=nothing", "sort=-", "limit=0", "limit=201", "cursor=x"):
                answer = office.get(f"{path}?{query}", "staf")
                assert pointers(problem(answer, 422, "invalid")) == [f"?{query.partition('=')[0]}"]

    def test_refuses_the_cursor_of_another_order(self, office: Office) -> None:
        for _ in range(3):
            office.start()
        history, audit = trail(office)
        orders = {
            "tasks": ["created_at", "due_at", "name", "priority"],
            "process-instances": ["started_at", "title"],
            "process-definitions": ["key", "name"],
            history: ["created_at"],
            audit: ["sequence"],
        }
        scope = {"tasks": {"scope": "all"}}
        cursors = {
            (path, sort): office.read(path, "inspektorat", limit=1, sort=sort, **scope.get(path, {}))["next_cursor"]
            for path, fields in orders.items()
            for field in fields
            for sort in (field, f"-{field}")
        }

        for path, sort in cursors:
            for place, cursor in cursors.items():
                answer = office.get(f"{path}?sort={sort}&cursor={cursor}", "inspektorat")
                if place == (path, sort):
                    assert answer.status_code == 200, answer.text
                else:
                    assert pointers(problem(answer, 422, "invalid")) == ["?cursor"]


class TestNothing:
    @pytest.mark.parametrize(
        "path",
        [
            *("tidak-ada", f"tasks/{NOBODY}", f"process-instances/{NOBODY}/audit", "process-definitions/x", "/x"),
            *("tasks/", "process-instances/", "process-instances//history", "process-definitions//xml", "tasks/%20"),
        ],
    )
    def test_is_answered_in_one_way_wherever_it_is(self, shared_office: Office, path: str) -> None:
        answer = shared_office.get(path, "staf", follow_redirects=False)

        content = problem(answer, 404, "not-found")
        assert (content["type"], content["title"]) == ("urn:alur:problem:not-found", "Not found")

    @pytest.mark.parametrize("path", ["tasks//claim", "process-instances//suspend", "process-instances/"])
    def test_is_acted_on(self, shared_office: Office, path: str) -> None:
        problem(shared_office.post(path, "staf"), 404, "not-found")

    def test_of_a_method_has_a_type_of_its_own(self, shared_office: Office) -> None:
        content = problem(shared_office.request("DELETE", "tasks", "staf"), 405, "method-not-allowed")

        assert content["type"] == "urn:alur:problem:method-not-allowed"
