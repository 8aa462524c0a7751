"""Lists of tasks: whose they are, what narrows them, how they are sorted and paged."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.tasks import queries
from tests.office import Json, Office, pointers, problem

SORTS = ("created_at", "due_at", "priority", "name")


def ids(page: Json) -> list[str]:
    return [item["id"] for item in page["items"]]


def fill(office: Office) -> list[Json]:
    """Start nine instances that stand at several rows, most of them opened at the same moment as another."""
    found = []
    for number in range(9):
        key = ("iku", "lkj", "renstra")[number % 3]
        instance = office.start(
            "sekretaris", key, business_key=f"K-{number}", title=("Rencana Barat", "Laporan Timur")[number % 2]
        )
        found.append(office.advance(instance, number % 4))
        if number % 3 == 2:
            office.clock.advance(timedelta(hours=1))
    return found


@pytest.fixture(scope="module")
def busy(shared_office: Office) -> Office:
    """An office with nine instances, one of whose tasks is taken; for tests that only read."""
    fill(shared_office)
    of_staf = shared_office.read("tasks", "staf")["items"][0]
    assert shared_office.post(f"tasks/{of_staf['id']}/claim", "staf").status_code == 200
    return shared_office


class TestPages:
    @pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
    def test_of_two_put_together_are_the_whole_list(self, busy: Office, sort: str) -> None:
        whole = busy.read("tasks", "inspektorat", scope="all", sort=sort, limit=200)
        assert whole["next_cursor"] is None
        assert len(whole["items"]) == 9

        walked: list[Json] = []
        cursor = None
        while True:
            page = busy.read(
                "tasks", "inspektorat", scope="all", sort=sort, limit=2, **({"cursor": cursor} if cursor else {})
            )
            assert len(page["items"]) <= 2
            walked += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert walked == whole["items"]

    @pytest.mark.parametrize("sort", SORTS)
    def test_are_in_the_order_asked_for(self, busy: Office, sort: str) -> None:
        items = busy.read("tasks", "inspektorat", scope="all", sort=sort)["items"]

        shown = [item[sort] or "9999" if sort == "due_at" else item[sort] for item in items]
        assert shown == sorted(shown)
        backwards = busy.read("tasks", "inspektorat", scope="all", sort=f"-{sort}")["items"]
        assert backwards == items[::-1]

    def test_of_several_roles_are_merged(self, office: Office) -> None:
        """Whoever holds two roles gets one list, in one order, with nothing twice."""
        fill(office)
        office.hire("dua_jabatan", "sekretaris@disnaker", "kasubag_perencanaan@disnaker", "staf@disnaker")
        whole = office.read("tasks", "dua_jabatan", sort="-created_at")["items"]
        roles = {item["role"] for item in whole}

        first = office.read("tasks", "dua_jabatan", sort="-created_at", limit=3)
        second = office.read("tasks", "dua_jabatan", sort="-created_at", limit=200, cursor=first["next_cursor"])

        assert roles == {"sekretaris", "kasubag_perencanaan", "staf"}
        assert first["items"] + second["items"] == whole
        assert len(set(ids({"items": whole}))) == len(whole)

    def test_link_to_the_next_one(self, busy: Office) -> None:
        answer = busy.get("tasks?scope=all&limit=4&sort=name", "inspektorat")

        following = busy.get(answer.links["next"]["url"], "inspektorat")

        whole = busy.read("tasks", "inspektorat", scope="all", sort="name")
        assert ids(answer.json()) + ids(following.json()) == ids(whole)[:8]
        last = busy.get(following.links["next"]["url"], "inspektorat")
        assert "next" not in last.links

    def test_skip_nothing_when_tasks_are_completed_meanwhile(self, office: Office) -> None:
        fill(office)
        before = ids(office.read("tasks", "inspektorat", scope="all"))
        first = office.read("tasks", "inspektorat", scope="all", limit=4)
        for item in first["items"][:2]:
            office.complete(item)

        second = office.read("tasks", "inspektorat", scope="all", cursor=first["next_cursor"], limit=200)

        assert ids(second)[:5] == before[4:]

    @pytest.mark.parametrize(
        "cursor",
        ["x", "!", "W10", "WzFd", "bnVsbA", "WyIyMDI2LTA4LTAzVDAzOjAwOjAwWiIsIDVd", "WzUsIDVd", "WyJhIiwgImIiXQ", "é"],
    )
    @pytest.mark.parametrize("sort", ["created_at", "name", "priority"])
    def test_refuse_a_cursor_that_is_none_of_theirs(self, busy: Office, cursor: str, sort: str) -> None:
        answer = busy.get("tasks", "staf", params={"cursor": cursor, "sort": sort})

        assert pointers(problem(answer, 422, "invalid")) == ["?cursor"]

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", ""])
    def test_refuse_a_wrong_limit(self, busy: Office, limit: str) -> None:
        assert pointers(problem(busy.get("tasks", "staf", params={"limit": limit}), 422)) == ["?limit"]

    @pytest.mark.parametrize("sort", ["id", "--name", "due_order", "assignee", "-"])
    def test_refuse_an_order_that_there_is_not(self, busy: Office, sort: str) -> None:
        assert pointers(problem(busy.get("tasks", "staf", params={"sort": sort}), 422)) == ["?sort"]


class TestScopes:
    def test_reach_what_their_names_say(self, busy: Office) -> None:
        everything = busy.read("tasks", "inspektorat", scope="all")["items"]
        of_staf = [item["id"] for item in everything if item["role"] == "staf"]
        taken = [item["id"] for item in everything if item["assignee"] == "staf"]
        assert len(of_staf) >= 2

        def seen(scope: str) -> list[str]:
            return ids(busy.read("tasks", "staf", scope=scope))

        assert seen("mine") == taken
        assert len(taken) == 1
        assert sorted(seen("claimable")) == sorted(set(of_staf) - set(taken))
        assert sorted(seen("involved")) == sorted(seen("all")) == sorted(of_staf)
        assert seen("involved") == ids(busy.read("tasks", "staf"))

    def test_all_of_a_superior_holds_the_tasks_below_him(self, busy: Office) -> None:
        below = {item["role"] for item in busy.read("tasks", "kasubag_perencanaan", scope="all")["items"]}

        assert below == {"kasubag_perencanaan", "staf"}

    def test_of_completed_tasks_reach_those_that_one_completed(self, office: Office) -> None:
        instances = fill(office)
        done = office.read("tasks", "sekretaris", scope="mine", state="completed")["items"]

        assert {item["completed_by"] for item in done} == {"sekretaris"}
        # Row 1 of every process is his; three instances still stand there.
        assert len(done) >= sum(instance["progress"]["activity_no"] > 1 for instance in instances)

    def test_counts_of_one_process_do_not_depend_on_how_many_others_there_are(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "MOST_COUNTED", 3)
        keys = ["iku"] * 5 + ["lkj"] * 4 + ["renstra"] * 2
        first = [office.start("sekretaris", key)["open_tasks"][0] for key in keys]
        # What one has taken oneself is still one of the role's.
        user = first[0]["role"]
        assert office.post(f"tasks/{first[-1]['id']}/claim", user).status_code == 200

        counts = office.read("tasks/counts", user)

        assert {task["role"] for task in first} == {user}
        assert counts["by_process"] == {"iku": 3, "lkj": 3, "renstra": 2}
        assert counts["capped"]

    def test_counts_are_those_of_the_lists(self, office: Office) -> None:
        fill(office)
        for user in ("staf", "sekretaris", "kasubag_perencanaan", "tim_sakip", "inspektorat", "admin"):
            items = office.read("tasks", user)["items"]
            if items:
                office.post(f"tasks/{items[0]['id']}/claim", user)

            counts = office.read("tasks/counts", user)

            keys = [item["process_definition_key"] for item in office.read("tasks", user)["items"]]
            assert counts == {
                "mine": len(office.read("tasks", user, scope="mine")["items"]),
                "claimable": len(office.read("tasks", user, scope="claimable")["items"]),
                "overdue": len(office.read("tasks", user, overdue=True)["items"]),
                "by_process": {key: keys.count(key) for key in sorted(set(keys))},
                "capped": False,
            }


FILTERS: list[tuple[dict[str, str], Callable[[Json], bool]]] = [
    ({"role": "staf"}, lambda task: task["role"] == "staf"),
    ({"role": "nobody"}, lambda task: False),
    ({"unit": "disnaker"}, lambda task: True),
    ({"unit": "tanjabbar"}, lambda task: True),
    ({"assignee": "staf"}, lambda task: task["assignee"] == "staf"),
    ({"process_definition_key": "lkj"}, lambda task: task["process_definition_key"] == "lkj"),
    ({"business_key": "K-4"}, lambda task: task["business_key"] == "K-4"),
    ({"element_id": "kegiatan_02"}, lambda task: task["element_id"] == "kegiatan_02"),
    ({"due_before": "2026-08-03T04:00:00+00:00"}, lambda task: task["due_at"] < "2026-08-03T04:00:00+00:00"),
    ({"due_after": "2026-08-03T11:00:00+07:00"}, lambda task: task["due_at"] > "2026-08-03T04:00:00+00:00"),
    ({"overdue": "true"}, lambda task: bool(task["overdue"])),
    ({"overdue": "false"}, lambda task: not task["overdue"]),
    ({"q": "timur"}, lambda task: "Timur" in task["instance_title"]),
    ({"q": "RENC bar"}, lambda task: task["instance_title"] == "Rencana Barat"),
    ({"q": "k-7"}, lambda task: task["business_key"] == "K-7"),
    ({"q": "ata"}, lambda task: False),
    ({"q": "%"}, lambda task: False),
    ({"q": "timur", "business_key": "K-3"}, lambda task: task["business_key"] == "K-3"),
    (
        {"role": "staf", "process_definition_key": "lkj"},
        lambda task: task["role"] == "staf" and task["process_definition_key"] == "lkj",
    ),
]


class TestFilters:
    @pytest.mark.parametrize(("given", "wanted"), FILTERS, ids=[str(given) for given, _ in FILTERS])
    def test_narrow_the_list(self, busy: Office, given: dict[str, str], wanted: Callable[[Json], bool]) -> None:
        everything = busy.read("tasks", "inspektorat", scope="all")["items"]

        found = busy.read("tasks", "inspektorat", scope="all", **given)["items"]

        assert found == [item for item in everything if wanted(item)]

    def test_by_instance(self, office: Office) -> None:
        instances = fill(office)
        found = office.read("tasks", "inspektorat", scope="all", process_instance_id=instances[3]["id"])["items"]

        assert ids({"items": found}) == [task["id"] for task in instances[3]["open_tasks"]]

    def test_by_state(self, office: Office) -> None:
        instances = fill(office)
        office.post(f"process-instances/{instances[0]['id']}/cancel", "sekretaris", {"reason": "Salah."})

        cancelled = office.read("tasks", "inspektorat", scope="all", state="cancelled")["items"]
        completed = office.read("tasks", "inspektorat", scope="all", state="completed")["items"]

        assert [item["process_instance_id"] for item in cancelled] == [instances[0]["id"]]
        assert len(completed) == sum(number % 4 for number in range(9))

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({"unit": "nowhere"}, "?unit"),
            ({"scope": "everything"}, "?scope"),
            ({"state": "done"}, "?state"),
            ({"due_before": "2026-08-03T04:00:00"}, "?due_before"),
            ({"due_after": "yesterday"}, "?due_after"),
            ({"overdue": "perhaps"}, "?overdue"),
            ({"q": "x" * 201}, "?q"),
        ],
    )
    def test_refuse_what_means_nothing(self, busy: Office, given: dict[str, str], wrong: str) -> None:
        assert pointers(problem(busy.get("tasks", "staf", params=given), 422)) == [wrong]


class TestOverdue:
    def test_begins_when_the_due_time_has_passed(self, office: Office) -> None:
        instance = office.start()
        (task,) = instance["open_tasks"]
        office.clock.moment = office.clock.moment.fromisoformat(task["due_at"])

        on_time = office.read(f"tasks/{task['id']}", "sekretaris")
        office.clock.advance(timedelta(seconds=1))
        late = office.read(f"tasks/{task['id']}", "sekretaris")

        assert (on_time["overdue"], late["overdue"]) == (False, True)
        assert office.instance(instance["id"])["overdue"] is True
        assert office.read("tasks/counts", "sekretaris")["overdue"] == 1

    def test_stays_with_a_task_that_was_completed_late(self, office: Office) -> None:
        (task,) = office.start()["open_tasks"]
        office.clock.advance(timedelta(days=2))

        office.complete(task)

        assert office.read(f"tasks/{task['id']}", "sekretaris")["overdue"] is True
        late = office.read("tasks", "sekretaris", state="completed", overdue=True)
        assert ids(late) == [task["id"]]
