"""The six diagrams in bpmn/: what the office's book of SOPs says, all of it, ready to run."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from app.engine import door
from app.engine.process import Process
from app.engine.process import read as read_process
from app.engine.xml import parse
from app.sop.read import read
from app.sop.table import RETURN_KINDS, RETURNED, Provenance, SopTable
from app.sop.tables import load_table
from app.sop.write import write
from tests.sop.geometry import BPMN, faults

FOLDER = Path(__file__).parents[2] / "bpmn"
ROWS = {"pengumpulan-data-kinerja": 8, "renja": 13, "renstra": 13, "iku": 9, "lkj": 9, "evaluasi-kinerja": 13}
DECISIONS = {"pengumpulan-data-kinerja": 0, "renja": 5, "renstra": 3, "iku": 3, "lkj": 2, "evaluasi-kinerja": 2}
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
NOW = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
YEAR = {"tahun": 2027}
KNOWN = tuple(Provenance)


def diagram(name: str) -> bytes:
    return (FOLDER / f"{name}.bpmn").read_bytes()


def table(name: str) -> SopTable:
    return read(parse(diagram(name)))


def elements(name: str, tag: str) -> list[etree._Element]:
    return list(parse(diagram(name)).iter(f"{BPMN}{tag}"))


def walk(process: Process, variables: Mapping[str, object], answers: dict[str, list[str]]) -> list[str]:
    """Run an instance to its end and return the elements it visited; `answers` are decisions, `setuju` otherwise."""
    left = {task: list(decisions) for task, decisions in answers.items()}
    step = door.start(process, variables, now=NOW)
    path: list[str] = []
    while not step.finished:
        if step.open_tasks:
            [task] = step.open_tasks
            path.append(task.element_id)
            decision = left[task.element_id].pop(0) if left.get(task.element_id) else "setuju"
            step = door.complete(process, step.state, task.token, {"keputusan": decision}, now=NOW)
        else:
            [wait] = step.waits
            path.append(wait.element_id)
            step = door.send(process, step.state, wait.name or "", {}, now=NOW)
    return path


def rows(*numbers: int) -> list[str]:
    return [f"kegiatan_{number:02}" for number in numbers]


class TestContent:
    @pytest.mark.parametrize("name", ROWS)
    def test_each_is_its_table_drawn(self, name: str) -> None:
        source = load_table((FOLDER / "tables" / f"{name}.yaml").read_bytes())

        assert diagram(name) == write(source)
        assert table(name) == source

    def test_there_is_one_for_each_table_and_no_other(self) -> None:
        assert {path.stem for path in FOLDER.glob("*.bpmn")} == ROWS.keys()
        assert {path.stem for path in FOLDER.glob("tables/*.yaml")} == ROWS.keys()

    def test_they_hold_65_rows_and_67_user_tasks(self) -> None:
        assert {name: len(table(name).activities) for name in ROWS} == ROWS
        assert sum(ROWS.values()) == 65
        assert sum(len(elements(name, "userTask")) for name in ROWS) == 67

    def test_they_hold_15_decisions_two_of_them_tasks_of_their_own(self) -> None:
        own = [(name, d.row, d.decider) for name in ROWS for d in table(name).decisions if d.task is not None]

        assert {name: len(table(name).decisions) for name in ROWS} == DECISIONS
        assert sorted(own) == [("lkj", 5, "kasubag_perencanaan"), ("renstra", 10, "sekretaris")]

    @pytest.mark.parametrize("name", ROWS)
    def test_every_row_says_where_it_comes_from(self, name: str) -> None:
        for row in table(name).activities:
            assert row.role_provenance in KNOWN, row.number
            assert row.role_reason, row.number
            assert row.symbol_provenance in KNOWN, row.number
            assert row.statement_original, row.number
            assert row.source_line, row.number

    @pytest.mark.parametrize("name", ROWS)
    def test_every_outcome_says_where_it_comes_from(self, name: str) -> None:
        for decision in table(name).decisions:
            assert [outcome.provenance in KNOWN for outcome in decision.outcomes] == [True, True]

    @pytest.mark.parametrize("name", ROWS)
    def test_a_return_goes_to_a_row_of_work(self, name: str) -> None:
        kinds = {row.number: row.kind for row in table(name).activities}

        for decision in table(name).decisions:
            [target] = [outcome.target for outcome in decision.outcomes if outcome.code == RETURNED]
            assert isinstance(target, int)
            assert kinds[target] in RETURN_KINDS

    @pytest.mark.parametrize("name", ROWS)
    def test_nobody_is_named(self, name: str) -> None:
        assert table(name).identity.approval.name is None
        assert not re.search(r"\bEKO\b|\d{8} ?\d{6}", diagram(name).decode())

    def test_an_empty_standard_time_stays_empty(self) -> None:
        empty = [(name, row.number, row.standard_time_note) for name in ROWS for row in table(name).activities
                 if row.standard_time is None]  # fmt: skip

        assert empty == [
            ("pengumpulan-data-kinerja", 6, None),
            ("pengumpulan-data-kinerja", 7, None),
            ("pengumpulan-data-kinerja", 8, None),
            ("renja", 9, "menyesuaikan"),
        ]


class TestDrawing:
    @pytest.mark.parametrize("name", ROWS)
    def test_each_is_well_drawn(self, name: str) -> None:
        assert faults(diagram(name)) == []

    @pytest.mark.parametrize("name", ROWS)
    def test_lanes_carry_the_roles_of_the_table(self, name: str) -> None:
        lanes = [lane.get("name") for lane in elements(name, "lane")]

        assert lanes == [role.label for role in table(name).roles]


class TestForms:
    @pytest.mark.parametrize("name", ROWS)
    def test_only_deciding_tasks_have_a_form(self, name: str) -> None:
        decisions = table(name).decisions
        deciding = {f"{'keputusan' if d.task else 'kegiatan'}_{d.row:02}" for d in decisions}
        forms = {
            task.get("id"): [field.get("id") for field in task.iter(f"{CAMUNDA}formField")]
            for task in elements(name, "userTask")
        }

        assert {id_ for id_, fields in forms.items() if fields} == deciding
        assert all(fields in ([], ["keputusan", "alasan"]) for fields in forms.values())

    @pytest.mark.parametrize("name", ROWS)
    def test_the_start_asks_for_the_year(self, name: str) -> None:
        [start] = elements(name, "startEvent")
        fields = {
            field.get("id"): (
                field.get("type"),
                {item.get("name"): item.get("config") for item in field.iter(f"{CAMUNDA}constraint")},
            )
            for field in start.iter(f"{CAMUNDA}formField")
        }
        expected: dict[str, tuple[str, dict[str, str | None]]] = {"tahun": ("long", {"required": None})}
        if name == "pengumpulan-data-kinerja":
            expected["triwulan"] = ("long", {"required": None, "min": "1", "max": "4"})

        assert fields == expected


class TestRun:
    @pytest.mark.parametrize("name", [name for name in ROWS if name != "pengumpulan-data-kinerja"])
    def test_visits_every_row_once_when_all_agree(self, name: str) -> None:
        path = walk(read_process(diagram(name)), YEAR, {})

        assert [id_ for id_ in path if id_.startswith("kegiatan_")] == rows(*range(1, ROWS[name] + 1))

    @pytest.mark.parametrize("quarter", [1, 2, 3, 4])
    def test_a_half_year_is_reported_after_its_second_quarter(self, quarter: int) -> None:
        path = walk(read_process(diagram("pengumpulan-data-kinerja")), YEAR | {"triwulan": quarter}, {})

        assert path == (rows(*range(1, 9)) if quarter in (2, 4) else rows(*range(1, 6)))

    @pytest.mark.parametrize(("name", "row"), [(n, d.row) for n in ROWS for d in table(n).decisions])
    def test_a_return_repeats_every_row_since(self, name: str, row: int) -> None:
        decision = next(d for d in table(name).decisions if d.row == row)
        task = f"{'keputusan' if decision.task else 'kegiatan'}_{row:02}"
        [target] = [o.target for o in decision.outcomes if o.code == RETURNED]
        process = read_process(diagram(name))
        straight = walk(process, YEAR, {})

        path = walk(process, YEAR, {task: ["dikembalikan"]})

        returned, here = straight.index(f"kegiatan_{target:02}"), straight.index(task)
        assert path == straight[: here + 1] + straight[returned:]

    def test_the_bupati_is_waited_for_once(self) -> None:
        answers = {"kegiatan_11": ["dikembalikan"], "kegiatan_12": ["dikembalikan"]}

        path = walk(read_process(diagram("renja")), YEAR, answers)

        assert path.count("menunggu_pengesahan_bupati") == 1
        assert path.count("kegiatan_10") == 3
        assert path.index("menunggu_pengesahan_bupati") == path.index("kegiatan_09") + 1
