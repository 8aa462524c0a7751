from pathlib import Path

import pytest

from app.sop.draw import draw
from app.sop.errors import SopRefused

FOLDER = Path(__file__).parents[2] / "bpmn"


class TestDraw:
    def test_writes_the_diagram_of_a_table(self, tmp_path: Path) -> None:
        draw(FOLDER / "tables" / "lkj.yaml", tmp_path / "lkj.bpmn")

        assert (tmp_path / "lkj.bpmn").read_bytes() == (FOLDER / "lkj.bpmn").read_bytes()

    def test_leaves_an_earlier_diagram_alone_when_the_table_is_refused(self, tmp_path: Path) -> None:
        table, diagram = tmp_path / "rusak.yaml", tmp_path / "rusak.bpmn"
        table.write_text("key: rusak\n")
        diagram.write_bytes(b"sebelumnya")

        with pytest.raises(SopRefused):
            draw(table, diagram)

        assert diagram.read_bytes() == b"sebelumnya"
