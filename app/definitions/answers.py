"""What several people answer in one multi-instance task: each answer takes the place of the one before it."""

from collections.abc import Iterator

from app.core.text import Text
from app.engine.decidable import conditions_of
from app.engine.findings import Finding
from app.engine.model import Model


def check_answers(model: Model) -> Iterator[Finding]:
    """Yield the multi-instance tasks whose form asks for what a gateway reads, although only the last answer stays.

    Where the completion condition reads the field too, it says which answer is the last, as in a vote that ends with
    the first return.
    """
    read = {
        name
        for node in model.nodes.values()
        for flow in conditions_of(node)
        if flow.condition is not None
        for name in flow.condition.names
    }
    for task in model.user_tasks:
        if task.loop is None or task.loop.cardinality == 1:
            continue
        ends = task.loop.completion.names if task.loop.completion is not None else frozenset[str]()
        for name in sorted({field.id for field in task.form} & read - ends):
            yield Finding("warning", "last-answer-counts", _last_counts(name), task.id, remedy=_one_decides(name))


def _last_counts(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Tugas ini dikerjakan beberapa kali dan setiap kali mengisi '{shown}', padahal hanya jawaban terakhir yang "
        "tersimpan dan dibaca gateway.",
        f"This task is done several times and gives '{shown}' each time, but only the last answer is kept and read by "
        "a gateway.",
    )


def _one_decides(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Akhiri tugas ini pada jawaban yang menentukan dengan completion condition, misalnya ${{{shown} == "
        "'dikembalikan'}, atau serahkan keputusannya kepada satu orang dalam tugas tersendiri.",
        f"End the task with the answer that decides by a completion condition, as in ${{{shown} == 'dikembalikan'}}, "
        "or let one person decide in a task of its own.",
    )
