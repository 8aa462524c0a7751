"""Which condition, timer or field is another one is told with its old and its new text."""

from app.engine.xml import parse
from app.sop.beyond import beyond_the_table
from app.sop.details import Detail, details
from app.sop.difference import difference
from app.sop.difference_text import as_text
from app.sop.read import read
from tests.drawings import END, START, chain, drawing, flow, task

FIELD = '<camunda:formField id="{}" type="long"><camunda:validation>{}</camunda:validation></camunda:formField>'
REQUIRED = '<camunda:constraint name="required"/>'


def version(days: str, least: int, *fields: str) -> bytes:
    event = (
        '<bpmn:boundaryEvent id="lewat" name="Terlambat" attachedToRef="a"><bpmn:timerEventDefinition>'
        f"<bpmn:timeDuration>{days}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:exclusiveGateway id="g" default="g_b"/><bpmn:endEvent id="b"/>'
    )
    form = f"<camunda:formData>{''.join(fields)}</camunda:formData>"
    asked = task("a", "Mengisi", f"<bpmn:extensionElements>{form}</bpmn:extensionElements>")
    ways = flow("g", "selesai", f"${{n &gt; {least}}}") + flow("g", "b") + flow("lewat", "b")
    return drawing("d", START + asked + event + END + chain("mulai", "a", "g") + ways)


OLD = version("P3D", 5, FIELD.format("n", REQUIRED))
NEW = version("P30D", 50, FIELD.format("n", REQUIRED), FIELD.format("y", REQUIRED))


def test_each_is_told_with_both_texts() -> None:
    assert set(details(parse(OLD), parse(NEW))) == {
        Detail("condition", "g_selesai", "g_selesai", "${n > 5}", "${n > 50}"),
        Detail("timer", "lewat", "Terlambat", "P3D", "P30D"),
        Detail("field", "a", "Mengisi", None, "y (long, required)"),
    }
    assert details(parse(OLD), parse(OLD)) == ()


def test_the_listing_says_them_in_both_languages() -> None:
    old, new = parse(OLD), parse(NEW)
    found = difference(read(old), read(new), beyond_the_table(old, new), details=details(old, new))

    assert "- Syarat pada 'g_selesai': dari '${n > 5}' menjadi '${n > 50}'." in as_text(found)
    assert "- The time at 'Terlambat': from 'P3D' to 'P30D'." in as_text(found, "en")
    assert "- The field at 'Mengisi': from none to 'y (long, required)'." in as_text(found, "en")
