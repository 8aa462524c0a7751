"""What Camunda says about activities in words of its own: external tasks, called processes and multi-instance tasks."""

from typing import NamedTuple

from lxml import etree

from app.core.text import Text
from app.engine.allowed import check_attributes, is_yes, unsupported
from app.engine.declared import is_expression
from app.engine.expressions import Expression, ExpressionFailed, ExpressionRefused, compile_expression
from app.engine.languages import is_juel
from app.engine.model import COUNTS, MAX_INSTANCES, Loop
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report
from app.engine.variables import name_fault
from app.engine.xml import text_of

_BUSINESS_KEY = "#{execution.processBusinessKey}"


class External(NamedTuple):
    """The topic of an external task, and its priority where it has one."""

    topic: str | None
    priority: int | None


def read_candidate_groups(element: etree._Element, report: Report) -> tuple[str, ...]:
    """Return the role keys that a user task names, one at most."""
    groups = element.get(CAMUNDA + "candidateGroups")
    if groups is None:
        return ()
    if is_expression(groups):
        report.add(
            element,
            "group-expression",
            Text(
                "Candidate groups harus berupa kunci jabatan, bukan ekspresi.",
                "Candidate groups must be role keys, not an expression.",
            ),
        )
        return ()
    named = tuple(group.strip() for group in groups.split(",") if group.strip())
    if len(named) > 1:
        report.add(
            element,
            "several-groups",
            Text(
                "Satu tugas dikerjakan satu jabatan. Sisakan satu candidate group.",
                "One role performs a task. Leave one candidate group.",
            ),
        )
    return named


def read_priority(element: etree._Element, report: Report) -> int | None:
    """Return the priority of a user task, 0 to 100."""
    priority = element.get(CAMUNDA + "priority")
    if priority is None:
        return None
    priority = priority.strip()
    if len(priority) > 3 or not priority.isdecimal() or int(priority) > 100:
        report.add(
            element,
            "priority-refused",
            Text("Prioritas harus bilangan 0 sampai 100.", "The priority must be a whole number from 0 to 100."),
        )
        return None
    return int(priority)


def read_external(element: etree._Element, holder: etree._Element, report: Report) -> External:
    """Read an external task; `holder` has the attributes: the task itself, or the message definition of an event."""
    if holder.get(CAMUNDA + "type") != "external":
        word = etree.QName(element).localname
        report.add(element, "unsupported-element", unsupported(word))
        return External(None, None)
    topic = (holder.get(CAMUNDA + "topic") or "").strip()
    if not topic or is_expression(topic):
        report.add(
            element,
            "topic-expression" if topic else "topic-missing",
            Text(
                "Isi Topic dengan nama tetap, tanpa ekspresi, agar pelaksana luar menemukannya.",
                "Give a topic with a fixed name, without an expression, for the outside worker to find it by.",
            ),
        )
        return External(None, None)
    return External(topic, read_task_priority(element, holder, report))


def read_task_priority(element: etree._Element, holder: etree._Element, report: Report) -> int | None:
    """Read `camunda:taskPriority`, the order in which outside workers take tasks; the highest comes first."""
    written = holder.get(CAMUNDA + "taskPriority")
    if written is None:
        return None
    digits = written.strip().removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        report.add(
            element,
            "priority-refused",
            Text(
                "Task priority harus bilangan bulat tetap, misalnya 50.",
                "The task priority must be a fixed whole number, for example 50.",
            ),
        )
        return None
    return int(written)


def read_call(element: etree._Element, report: Report) -> str | None:
    """Return the id of the process that a call activity calls."""
    if element.get(CAMUNDA + "calledElementBinding", "latest") != "latest":
        report.add(
            element,
            "call-binding",
            Text(
                "Proses yang dipanggil selalu versi yang berlaku. Pilih Binding 'latest'.",
                "What is called is always the version in force. Choose the binding 'latest'.",
            ),
        )
    given = {"in": False, "out": False}
    for mapping in element.iterfind(f"{BPMN}extensionElements/*"):
        word = etree.QName(mapping).localname
        if mapping.tag not in (CAMUNDA + "in", CAMUNDA + "out"):
            continue
        attributes = {str(name): str(value) for name, value in mapping.attrib.items()}
        if attributes == {"variables": "all"}:
            given[word] = True
        elif word == "out" or attributes != {"businessKey": _BUSINESS_KEY}:
            written = " ".join(f'{name}="{value[:80]}"' for name, value in attributes.items())
            report.add(
                element,
                "call-variables",
                Text(
                    f"Pemetaan camunda:{word} {written} tidak dijalankan: selama panggilan, kedua proses memakai "
                    "variabel yang sama. Hapus, dan pilih 'Propagate all variables'.",
                    f"The mapping camunda:{word} {written} is not run: during a call both processes use the same "
                    "variables. Remove it and tick 'Propagate all variables'.",
                ),
            )
    for word, there in given.items():
        if not there:
            report.add(
                element,
                "call-variables",
                Text(
                    f"Centang 'Propagate all variables' pada bagian {word.title()} mappings "
                    f'(camunda:{word} variables="all"): kedua proses memakai variabel yang sama.',
                    f"Tick 'Propagate all variables' under {word.title()} mappings "
                    f'(camunda:{word} variables="all"): both processes use the same variables.',
                ),
            )
    called = (element.get("calledElement") or "").strip()
    if not called or is_expression(called):
        report.add(
            element,
            "call-target",
            Text(
                "Isi Called element dengan id tetap proses yang dipanggil, tanpa ekspresi.",
                "Give the called element as the fixed id of a process, without an expression.",
            ),
        )
        return None
    return called


