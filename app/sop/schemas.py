"""The SOP table as the JSON of `GET /process-definitions/{id}/sop`."""

from dataclasses import fields
from typing import Any

from app.sop.table import RETURNED, Activity, Branch, Decision, OutsideEvent, Role, SopTable


def read_table_json(table: SopTable) -> dict[str, Any]:
    """Return `table` as plain JSON values, nothing left out: null is what the table does not say."""
    labels = {role.key: role.label for role in table.roles}
    return {
        "key": table.key,
        "title": table.title,
        "title_original": table.title_original,
        "table_title_original": table.table_title_original,
        "identity": _plain(table.identity),
        "trigger": _plain(table.trigger),
        "roles": [_role(place, role) for place, role in enumerate(table.roles, 1)],
        "columns_note": table.columns_note,
        "activities": [_activity(table, row, labels) for row in table.activities],
        "outside_parties": list(table.outside_parties),
        "outside_events": [_event(event) for event in table.outside_events],
        "proposals": list(table.proposals),
        "stated_empty": list(table.stated_empty),
    }


def _role(place: int, role: Role) -> dict[str, Any]:
    return {"order": place, "key": role.key, "lane": role.label} | {
        "originals": list(role.originals),
        "provenance": role.provenance,
        "provenance_reason": role.reason,
    }


def _activity(table: SopTable, row: Activity, labels: dict[str, str | None]) -> dict[str, Any]:
    decision = None if row.number is None else table.decision_of(row.number)
    branch = None if row.number is None else table.branch_after(row.number)
    return {
        "activity_no": row.number,
        "name": row.name,
        "statement": row.statement,
        "role": row.role,
        "lane": labels.get(row.role or ""),
        "kind": row.kind,
        "symbol": row.symbol,
        "requirements": list(row.requirements),
        "standard_time": row.standard_time,
        "standard_time_note": row.standard_time_note,
        "standard_time_doubt": row.standard_time_doubt,
        "outputs": list(row.outputs),
        "remarks": list(row.remarks),
        "next": list(row.next),
        "per_unit": row.per_unit,
        "numbers_letter": bool(row.numbers_letter),
        "authority_warning": bool(row.authority_warning),
        "note": row.note,
        "originals": {
            "statement": row.statement_original,
            "requirements": row.requirements_original,
            "standard_time": row.standard_time_original,
            "outputs": row.outputs_original,
            "remarks": row.remarks_original,
            "source_line": row.source_line,
        },
        "proposals": {
            "requirements": _plain(row.requirements_proposed),
            "outputs": _plain(row.outputs_proposed),
        },
        "provenance": {
            "role": row.role_provenance,
            "role_reason": row.role_reason,
            "role_alternatives": list(row.role_alternatives or ()),
            "confidence": row.confidence,
            "symbol": row.symbol_provenance,
        },
        "decision": None if decision is None else _decision(decision, labels),
        "branch": None if branch is None else _branch(branch),
    }


def _decision(decision: Decision, labels: dict[str, str | None]) -> dict[str, Any]:
    return {
        "name": decision.gateway_label,
        "kind": decision.kind,
        "decider": decision.decider,
        "lane": labels.get(decision.decider or ""),
        "task": _plain(decision.task),
        "submitted_in": decision.submitted_in,
        "outcomes": [_plain(outcome) | {"reason_required": outcome.code == RETURNED} for outcome in decision.outcomes],
        "alternative_returns": list(decision.alternative_returns or ()),
        "provenance": decision.provenance,
        "quotation": decision.quotation,
        "note": decision.note,
    }


def _branch(branch: Branch) -> dict[str, Any]:
    return {
        "name": branch.gateway_label,
        "kind": branch.kind,
        "variable": branch.variable,
        "cases": [_plain(case) for case in branch.cases],
        "continuations": [_plain(item) for item in branch.continuations or ()],
        "provenance": branch.provenance,
        "provenance_reason": branch.reason,
    }


def _event(event: OutsideEvent) -> dict[str, Any]:
    plain = _plain(event)
    return {"name": plain.pop("label"), **plain}


def _plain(value: Any) -> Any:
    """Return a value of the table as JSON has it: dataclasses as objects, tuples as arrays."""
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
