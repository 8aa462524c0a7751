"""Text is measured and broken as bpmn-js does it; the lines were read off its drawing of these names."""

import pytest

from app.sop.text_size import LABEL_SIZE, NAME_SIZE, label_box, width_of, wrap


class TestWrap:
    @pytest.mark.parametrize(
        ("name", "lines"),
        [
            ("Memaraf IKU", ["Memaraf IKU"]),
            ("Menyosialisasikan laporan triwulan", ["Menyosialisasikan", "laporan triwulan"]),
            (
                "Menggandakan dan mendistribusikan Renja",
                ["Menggandakan", "dan", "mendistribusikan", "Renja"],
            ),
            ("Memerintahkan dan mengarahkan penyusunan IKU", ["Memerintahkan", "dan mengarahkan", "penyusunan IKU"]),
        ],
    )
    def test_breaks_task_names_where_the_modeler_does(self, name: str, lines: list[str]) -> None:
        assert wrap(name, 106, NAME_SIZE) == lines

    def test_breaks_a_word_that_no_line_holds(self) -> None:
        lines = wrap("Pertanggungjawabannya", 60, NAME_SIZE)

        assert "".join(lines) == "Pertanggungjawabannya"
        assert all(width_of(line, NAME_SIZE) <= 60 for line in lines)

    def test_nothing_has_no_lines(self) -> None:
        assert wrap("  ", 106, NAME_SIZE) == []


class TestLabelBox:
    def test_is_no_wider_than_its_text_needs(self) -> None:
        width, height = label_box("Setuju", 90)

        assert width_of("Setuju", LABEL_SIZE) <= width <= width_of("Setuju", LABEL_SIZE) + 4
        assert height == 15

    def test_breaks_no_word_to_be_narrower(self) -> None:
        width, _ = label_box("Menunggu pengesahan Bupati", 84)

        assert width >= width_of("pengesahan", LABEL_SIZE)