def read_loop(element: etree._Element, report: Report) -> Loop | None:
    """Return how a user task is repeated, null if it is not."""
    loop = element.find(BPMN + "multiInstanceLoopCharacteristics")
    if loop is None or element.tag != BPMN + "userTask":
        return None
    check_attributes(loop, element, report)
    if loop.get("behavior", "All") != "All":
        report.add(element, "unsupported-element", unsupported("behavior"))
    cardinality = loop.find(BPMN + "loopCardinality")
    collection = loop.get(CAMUNDA + "collection")
    if (cardinality is None) == (collection is None):
        report.add(
            element,
            "loop-unclear",
            Text(
                "Isi tepat satu dari Loop cardinality atau Collection.",
                "Give exactly one of a loop cardinality and a collection.",
            ),
        )
        return None
    completion = loop.find(BPMN + "completionCondition")
    return Loop(
        sequential=is_yes(loop.get("isSequential")),
        cardinality=None if cardinality is None else _cardinality(element, cardinality, report),
        collection=None if collection is None else _name(element, collection, "Collection", report),
        element_variable=_element_variable(element, loop, collection is not None, report),
        completion=None if completion is None else _expression(element, completion, report),
    )


def _cardinality(owner: etree._Element, element: etree._Element, report: Report) -> int | Expression | None:
    expression = _expression(owner, element, report)
    if expression is None or expression.names:
        return expression
    try:
        times = expression({})
    except ExpressionFailed:
        times = None
    if isinstance(times, int) and not isinstance(times, bool) and 0 <= times <= MAX_INSTANCES:
        return times
    report.add(
        owner,
        "loop-cardinality",
        Text(
            f"Loop cardinality harus bilangan bulat, paling banyak {MAX_INSTANCES}.",
            f"The loop cardinality must be a whole number, {MAX_INSTANCES} at most.",
        ),
    )
    return None


def _element_variable(owner: etree._Element, loop: etree._Element, usable: bool, report: Report) -> str | None:
    written = loop.get(CAMUNDA + "elementVariable")
    if written is None:
        return None
    name = written.strip()
    if not usable or not name.isidentifier() or name in COUNTS or name_fault(name) is not None:
        report.add(
            owner,
            "element-variable",
            Text(
                "Element variable harus nama variabel biasa, dan hanya berarti bersama Collection.",
                "The element variable must be a plain name, and has a meaning only with a collection.",
            ),
        )
        return None
    return name


def _name(owner: etree._Element, written: str, word: str, report: Report) -> str:
    name = written.strip()
    if name[:2] in ("${", "#{") and name.endswith("}"):
        name = name[2:-1].strip()
    if not name.isidentifier() or name_fault(name) is not None:
        report.add(
            owner,
            "loop-collection",
            Text(
                f"{word} harus nama sebuah variabel, misalnya anggota atau ${{anggota}}.",
                f"{word} must be the name of a variable, for example anggota or ${{anggota}}.",
            ),
        )
    return name


def _expression(owner: etree._Element, element: etree._Element, report: Report) -> Expression | None:
    source = text_of(element)
    if not is_juel(element.get("language")) or element.get(CAMUNDA + "resource"):
        report.add(
            owner,
            "condition-language",
            Text(
                "Tulis ekspresi seperti ${nrOfCompletedInstances >= 2}, bukan skrip.",
                "Write an expression such as ${nrOfCompletedInstances >= 2}, not a script.",
            ),
        )
        return None
    try:
        return compile_expression(source)
    except ExpressionRefused as refusal:
        report.add(
            owner,
            "expression-refused",
            Text(f"{refusal.text.id}: {source[:200]}", f"{refusal.text.en}: {source[:200]}"),
        )
        return None
