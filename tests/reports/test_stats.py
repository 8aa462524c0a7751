"""Figures over SOPs and steps: equal to what the histories say, bounded, and only of what one sees."""

import csv
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from io import StringIO
from math import ceil
from statistics import median

import pytest

from app.calendar.office import WIB
from app.calendar.working_time import WorkingCalendar
from tests.drawings import END, START, chain, drawing, task
from tests.office import MONDAY, Json, Office, pointers, problem
from tests.reports.histories import KEYS, REASON, completed_visits, live, minutes

HEAD = "kepala_dinas"


@pytest.fixture(scope="module")
def past(shared_office: Office) -> tuple[Office, list[str]]:
    return shared_office, live(shared_office, seed=4)


def written(values: list[int]) -> tuple[str | None, str | None]:
    if not values:
        return None, None
    return f"PT{int(median(values))}M", f"PT{sorted(values)[ceil(0.9 * len(values)) - 1]}M"


def periods(office: Office) -> list[tuple[datetime, datetime]]:
    now = office.clock.now()
    middle = MONDAY + (now - MONDAY) / 2
    return [(MONDAY, now), (MONDAY, middle), (middle, now), (now, now + timedelta(days=1))]


class TestStepStats:
    def test_are_what_the_histories_say(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        for start, end in periods(office):
            expected: dict[tuple[str, str], list[Json]] = defaultdict(list)
            for key, item in completed_visits(office, ids, start, end):
                expected[key, item["element_id"]].append(item)

            items = office.read("stats/steps", HEAD, **{"from": start.isoformat(), "to": end.isoformat()})["items"]

            assert {(one["process_definition_key"], one["element_id"]) for one in items} == expected.keys()
            for one in items:
                visits = expected[one["process_definition_key"], one["element_id"]]
                timed = [visit for visit in visits if visit["due_at"] is not None]
                assert one["visits"] == len(visits)
                assert one["repeated"] == sum(visit["visit"] > 1 for visit in visits)
                assert one["returns"] == sum(visit["decision"] == "dikembalikan" for visit in visits)
                assert (one["median"], one["p90"]) == written([minutes(visit) for visit in visits])
                assert one["standard_time"] == visits[-1]["standard_time"]
                late = sum(visit["late"] for visit in timed)
                assert one["late_share"] == (round(late / len(timed), 4) if timed else None)
                assert (one["activity_no"], one["name"], one["role"]) == (
                    visits[0]["activity_no"],
                    visits[0]["name"],
                    visits[0]["role"],
                )

    def test_follow_the_rows_of_each_table(self, past: tuple[Office, list[str]]) -> None:
        items = past[0].read("stats/steps", HEAD)["items"]
        places = [(one["process_definition_key"], one["activity_no"]) for one in items]
        assert places == sorted(places)
        assert {one["process_definition_key"] for one in items} == set(KEYS)

    def test_are_narrowed_to_an_sop_and_a_unit(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        whole = office.read("stats/steps", HEAD)["items"]
        of_one = office.read("stats/steps", HEAD, process_definition_key="lkj", unit="disnaker")["items"]
        assert of_one == [one for one in whole if one["process_definition_key"] == "lkj"]
        problem(office.get("stats/steps?unit=nowhere", HEAD), 422, "invalid")

    def test_name_no_person(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        people = {"sekretaris (peragaan)", "completed_by", "assignee", "actor"}
        for path in ("stats/steps", "stats/processes"):
            text = office.get(path, HEAD).text.lower()
            assert not any(name in text for name in people), path


class TestProcessStats:
    def test_are_what_the_instances_say(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        calendar = WorkingCalendar(WIB)
        instances = [office.instance(one) for one in ids]
        for start, end in periods(office):
            returns = Counter(
                key for key, item in completed_visits(office, ids, start, end) if item["decision"] == "dikembalikan"
            )

            items = office.read("stats/processes", HEAD, **{"from": start.isoformat(), "to": end.isoformat()})["items"]

            found = {one["process_definition_key"]: one for one in items}
            for key in KEYS:
                mine = [one for one in instances if one["process_definition_key"] == key]
                ended = [one for one in mine if one["ended_at"]]
                within = [one for one in ended if start <= datetime.fromisoformat(one["ended_at"]) < end]
                took = [
                    int(
                        calendar.working_minutes(
                            datetime.fromisoformat(one["started_at"]), datetime.fromisoformat(one["ended_at"])
                        )
                    )
                    for one in within
                    if one["status"] == "completed"
                ]
                states = Counter(one["status"] for one in within)
                expected = {
                    "running": len(mine) - len(ended),
                    "completed": states["completed"],
                    "cancelled": states["cancelled"],
                    "overdue": sum(one["overdue"] for one in mine if not one["ended_at"]),
                    "returns": returns[key],
                }
                one = found.get(key, dict.fromkeys(expected, 0) | {"median": None, "p90": None})
                assert {name: one[name] for name in expected} == expected, (key, start, end)
                assert (one["median"], one["p90"]) == written(took)


class TestTheSummary:
    def test_counts_what_the_lists_hold(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        instances = [office.instance(one) for one in ids]
        late = [task for one in instances for task in one["open_tasks"] if task["overdue"]]
        since = (office.clock.now() - timedelta(days=90)).isoformat()

        found = office.read("stats/summary", HEAD, since=since)

        assert found["running"] == sum(one["ended_at"] is None for one in instances)
        assert found["overdue"] == len(late)
        returns = office.read("stats/returns", HEAD, **{"from": since, "limit": 200})["items"]
        assert found["returned"] == len(returns) > 0


class TestLateTasks:
    def test_are_those_of_the_instances_the_longest_due_first(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        late = [task for one in ids for task in office.instance(one)["open_tasks"] if task["overdue"]]
        found = office.read("stats/late-tasks", HEAD)["items"]
        assert [one["due_at"] for one in found] == sorted(task["due_at"] for task in late)
        assert {one["element_id"] for one in found} == {task["element_id"] for task in late}

    def test_come_in_pages(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        whole = office.read("stats/late-tasks", HEAD)["items"]
        first = office.read("stats/late-tasks", HEAD, limit=1)
        rest = office.read("stats/late-tasks", HEAD, cursor=first["next_cursor"])
        assert first["items"] + rest["items"] == whole


class TestReturns:
    def test_come_with_their_reasons_the_latest_first(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        whole = office.read("stats/returns", HEAD, limit=200)["items"]
        assert len(whole) == sum(office.instance(one)["returns"] for one in ids)
        assert {one["reason"] for one in whole} == {REASON}
        assert [one["returned_at"] for one in whole] == sorted((one["returned_at"] for one in whole), reverse=True)

    def test_come_in_pages(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        whole = office.read("stats/returns", HEAD, limit=200)["items"]
        first = office.read("stats/returns", HEAD, limit=2)
        rest = office.read("stats/returns", HEAD, limit=200, cursor=first["next_cursor"])
        assert first["items"] + rest["items"] == whole


class TestAStranger:
    @pytest.mark.parametrize("path", ["stats/processes", "stats/steps", "stats/returns", "stats/late-tasks", "audit"])
    def test_sees_nothing(self, past: tuple[Office, list[str]], path: str) -> None:
        office, _ = past
        assert office.read(path, "analis")["items"] == []
        summary = office.read("stats/summary", "analis")
        assert (summary["running"], summary["overdue"], summary["returned"]) == (0, 0, 0)

    def test_of_one_sop_sees_the_others_alone(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        keys = {one["process_definition_key"] for one in office.read("stats/processes", "tim_renstra")["items"]}
        assert keys == {"renstra"}


class TestAnSopWhoseVersionsHaveOtherLanes:
    def test_shows_each_who_takes_part_in_its_own_version(self, office: Office) -> None:
        drawn = START + task("ajukan", nomor=1) + task("kerja", nomor=2, waktu="PT1H") + END
        drawn += chain("mulai", "ajukan", "kerja", "selesai")
        for number, lanes in enumerate(
            ({"Sekretaris": "mulai ajukan selesai", "Staf": "kerja"}, {"Sekretaris": "mulai ajukan kerja selesai"}), 1
        ):
            assert office.deploy(surat=drawing("surat", drawn, lanes=lanes)).status_code == 201
            office.advance(office.start("sekretaris", "surat", variables={}, business_key=f"S-{number}"))
        office.clock.advance(timedelta(days=7))

        for user, keys in (("staf", ["S-1"]), ("sekretaris", ["S-1", "S-2"]), ("inspektorat", ["S-1", "S-2"])):
            assert [one["business_key"] for one in office.read("stats/late-tasks", user)["items"]] == keys, user
            assert office.read("stats/summary", user)["overdue"] == len(keys), user


class TestAsCsv:
    @pytest.mark.parametrize("path", ["stats/processes", "stats/steps"])
    def test_it_says_the_same(self, past: tuple[Office, list[str]], path: str) -> None:
        office, _ = past
        items = office.read(path, HEAD)["items"]
        asked = office.get(f"{path}?format=csv", HEAD)
        preferred = office.get(path, HEAD, headers={"Accept": "text/csv"})

        assert asked.headers["content-type"].startswith("text/csv")
        assert asked.headers["content-disposition"].startswith("attachment")
        assert asked.content == preferred.content
        rows = list(csv.DictReader(StringIO(asked.text, newline="")))
        assert rows == [{name: "" if cell is None else str(cell) for name, cell in one.items()} for one in items]
        assert office.get(f"{path}?format=json", HEAD, headers={"Accept": "text/csv"}).json()["items"] == items


class TestAPeriod:
    @pytest.mark.parametrize(
        "query",
        [
            "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
            "from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
            "to=0001-01-01T00:00:00Z",
            "from=2026-01-01",
        ],
    )
    def test_has_a_beginning_and_at_most_two_years(self, shared_office: Office, query: str) -> None:
        for path in ("stats/processes", "stats/steps", "stats/returns"):
            content = problem(shared_office.get(f"{path}?{query}", HEAD), 422, "invalid")
            assert pointers(content) == ["?from"]

    def test_is_the_last_year_unless_told(self, shared_office: Office) -> None:
        found = shared_office.read("stats/processes", HEAD)
        start, end = (datetime.fromisoformat(found[name]) for name in ("start", "end"))
        assert (end, end - start) == (shared_office.clock.now(), timedelta(days=365))
