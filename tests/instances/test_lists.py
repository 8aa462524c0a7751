"""Lists of instances: what narrows them, how they are sorted and paged, and what overdue means."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.office import Json, Office, pointers, problem

SORTS = ("started_at", "title")


@pytest.fixture(scope="module")
def busy(shared_office: Office) -> Office:
    """An office with nine instances of three processes in several states, some started at the same moment."""
    for number in range(9):
        key = ("iku", "lkj", "renstra")[number % 3]
        instance = shared_office.start(
            "sekretaris", key, business_key=f"K-{number}", title=("Rencana Barat", "Laporan Timur")[number % 2]
        )
        path = f"process-instances/{instance['id']}"
        if number == 2:
            shared_office.post(f"{path}/suspend", "sekretaris")
        elif number == 3:
            shared_office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."})
        elif number == 4:
            shared_office.advance(instance, 10)
        if number % 3 == 2:
            shared_office.clock.advance(timedelta(hours=1))
    return shared_office


FILTERS: list[tuple[dict[str, str], Callable[[Json], bool]]] = [
    ({"status": "active"}, lambda one: one["status"] == "active"),
    ({"status": "suspended"}, lambda one: one["status"] == "suspended"),
    ({"status": "completed"}, lambda one: one["status"] == "completed"),
    ({"status": "cancelled"}, lambda one: one["status"] == "cancelled"),
    ({"status": "incident"}, lambda one: False),
    ({"running": "true"}, lambda one: one["ended_at"] is None),
    ({"running": "false"}, lambda one: one["ended_at"] is not None),
    ({"process_definition_key": "lkj"}, lambda one: one["process_definition_key"] == "lkj"),
    ({"unit": "disnaker"}, lambda one: True),
    ({"business_key": "K-4"}, lambda one: one["business_key"] == "K-4"),
    ({"overdue": "true"}, lambda one: one["overdue"]),
    ({"overdue": "false"}, lambda one: not one["overdue"]),
    ({"q": "timur"}, lambda one: "Timur" in one["title"]),
    ({"q": "lap k-1"}, lambda one: one["business_key"] == "K-1"),
    ({"q": "_"}, lambda one: False),
    ({"started_after": "2026-08-03T03:00:00Z"}, lambda one: one["started_at"] > "2026-08-03T03:00:00+00:00"),
    ({"started_after": "2026-08-03T12:00:00+07:00"}, lambda one: False),
]


class TestTheList:
    @pytest.mark.parametrize(("given", "wanted"), FILTERS, ids=[str(given) for given, _ in FILTERS])
    def test_is_narrowed(self, busy: Office, given: dict[str, str], wanted: Callable[[Json], bool]) -> None:
        everything = busy.read("process-instances", "inspektorat")["items"]
        assert len(everything) == 9

        found = busy.read("process-instances", "inspektorat", **given)["items"]

        assert found == [one for one in everything if wanted(one)]

    def test_shows_the_newest_first(self, busy: Office) -> None:
        items = busy.read("process-instances", "inspektorat")["items"]

        assert [one["business_key"] for one in items] == [f"K-{number}" for number in range(8, -1, -1)]

    @pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
    def test_in_pages_is_the_whole(self, busy: Office, sort: str) -> None:
        whole = busy.read("process-instances", "inspektorat", sort=sort)["items"]
        values = [one[sort.removeprefix("-")] for one in whole]
        assert values == sorted(values, reverse=sort.startswith("-"))

        walked: list[Json] = []
        address: str | None = f"process-instances?limit=2&sort={sort}"
        while address is not None:
            answer = busy.get(address, "inspektorat")
            walked += answer.json()["items"]
            address = answer.links.get("next", {}).get("url")
            assert (address is None) == (answer.json()["next_cursor"] is None)

        assert walked == whole

    def test_shows_each_as_it_is_shown_alone(self, busy: Office) -> None:
        for one in busy.read("process-instances", "inspektorat")["items"]:
            assert busy.instance(one["id"]) == one

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({"status": "lost"}, "?status"),
            ({"unit": "nowhere"}, "?unit"),
            ({"started_after": "2026-08-03"}, "?started_after"),
            ({"started_after": "2026-08-03T03:00:00"}, "?started_after"),
            ({"sort": "state"}, "?sort"),
            ({"cursor": "x"}, "?cursor"),
            ({"cursor": "WyJhIiwgImIiXQ"}, "?cursor"),
            ({"limit": "0"}, "?limit"),
            ({"limit": "201"}, "?limit"),
            ({"overdue": "perhaps"}, "?overdue"),
        ],
    )
    def test_refuses_what_means_nothing(self, shared_office: Office, given: dict[str, str], wrong: str) -> None:
        answer = shared_office.get("process-instances", "staf", params=given)

        assert pointers(problem(answer, 422)) == [wrong]


class TestTheTrail:
    def test_in_pages_is_the_whole(self, office: Office) -> None:
        instance = office.advance(office.start(), 9)
        path = f"process-instances/{instance['id']}/audit"
        whole = office.read(path, "staf")["items"]
        assert [act["sequence"] for act in whole] == list(range(1, 11))

        first = office.read(path, "staf", limit=4)
        rest = office.read(path, "staf", cursor=first["next_cursor"])

        assert first["items"] + rest["items"] == whole

    def test_tells_who_did_what_when(self, office: Office) -> None:
        instance = office.advance(office.start("staf"), 1)

        started, completed = office.read(f"process-instances/{instance['id']}/audit", "staf")["items"]

        assert (started["type"], started["actor"]) == ("process_instance.started", "staf")
        assert started["data"]["variables"] == {"tahun": 2027}
        assert (completed["type"], completed["actor"]) == ("task.completed", "sekretaris")
        assert (completed["data"]["activity_no"], completed["data"]["opened"]) == (1, ["kegiatan_02"])
        assert completed["at"] == office.clock.now().isoformat()
