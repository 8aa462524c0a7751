"""What can have a value in a process: the fields of its forms, and what comes in through its doors to outside.

A form gives its fields. A worker's answer, a message, and the start of a process without a start form give any name but
a decision and its reason, which only who decides gives; a process that is called gives any at all, since both use the
same variables, and so do the processes sent along that call this one. Signals carry none, and what an instance of a
multi-instance task has for itself no condition reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.definitions.budget import Budget
from app.definitions.sop_rules import DECISION, REASON
from app.definitions.ways import last_forms, side_by_side
from app.engine.model import FormField, Model, Node, NodeKind

DECIDED = frozenset({DECISION, REASON})
_ANSWERED = frozenset({NodeKind.EXTERNAL_TASK, NodeKind.EXTERNAL_EVENT})


class Given(NamedTuple):
    """What can have a value: the fields of forms by name, names of events, and what comes without being named.

    `free` says that a door gives any name but a decision, `shared` that a process that calls or is called gives some:
    any of `others`, or any at all where that is null. `settled` are the names that surely come from one of their
    fields: each way passes one of these, and nothing else may give them afterwards.
    """

    fields: Mapping[str, tuple[FormField, ...]]
    noted: frozenset[str]
    free: bool
    free_start: bool
    shared: bool
    others: frozenset[str] | None
    settled: frozenset[str] = frozenset()

    def names(self, name: str) -> bool:
        """Whether the model itself says that it can have a value."""
        return name in self.fields or name in self.noted

    def may_come(self, name: str) -> bool:
        """Whether it may come from outside although nothing in the model names it."""
        return self.others is None or name in self.others or (self.free and name not in DECIDED)

    def after_its_forms(self, name: str) -> bool:
        """Whether something else may give it after a form has; a door gives nothing that a form owns."""
        return self.shared or name in self.noted

    def only_by_forms(self, name: str) -> bool:
        """Whether nothing but a form can give it; no door gives what a form owns, but a start without a form may."""
        if name in self.settled:
            return True
        owned = name in self.fields and not self.after_its_forms(name)
        return owned and (name in DECIDED or not self.free_start)


def given_in(model: Model, sent: Iterable[Model] = ()) -> Given:
    """Return what can have a value in a model; `sent` are the models of the files that are sent with it."""
    fields: dict[str, tuple[FormField, ...]] = {}
    for form in (model.start_form, *(node.form for node in model.user_tasks)):
        for field in form:
            fields[field.id] = (*fields.get(field.id, ()), field)
    around = _around(model, {one.id: one for one in sent})
    calls = any(node.kind is NodeKind.CALL for node in model.nodes.values())
    if calls or around is None:
        others = None
    else:
        others = frozenset(name for one in around for name in (*given_in(one).fields, *_noted(one)))
    return Given(
        fields=fields,
        noted=_noted(model),
        free=any(_is_free(one) for one in (model, *(around or ()))),
        free_start=not model.start_form,
        shared=calls or around is None or bool(around),
        others=others,
    )


def given_before(
    given: Given, model: Model, node: Node, names: Iterable[str], budget: Budget, *, with_own: bool
) -> Given:
    """Return what can have a value at a node: of a name that forms give, the fields that may be the last before it.

    `with_own` says that the form of the node itself has been filled in.
    """
    # What is decided at once behind a form is decided by that form, whatever happens on other branches.
    at_once = side_by_side(model)
    fields, settled = dict(given.fields), set[str]()
    for name in names:
        if name not in given.fields or given.after_its_forms(name):
            continue
        own = tuple(field for field in node.form if with_own and field.id == name)
        last = own or last_forms(model, node, name, budget, at_once=at_once)
        if last:
            fields[name] = last
            settled.add(name)
    return given._replace(fields=fields, settled=frozenset(settled))


def _noted(model: Model) -> frozenset[str]:
    faults = [node.fault for node in model.nodes.values() if node.fault is not None]
    return frozenset(name for fault in faults for name in (fault.code_variable, fault.message_variable) if name)


def gives(model: Model, *, start: bool) -> frozenset[str]:
    """Return the names to which a model gives a value by itself; `start` says whether its start form is filled in."""
    forms = [node.form for node in model.user_tasks] + ([model.start_form] if start else [])
    return _noted(model) | {field.id for form in forms for field in form}


def is_answered(model: Model) -> bool:
    """Whether a message or an outside worker may bring variables into a model."""
    return any(node.message is not None or node.kind in _ANSWERED for node in model.nodes.values())


def _is_free(model: Model) -> bool:
    return is_answered(model) or not model.start_form


def _around(model: Model, sent: Mapping[str, Model]) -> Sequence[Model] | None:
    """Return the processes with which a model shares its variables when one of those sent along calls it, directly or
    not; null where one of them calls what is not sent, so that anything may come."""
    callers = {model.id}
    while more := {one.id for one in sent.values() if callers & set(one.calls.values())} - callers:
        callers |= more
    whole, pending = set[str](), [id_ for id_ in callers if id_ != model.id]
    while pending:
        id_ = pending.pop()
        if id_ not in sent:
            return None
        if id_ not in whole:
            whole.add(id_)
            pending += sent[id_].calls.values()
    return [sent[id_] for id_ in sorted(whole - {model.id})]
