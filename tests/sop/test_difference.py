"""The difference between two versions of an SOP says what changed and nothing else."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.engine.xml import parse
from app.sop.changes import ChangeKind, RowRef
from app.sop.difference import difference
from app.sop.difference_text import as_text
from app.sop.matching import MatchedBy
from app.sop.performers import Performers
from app.sop.read import read
from app.sop.table import (
    RETURN_KINDS,
    RETURNED,
    Activity,
    OutsideEvent,
    RowKind,
    SopTable,
)
from app.sop.tables import load_table
from tests.drawings import chain, drawing, task
from tests.sop.difference_tables import FOLDER, NAMES, drawn, plain_table, row_changes, told, with_new_row, with_row
from tests.sop.random_tables import random_table

seeds = st.integers(0, 2**32)


tables = st.builds(random_table, seeds, roles=st.integers(2, 6), rows=st.integers(3, 14)).map(drawn)


class TestEqualTables:
    @settings(max_examples=40, deadline=None)
    @given(tables)
    def test_a_table_does_not_differ_from_itself(self, table: SopTable) -> None:
        assert told(difference(table, table)) == []

    @settings(max_examples=40, deadline=None)
    @given(st.builds(random_table, seeds, roles=st.integers(2, 6), rows=st.integers(3, 14)))
    def test_nor_from_the_same_table_that_has_been_drawn(self, table: SopTable) -> None:
        assert told(difference(table, drawn(table))) == told(difference(drawn(table), table)) == []

    @pytest.mark.parametrize("name", NAMES)
    def test_a_diagram_does_not_differ_from_its_table_file(self, name: str) -> None:
        diagram = read(parse((FOLDER / f"{name}.bpmn").read_bytes()))
        source = load_table((FOLDER / "tables" / f"{name}.yaml").read_bytes())

        assert told(difference(source, diagram)) == []
        assert as_text(difference(diagram, diagram)) == "Tidak ada perbedaan pada tabel SOP."
        assert as_text(difference(diagram, diagram), "en") == "The SOP tables do not differ."


OTHER_TIME = "P9D"
EDITS: dict[str, tuple[dict[str, Any], Any]] = {
    "a time": ({"standard_time": OTHER_TIME}, OTHER_TIME),
    "a remark": ({"remarks": ("Lihat SOP lain",)}, ("Lihat SOP lain",)),
    "requirements": ({"requirements": ("Undangan", "Daftar hadir")}, ("Undangan", "Daftar hadir")),
    "outputs": ({"outputs": ("Notula",)}, ("Notula",)),
    "a name": ({"name": "Menggandakan naskah"}, "Menggandakan naskah"),
    "a statement": ({"statement": "Menggandakan naskah untuk rapat"}, "Menggandakan naskah untuk rapat"),
    "a note": ({"note": "catatan lain"}, "catatan lain"),
    "what is printed": ({"standard_time_original": "sembilan hari"}, "sembilan hari"),
}


class TestOneEdit:
    @pytest.mark.parametrize("edit", EDITS)
    @settings(max_examples=15, deadline=None)
    @given(tables, st.data())
    def test_of_a_cell_gives_that_change_and_no_other(self, edit: str, table: SopTable, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(table.activities) - 1))
        cells, after = EDITS[edit]

        found = difference(table, with_row(table, place, **cells))

        [cell] = cells
        assert told(found) == [("rows", ChangeKind.CHANGED, cell)]
        assert found.rows[0].new == found.matches[place].new
        assert (found.rows[0].before, found.rows[0].after) == (getattr(table.activities[place], cell), after)

    @settings(max_examples=30, deadline=None)
    @given(tables, st.data())
    def test_of_the_role_or_kind_of_a_row_gives_that_change(self, table: SopTable, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(table.activities) - 1))
        row = table.activities[place]
        role = next(role for role in table.roles if role.key != row.role)
        kind = next(kind for kind in RowKind if kind != row.kind)

        moved, other = difference(table, with_row(table, place, role=role.key)), with_row(table, place, kind=kind)

        assert told(moved) == [("rows", ChangeKind.CHANGED, "role")]
        assert moved.rows[0].after.label == role.label
        assert told(difference(table, other)) == [("rows", ChangeKind.CHANGED, "kind")]

    @settings(max_examples=40, deadline=None)
    @given(tables, st.data())
    def test_a_new_row_is_added_and_those_after_it_are_renumbered(self, table: SopTable, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(table.activities) + 1))
        longer = with_new_row(table, number)
        after = [row.number for row in table.activities if row.number is not None and row.number >= number]

        found, back = difference(table, longer), difference(longer, table)

        assert [change.new.number for change in row_changes(found, ChangeKind.ADDED) if change.new] == [number]  # type: ignore[union-attr]
        assert told(found)[1:] == [("rows", ChangeKind.RENUMBERED, None)] * len(after)
        assert [change.old.number for change in row_changes(back, ChangeKind.REMOVED) if change.old] == [number]  # type: ignore[union-attr]
        assert told(back)[1:] == [("rows", ChangeKind.RENUMBERED, None)] * len(after)

    @settings(max_examples=40, deadline=None)
    @given(tables, st.data())
    def test_another_return_gives_its_new_target(self, table: SopTable, data: st.DataObject) -> None:
        choices = [
            (place, number, row.number)
            for place, decision in enumerate(table.decisions)
            for number, outcome in enumerate(decision.outcomes)
            for row in table.activities
            if outcome.code == RETURNED and row.number != outcome.target and row.kind in RETURN_KINDS
        ]
        assume(choices)
        place, number, target = data.draw(st.sampled_from(choices))
        decision = table.decisions[place]
        outcomes = list(decision.outcomes)
        outcomes[number] = replace(outcomes[number], target=target or 0)
        decisions = list(table.decisions)
        decisions[place] = replace(decision, outcomes=tuple(outcomes))
        row = replace(table.activities[decision.row - 1], next=tuple(outcome.target for outcome in outcomes))
        new = with_row(replace(table, decisions=tuple(decisions)), decision.row - 1, next=row.next)

        found = difference(table, new)

        assert told(found) == [("decisions", ChangeKind.CHANGED, "target")]
        [change] = found.decisions
        assert (change.part, change.after.number) == (RETURNED, target)

    @settings(max_examples=30, deadline=None)
    @given(tables, seeds)
    def test_rows_that_change_places_are_reordered(self, table: SopTable, seed: int) -> None:
        place = random.Random(seed).randrange(len(table.activities) - 1)
        rows = list(table.activities)
        rows[place], rows[place + 1] = (
            replace(rows[place + 1], number=rows[place].number),
            replace(rows[place], number=rows[place + 1].number),
        )
        plain = replace(table, decisions=(), branches=(), outside_events=(), stated_empty=())
        old = replace(plain, activities=tuple(_in_line(list(table.activities))))

        found = difference(old, replace(plain, activities=tuple(_in_line(rows))))

        assert sorted(told(found)) == sorted(
            [("rows", ChangeKind.REORDERED, None), ("rows", ChangeKind.RENUMBERED, None)],
        )


def _in_line(rows: list[Activity]) -> Iterator[Activity]:
    for place, row in enumerate(rows, 1):
        yield replace(row, next=(place + 1,) if place < len(rows) else ())


class TestBothDirections:
    @settings(max_examples=30, deadline=None)
    @given(tables, tables, st.booleans())
    def test_mirror_each_other(self, one: SopTable, other: SopTable, drawn_anew: bool) -> None:
        if drawn_anew:
            rows = tuple(replace(row, element_id=f"x{row.number}") for row in other.activities)
            other = replace(other, activities=rows)

        there, back = difference(one, other), difference(other, one)

        assert {(m.old, m.new, m.by) for m in there.matches} == {(m.new, m.old, m.by) for m in back.matches}
        for section in there.sections:
            added = [
                (change.new or change.old, change.part)
                for change in there.sections[section]
                if change.kind == ChangeKind.ADDED
            ]
            removed = [
                (change.old or change.new, change.part)
                for change in back.sections[section]
                if change.kind == ChangeKind.REMOVED
            ]
            assert sorted(map(str, added)) == sorted(map(str, removed))
            gained = [change.items_added for change in there.sections[section] if change.items_added]
            lost = [change.items_removed for change in back.sections[section] if change.items_removed]
            assert sorted(map(str, gained)) == sorted(map(str, lost))


class TestMatching:
    def test_a_diagram_drawn_anew_with_a_row_more_is_no_wall_of_changes(self) -> None:
        rows = with_new_row(plain_table(), 2).activities
        anew = replace(
            with_new_row(plain_table(), 2),
            activities=tuple(replace(row, element_id=f"kegiatan_{row.number:02}") for row in rows),
        )

        found = difference(plain_table(), anew)

        assert told(found) == [("rows", ChangeKind.ADDED, None)] + [("rows", ChangeKind.RENUMBERED, None)] * 3
        assert [match.by for match in found.matches] == [MatchedBy.ELEMENT_ID, *[MatchedBy.TEXT] * 3]
        assert as_text(found).splitlines()[1:] == [
            "- Kegiatan 2 'Menggandakan naskah' ditambahkan: pelaksana Kasubag Perencanaan; jenis kerja.",
            "- Kegiatan 2-4 kini bernomor 3-5.",
            "Dikenali dari uraiannya karena elemen BPMN-nya lain, kegiatan: 3-5.",
        ]

    def test_a_row_with_a_new_text_is_known_by_its_element(self) -> None:
        found = difference(plain_table(), with_row(plain_table(), 1, name="Rapat", statement="Rapat staf"))

        assert told(found) == [("rows", ChangeKind.CHANGED, "name"), ("rows", ChangeKind.CHANGED, "statement")]
        assert {found.matched_by(change) for change in found.rows} == {MatchedBy.ELEMENT_ID}

    def test_a_row_drawn_anew_with_a_similar_text_is_known_by_its_place(self) -> None:
        new = with_row(
            plain_table(),
            1,
            element_id="Activity_0x1",
            name="Menyusun rancangan rencana kerja",
            statement="Menyusun rancangan rencana kerja kepada pimpinan",
        )

        found = difference(plain_table(), new)

        assert told(found) == [("rows", ChangeKind.CHANGED, "name"), ("rows", ChangeKind.CHANGED, "statement")]
        assert found.matched_by(found.rows[0]) == MatchedBy.POSITION
        assert as_text(found).splitlines()[-1] == (
            "Dikenali dari letaknya karena elemen BPMN dan uraiannya lain, kegiatan: 2."
        )

    def test_another_row_at_the_place_of_a_removed_one_is_not_taken_for_it(self) -> None:
        new = with_row(plain_table(), 1, element_id="Activity_0x1", name="Rapat", statement="Rapat dengan Bappeda")

        assert told(difference(plain_table(), new)) == [
            ("rows", ChangeKind.REMOVED, None),
            ("rows", ChangeKind.ADDED, None),
        ]

    def test_a_role_with_another_key_and_the_same_label_moves_no_row(self) -> None:
        table = plain_table()
        roles = (replace(table.roles[0], key="kasubag_program"), table.roles[1])
        rows = tuple(replace(row, role="kasubag_program") for row in table.activities)
        decisions = (replace(table.decisions[0], decider="kasubag_program"),)

        found = difference(table, replace(table, roles=roles, activities=rows, decisions=decisions))

        assert told(found) == [("roles", ChangeKind.CHANGED, "key")]

    def test_a_column_that_has_been_copied_moves_no_row(self) -> None:
        table = plain_table()

        found = difference(table, replace(table, roles=(*table.roles, replace(table.roles[0], label="Kasubag lain"))))

        assert told(found) == [("roles", ChangeKind.ADDED, None)]


class TestRoles:
    """The name of a lane is the role of its rows, whatever its id."""

    def renamed(self, *labels: str) -> SopTable:
        table = plain_table()
        roles = tuple(replace(role, label=label) for role, label in zip(table.roles, labels, strict=True))
        return replace(table, roles=roles)

    def test_with_another_name_move_their_rows_and_decisions(self) -> None:
        found = difference(plain_table(), self.renamed("Kepala Dinas", "Sekretaris"))

        assert told(found) == [
            ("roles", ChangeKind.CHANGED, "label"),
            *[("rows", ChangeKind.CHANGED, "role")] * 4,
            ("decisions", ChangeKind.CHANGED, "decider"),
        ]
        assert as_text(found).splitlines()[3:5] == [
            "- Kegiatan 1 'Memerintahkan penyusunan rencana kerja' pindah dari Kasubag Perencanaan ke Kepala Dinas.",
            "- Kegiatan 2 'Menyusun konsep rencana kerja' pindah dari Kasubag Perencanaan ke Kepala Dinas.",
        ]

    @pytest.mark.parametrize(
        "label", ["KASUBAG PERENCANAAN", "Kasubag  Perencanaan", "Kasubag. Perencanaan", "Kasubag-Perencanaan"]
    )
    def test_that_are_only_spelt_otherwise_move_no_row(self, label: str) -> None:
        found = difference(plain_table(), self.renamed(label, "Sekretaris"))

        assert told(found) == [("roles", ChangeKind.CHANGED, "label")]

    def test_of_another_figure_move_their_rows(self) -> None:
        found = difference(self.renamed("Seksi 1.1", "Sekretaris"), self.renamed("Seksi 11", "Sekretaris"))

        assert len(row_changes(found, ChangeKind.CHANGED)) == 4

    def test_that_change_places_by_their_names_move_their_rows(self) -> None:
        found = difference(plain_table(), self.renamed("Sekretaris", "Kasubag Perencanaan"))

        assert [change.cell for change in row_changes(found, ChangeKind.CHANGED)] == ["role"] * 4
        assert [change.after.label for change in found.rows] == ["Sekretaris"] * 4

    def test_that_the_office_knows_as_one_move_no_row_under_either_name(self) -> None:
        office = Performers(roles={"Kasubag Perencanaan": "kasubag", "Ka.Subbag. Program": "kasubag"})

        found = difference(plain_table(), self.renamed("Ka.Subbag. Program", "Sekretaris"), (), (office, office))

        assert told(found) == [("roles", ChangeKind.CHANGED, "label")]

    def test_that_one_name_meant_otherwise_before_move_their_rows(self) -> None:
        before, after = ({"Kasubag Perencanaan": key} for key in ("kasubag", "kasubag_program"))

        found = difference(plain_table(), plain_table(), (), (Performers(roles=before), Performers(roles=after)))

        assert len(row_changes(found, ChangeKind.CHANGED)) == 4

    def test_that_a_group_stands_for_decide_as_well(self) -> None:
        table = drawn(plain_table())
        deciding = next(row for row in table.activities if row.number == table.decisions[0].row)
        group = Performers(groups={deciding.element_id or "": "kepala_dinas"})

        found = difference(table, table, (), (Performers(), group))

        assert told(found) == [("rows", ChangeKind.CHANGED, "role"), ("decisions", ChangeKind.CHANGED, "decider")]
        assert "ke kepala_dinas." in as_text(found)

    def test_that_a_group_stands_for_take_a_decision_of_its_own(self) -> None:
        table = load_table((FOLDER / "tables" / "renstra.yaml").read_bytes())
        (number,) = (one.row for one in table.decisions if one.task is not None)

        found = difference(table, table, (), (Performers(), Performers(deciders={number: "kepala_dinas"})))

        assert sorted(told(found)) == [
            ("decisions", ChangeKind.CHANGED, "decider"),
            ("decisions", ChangeKind.CHANGED, "task.role"),
        ]

    def test_of_a_copied_lane_are_told_apart(self) -> None:
        """A lane that is copied in the Modeler still states the key of its original."""
        body = task("x", nomor=1) + task("y", nomor=2) + chain("x", "y")
        key = '<camunda:properties><camunda:property name="peran" value="staf"/></camunda:properties>'
        one, two = (
            re.sub('(<bpmn:lane id="lane_.*?>)', rf"\1<bpmn:extensionElements>{key}</bpmn:extensionElements>", text)
            for text in (
                drawing("a", body, lanes={"Staf": "x y"}).decode(),
                drawing("a", body, lanes={"Staf": "x", "Kasubag": "y"}).decode(),
            )
        )

        found = difference(read(parse(one.encode())), read(parse(two.encode())))

        assert [(change.new, change.after.label) for change in found.rows] == [(RowRef(2, "y", "y"), "Kasubag")]


class TestFlows:
    def test_a_return_to_the_same_row_with_another_number_is_no_change(self) -> None:
        found = difference(plain_table(), with_new_row(plain_table(), 1))

        assert found.decisions == ()

    def test_a_row_that_jumps_ahead_says_where_to(self) -> None:
        found = difference(plain_table(), with_row(plain_table(), 0, next=(3,)))

        assert as_text(found).splitlines() == [
            "Kegiatan",
            "- Lanjutan kegiatan 1 'Memerintahkan penyusunan rencana kerja': "
            "kegiatan 2 'Menyusun konsep rencana kerja' menjadi kegiatan 3 'Memeriksa konsep'.",
        ]

    def test_a_decision_that_goes_is_one_change(self) -> None:
        new = replace(with_row(plain_table(), 2, next=(4,)), decisions=())

        assert told(difference(plain_table(), new)) == [("decisions", ChangeKind.REMOVED, None)]

    def test_a_decision_that_takes_the_place_of_another_way_says_so(self) -> None:
        old = replace(with_row(plain_table(), 2, next=()), decisions=())

        found = difference(old, plain_table())

        assert told(found) == [("rows", ChangeKind.CHANGED, "next"), ("decisions", ChangeKind.ADDED, None)]

    def test_a_wait_stays_the_same_when_its_rows_get_other_numbers(self) -> None:
        table = replace(plain_table(), outside_events=(OutsideEvent(after=1, before=2, label="Menunggu Bupati"),))

        assert difference(table, with_new_row(table, 1)).outside_events == ()
