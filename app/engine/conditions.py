"""The conditions of sequence flows, read from a file."""

from lxml import etree

from app.core.text import Text
from app.engine.expressions import Expression, ExpressionRefused, compile_expression
from app.engine.languages import is_juel
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.remedies import parted
from app.engine.report import Report
from app.engine.xml import text_of

# Stands in for a condition that was refused, so that it does not count as missing too.
_REFUSED = compile_expression("false")


def read_condition(flow: etree._Element, report: Report) -> Expression | None:
    """Return the condition of a flow, null if it has none; for one that is refused another stands in."""
    element = flow.find(BPMN + "conditionExpression")
    if element is None:
        return None
    source = text_of(element)
    if not is_juel(element.get("language")) or element.get(CAMUNDA + "resource"):
        report.add(
            flow,
            "condition-language",
            Text(
                "Syarat harus berupa ekspresi seperti ${keputusan == 'setuju'}, bukan skrip.",
                "A condition must be an expression such as ${keputusan == 'setuju'}, not a script.",
            ),
        )
        return _REFUSED
    try:
        return compile_expression(source)
    except ExpressionRefused as refusal:
        what, remedy = parted(refusal.text, "expression-refused")
        report.add(
            flow,
            "expression-refused",
            Text(f"{what.id.rstrip('.')}: {source[:200]}", f"{what.en.rstrip('.')}: {source[:200]}"),
            remedy=remedy,
        )
        return _REFUSED
