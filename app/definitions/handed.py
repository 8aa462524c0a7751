"""What a call has to hand over: nobody fills in the start form of a process that is called."""

from collections.abc import Iterator, Mapping, Sequence

from app.core.text import Text
from app.definitions.given import DECIDED, gives, is_answered
from app.definitions.provided import read_by
from app.engine.findings import Finding
from app.engine.model import Model


def check_handed(model: Model, called: Mapping[str, Model], sent: Sequence[Model] = ()) -> Iterator[Finding]:
    """Yield the calls of a model inside which something is read that only a start form would have given.

    `called` are all processes that it calls, directly or not, as far as they are there; `sent` those that may call it
    in turn. An error where nothing in all of them gives it; a warning where it may come from outside.
    """
    named = gives(model, start=True).union(*(gives(one, start=False) for one in called.values()))
    by_callers = frozenset[str]().union(*(gives(one, start=True) for one in _callers(model, sent)))
    missing = any(key not in called for one in (model, *called.values()) for key in one.calls.values())
    free = not model.start_form or any(is_answered(one) for one in (model, *called.values()))
    for call, key in model.calls.items():
        for name, asked in sorted(_read_inside(key, called).items()):
            if name in named:
                continue
            if missing or name in by_callers or (free and name not in DECIDED):
                # Where its own form does not ask for it either, the called process has its own warning.
                if asked:
                    yield Finding("warning", "variable-from-outside", _may_be_missing(key, name), call, remedy=_REMEDY)
            else:
                yield Finding("error", "variable-never-set", _is_missing(key, name), call, remedy=_REMEDY)


def _callers(model: Model, sent: Sequence[Model]) -> Sequence[Model]:
    callers = {model.id}
    while more := {one.id for one in sent if callers & set(one.calls.values())} - callers:
        callers |= more
    return [one for one in sent if one.id in callers - {model.id}]


def _read_inside(key: str, called: Mapping[str, Model]) -> dict[str, bool]:
    """Return what is read inside a called process and whatever it calls that a start may give: whether a form asks."""
    read: dict[str, bool] = {}
    pending, seen = [key], set[str]()
    while pending:
        at = pending.pop()
        if at in seen or at not in called:
            continue
        seen.add(at)
        one = called[at]
        pending += one.calls.values()
        asked = {field.id for field in one.start_form}
        for name in (name for node in one.nodes.values() for name in read_by(node)):
            if name in asked or not asked:
                read[name] = read.get(name, False) or name in asked
    return read


# --- What is said ---------------------------------------------------------------------------------------------------


def _is_missing(key: str, name: str) -> Text:
    process, shown = key[:80], name[:80]
    return Text(
        f"Di dalam '{process}' variabel '{shown}' dibaca, tetapi tidak ada yang mengisinya: formulir awal proses yang "
        "dipanggil tidak diminta.",
        f"Inside '{process}' the variable '{shown}' is read, but nothing gives it: the start form of a process that is "
        "called is not asked for.",
    )


def _may_be_missing(key: str, name: str) -> Text:
    process, shown = key[:80], name[:80]
    return Text(
        f"Di dalam '{process}' variabel '{shown}' dibaca, sedangkan formulir awal proses yang dipanggil tidak diminta: "
        "nilainya harus datang dari luar.",
        f"Inside '{process}' the variable '{shown}' is read, while the start form of a process that is called is not "
        "asked for: it has to come from outside.",
    )


_REMEDY = Text(
    "Tambahkan bidang bernama sama pada formulir awal proses ini atau tugas sebelum panggilan, atau pada tugas pertama "
    "proses yang dipanggil.",
    "Add a field of that name to the start form of this process or a task before the call, or to the first task of the "
    "called process.",
)
