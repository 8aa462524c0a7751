"""A table written down and read back is the same table, as YAML and as BPMN."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.xml import parse
from app.sop.read import read
from app.sop.table import SopTable
from app.sop.tables import dump_table, load_table
from app.sop.write import write
from tests.sop.geometry import faults
from tests.sop.random_tables import random_table

tables = st.builds(random_table, st.integers(0, 2**32), roles=st.integers(2, 9), rows=st.integers(3, 25))
large_tables = st.builds(random_table, st.integers(0, 2**32), roles=st.integers(2, 9), rows=st.integers(50, 60))


class TestRoundTrip:
    @settings(max_examples=60, deadline=None)
    @given(tables)
    def test_a_bpmn_file_gives_the_whole_table_back(self, table: SopTable) -> None:
        assert read(parse(write(table))) == table

    @settings(max_examples=60, deadline=None)
    @given(tables)
    def test_a_table_file_gives_the_whole_table_back(self, table: SopTable) -> None:
        assert load_table(dump_table(table)) == table

    @settings(max_examples=10, deadline=None)
    @given(tables)
    def test_the_same_table_gives_the_same_bytes(self, table: SopTable) -> None:
        assert write(load_table(dump_table(table))) == write(table)


class TestDrawing:
    @settings(max_examples=60, deadline=None)
    @given(tables)
    def test_nothing_overlaps_and_every_flow_finds_its_way(self, table: SopTable) -> None:
        assert faults(write(table)) == []

    @settings(max_examples=4, deadline=None)
    @given(large_tables)
    def test_it_holds_for_the_longest_tables(self, table: SopTable) -> None:
        assert faults(write(table)) == []
