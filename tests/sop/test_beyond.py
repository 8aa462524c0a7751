"""What two files of an SOP say differently beyond its table is named, and what the table tells is not."""

import re

import pytest

from app.engine.xml import parse
from app.sop.beyond import beyond_the_table
from app.sop.changes import Elsewhere
from tests.sop.difference_tables import FOLDER, NAMES

SERVICE_TASK = '<bpmn:serviceTask id="kirim" name="Kirim" camunda:type="external" camunda:topic="kirim" />'


def parts(name: str, before: str, after: str) -> tuple[Elsewhere, ...]:
    """Return what is different beyond the table after one replacement in the text of a diagram."""
    text = (FOLDER / f"{name}.bpmn").read_text()
    changed = re.sub(before, after, text, count=1)
    assert changed != text
    return beyond_the_table(parse(text.encode()), parse(changed.encode()))


@pytest.mark.parametrize("name", NAMES)
class TestSixDiagrams:
    def test_cells_of_the_table_are_not_beyond_it(self, name: str) -> None:
        assert parts(name, 'name="waktu" value="[^"]*"', 'name="waktu" value="P9D"') == ()
        assert parts(name, "<bpmn:documentation>", "<bpmn:documentation>Segera ") == ()
        assert parts(name, 'name="judul" value="', 'name="judul" value="Tata Cara ') == ()
        assert parts(name, '(<bpmn:userTask id="kegiatan_02" name=")', r"\1Segera ") == ()

    def test_another_place_is_the_drawing(self, name: str) -> None:
        assert parts(name, '<dc:Bounds x="', '<dc:Bounds x="1') == (Elsewhere.DRAWING,)
        assert parts(name, '(<bpmn:startEvent id="mulai" name=")', r"\1Awal ") == (Elsewhere.DRAWING,)

    def test_another_field_of_the_start_form_is_the_start_form(self, name: str) -> None:
        assert parts(name, 'id="tahun" label="', 'id="tahun" label="Untuk ') == (Elsewhere.START_FORM,)

    def test_what_only_the_engine_reads_is_technical(self, name: str) -> None:
        task = '<bpmn:userTask id="kegiatan_02"'
        assert parts(name, task, f'{task} camunda:candidateGroups="staf"') == (Elsewhere.TECHNICAL,)
        assert parts(
            name, "<camunda:properties>", '<camunda:properties><camunda:property name="lain" value="1" />'
        ) == (Elsewhere.TECHNICAL,)
        assert parts(name, task, SERVICE_TASK + task) == (Elsewhere.TECHNICAL,)

    def test_the_same_content_under_other_prefixes_is_no_difference(self, name: str) -> None:
        text = (FOLDER / f"{name}.bpmn").read_text()
        written = text.replace("bpmn:", "b:").replace("xmlns:bpmn=", "xmlns:b=").replace("\n", "\n  ")

        assert beyond_the_table(parse(text.encode()), parse(written.encode())) == ()


class TestParts:
    def test_a_condition(self) -> None:
        assert parts("renja", "keputusan == 'setuju'", "keputusan != 'dikembalikan'") == (Elsewhere.CONDITIONS,)

    def test_a_field_of_a_task(self) -> None:
        assert parts("renja", 'label="Alasan pengembalian"', 'label="Alasan"') == (Elsewhere.FORMS,)

    def test_the_label_of_an_outcome_is_a_cell(self) -> None:
        assert parts("renja", '<camunda:value id="setuju" name="Setuju"', '<camunda:value id="setuju" name="Ya"') == ()

    def test_a_flow_between_service_tasks_is_technical_and_one_between_rows_is_not(self) -> None:
        flow = r'(<bpmn:sequenceFlow id="flow_kegiatan_02" sourceRef="kegiatan_02" targetRef=")\w+'

        assert parts("renja", flow, r"\1kegiatan_05") == ()
        assert parts("renja", flow, r"\1kirim") == (Elsewhere.TECHNICAL,)

    def test_a_note_in_the_diagram_is_the_drawing(self) -> None:
        note = '<bpmn:textAnnotation id="catatan"><bpmn:text>Segera</bpmn:text></bpmn:textAnnotation>'

        assert parts("renja", "</bpmn:process>", f"{note}</bpmn:process>") == (Elsewhere.DRAWING,)

    def test_another_message_name_is_technical_too(self) -> None:
        assert parts("renja", '(<bpmn:message id="[^"]*" name=")', r"\1x_") == (Elsewhere.TECHNICAL,)
