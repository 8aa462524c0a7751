"""What an instance may still come to: whether it can end, and what its model opens together."""

import pytest

from app.engine.outlook import never_together, stuck_at
from app.engine.process import Process
from app.engine.state import SavedToken
from tests.engine.running import read
from tests.engine.small_models import ERROR, EXTERNAL, scope, timer

BLOCK = "S A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 E"


def tokens(*places: str) -> list[SavedToken]:
    """Return tokens at nodes; at a join, after a colon, the flow by which one came; after a slash, its scope."""
    found = []
    for number, place in enumerate(places, 1):
        place, _, scope = place.partition("/")
        node, _, flow = place.partition(":")
        found.append(SavedToken(number, node, 32, {"scope": int(scope or 0), "flow": flow}))
    return found


def stuck(process: Process, *places: str) -> set[str]:
    return set(stuck_at(process, tokens(*places)))


class TestAnInstanceCanEnd:
    def test_where_every_branch_is_on_its_way(self) -> None:
        process = read(BLOCK)

        assert stuck(process, "U1", "U2") == set()
        assert stuck(process, "U1", "A2:U2-A2") == set()
        assert stuck(process, "U3") == set()

    def test_by_a_terminate_event_whatever_else_waits(self) -> None:
        process = read("S A1\nA1 U1\nA1 U2\nA1 U4\nU1 A2\nU2 A2\nA2 E\nU4 T")

        assert stuck(process, "U1", "U4") == set()

    @pytest.mark.parametrize("nested", [False, True], ids=["one around", "two around"])
    def test_by_what_is_thrown_to_an_event_around_whatever_else_waits(self, nested: bool) -> None:
        flows = "S1 A1\nA1 U1\nA1 U2\nA1 U4\nA1 W1\nU1 A2\nU2 A2\nA2 E1\nU4 T1\nW1 E4"
        body = scope(flows, {"W1": EXTERNAL}, {"T1": ERROR})
        if nested:
            body = scope("S3 P3\nP3 E3", inside={"P3": body})
        process = read("S P1\nP1 E\nB1 E2", {"B1": 'attachedToRef="P1"'}, {"P1": body, "B1": ERROR})
        around = ("P1", "P3/1") if nested else ("P1",)
        within = f"/{len(around)}"

        assert stuck(process, *around, f"U1{within}", f"U4{within}") == set()
        assert stuck(process, *around, f"U1{within}", f"W1{within}") == set()
        assert stuck(process, *around, f"U1{within}") == {"A2"}

    def test_by_one_of_several_choices(self) -> None:
        process = read(
            "S X1\nX1 U1 ${a == 1}\nX1 A1\nA1 U2\nA1 U3\nU1 A2\nU2 A2\nU3 A2\nA2 E", {"X1": 'default="X1-A1"'}
        )

        assert stuck(process, "U2", "U3") == {"A2"}

    def test_out_of_a_loop(self) -> None:
        process = read("S X1\nX1 A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 X2\nX2 X1 ${a == 1}\nX2 E ${a == 2}")

        assert stuck(process, "U1", "U2") == set()
        assert stuck(process, "U1") == {"A2"}

    def test_if_the_event_at_a_hopeless_sub_process_may_end_it(self) -> None:
        inside = {"P1": scope(BLOCK.replace("S ", "S1 ").replace("\nU3 E", "\nU3 E1"))}
        guarded = read("S P1\nP1 E\nB1 E2", {"B1": 'attachedToRef="P1"'}, inside | {"B1": timer("PT1H")})
        alone = read("S P1\nP1 E", inside=inside)

        assert stuck(guarded, "P1", "U1/1") == set()
        assert stuck(alone, "P1", "U1/1") == {"A2"}
        assert stuck(alone, "P1", "U1/1", "U2/1") == set()

    def test_as_far_as_is_looked(self) -> None:
        """Each round leaves one token more at the join, so that the stands have no end."""
        endless = read(
            "S X0\nX0 U9 ${a == 9}\nX0 X1\nU9 A2\nX1 A1\nA1 U1\nA1 A2\nU1 X1\nA2 E", {"X0": 'default="X0-X1"'}
        )

        assert stuck(endless, "U1") == set()


class TestAnInstanceIsStuck:
    @pytest.mark.parametrize("places", [("U1",), ("A2:U1-A2",), ("U1", "U1", "U2"), ("U3", "U2"), ("U1", "U1")])
    def test_where_a_branch_is_missing_or_too_many(self, places: tuple[str, ...]) -> None:
        assert stuck(read(BLOCK), *places) == {"A2"}

    def test_where_an_inclusive_join_waits_for_a_stuck_branch(self) -> None:
        process = read("S O1\nO1 U0 ${1 == 1}\nO1 A1 ${1 == 1}\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 O2\nU0 O2\nO2 E")

        assert stuck(process, "U0", "U1", "U2") == set()
        assert stuck(process, "U0", "U1") == {"A2", "O2"}


class TestTasksAreOpenTogether:
    def apart(self, process: Process, *places: str) -> set[tuple[str, str]]:
        return set(never_together(process, tokens(*places)))

    def test_in_branches_of_a_block_and_not_across_its_ends(self) -> None:
        process = read(BLOCK)

        assert self.apart(process, "U1", "U2") == set()
        assert self.apart(process, "U1", "U3") == {("U1", "U3")}
        assert self.apart(process, "U1", "U1") == {("U1", "U1")}

    def test_beside_what_a_non_interrupting_event_opens(self) -> None:
        beside = {"B1": 'attachedToRef="U1" cancelActivity="false"'}
        process = read("S U1\nU1 U2\nU2 E\nB1 U5\nU5 E5", beside, {"B1": timer("PT1H")})
        instead = read("S U1\nU1 U2\nU2 E\nB1 U5\nU5 E5", {"B1": 'attachedToRef="U1"'}, {"B1": timer("PT1H")})

        assert self.apart(process, "U1", "U5") == self.apart(process, "U2", "U5") == set()
        assert self.apart(instead, "U1", "U5") == {("U1", "U5")}

    def test_in_an_inclusive_block_until_it_is_joined(self) -> None:
        process = read("S O1\nO1 U1 ${1 == 1}\nO1 U2 ${1 == 1}\nU1 O2\nU2 O2\nO2 U3\nU3 E")

        assert self.apart(process, "U1", "U2") == set()
        assert self.apart(process, "U1", "U3") == {("U1", "U3")}

    def test_in_each_scope_for_itself(self) -> None:
        process = read("S A1\nA1 P1\nA1 U9\nP1 E\nU9 E2", inside={"P1": scope("S1 U1\nU1 U2\nU2 E1")})

        assert self.apart(process, "P1", "U9", "U1/1") == set()
        assert self.apart(process, "P1", "U1/1", "U2/1") == {("U1", "U2")}
