"""Which variables an act may give to an instance: those of a form fit the form, others are named and small."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app import engine
from app.core.problems import Invalid, pointer
from app.definitions.catalogue import Definition
from app.engine.variables import LONGEST_TEXT, MOST_VARIABLES, is_too_large, name_fault

DECISION = "keputusan"
REASON = "alasan"


def within_form(form: Sequence[engine.FormField], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form gives: each field that was left out has its default, else null.

    So no value of an old round shines through, and conditions may ask for the empty field. A null that was sent stays:
    somebody has emptied the field.
    """
    return {**{field.id: engine.default_of(field) for field in form}, **values}


def ensure_fits(form: Sequence[engine.FormField], values: Mapping[str, Any]) -> None:
    """Check values against a form.

    Raises:
        Invalid: `errors` names every value that is unknown, missing or wrong.
    """
    _refuse([(fault.field, fault.message) for fault in engine.check_values(tuple(form), values)])


def ensure_free(values: Mapping[str, Any], *, owned: Collection[str] = ()) -> None:
    """Check values that no form asks for; `owned` are the names that they may not have.

    A decision and its reason are given by who decides, in the form of the task, and in no other way.

    Raises:
        Invalid: `errors` names every value whose name or size is refused.
    """
    faults: list[tuple[str, str]] = []
    for name, value in values.items():
        fault = name_fault(name)
        if fault is not None:
            faults.append((name, fault.en))
        elif name in (DECISION, REASON):
            faults.append((name, f"'{name}' is given by who decides, in the form of the task."))
        elif name in owned:
            faults.append((name, f"'{name}' belongs to a form of this process and is given there."))
        elif is_too_large(value):
            faults.append((name, f"'{name}' is larger than {LONGEST_TEXT:,} characters."))
    _refuse(faults)


def ensure_few(variables: Mapping[str, Any]) -> None:
    """Check how many variables an instance would hold.

    Raises:
        Invalid: they are more than an instance keeps.
    """
    if len(variables) > MOST_VARIABLES:
        message = f"An instance keeps at most {MOST_VARIABLES} variables; this would make {len(variables)}."
        raise Invalid(message, errors=[{"pointer": "/variables", "message": message}])


def owned_by_forms(definition: Definition) -> frozenset[str]:
    """Return the names of all fields of a process: of its start form and of every task."""
    model = definition.process.model
    forms = (model.start_form, *(node.form for node in model.user_tasks))
    return frozenset(field.id for form in forms for field in form)


def _refuse(faults: Sequence[tuple[str, str]]) -> None:
    if faults:
        errors = [{"pointer": pointer("variables", name), "message": message} for name, message in faults]
        raise Invalid("; ".join(message for _, message in faults[:5]), errors=errors)
