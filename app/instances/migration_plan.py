"""What a migration will do, told before it is done: to the tasks, the waits, the rows and the variables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app import engine
from app.core.text import Text
from app.definitions.catalogue import Definition, TaskPlan
from app.identity.office import Office
from app.instances.aggregate import Instance
from app.instances.migration_text import as_text
from app.instances.variables import owned_by_forms
from app.instances.views import Row, wait_row
from app.sop.changes import ChangeKind, Difference, RowRef

# What an open task takes from the target version; its times, visit and number of the token stay.
FOLLOWED = ("element_id", "name", "activity_no", "lane", "role_key", "standard_time")


def task_after(instance: Instance, plan: TaskPlan, row: Row, *, holds_role: bool) -> dict[str, Any]:
    """Return what an open task becomes; whoever has taken it keeps it if he holds its role there."""
    after = {name: getattr(plan, name) for name in FOLLOWED}
    if plan.role_key is None:
        return {**after, "assignee": instance.started_by, "claimed_at": row["claimed_at"]}
    keeps = row["assignee"] is None or holds_role
    return {
        **after,
        "assignee": row["assignee"] if keeps else None,
        "claimed_at": row["claimed_at"] if keeps else None,
    }


def own_findings(
    instance: Instance,
    target: Definition,
    mapping: Mapping[str, str],
    tasks: Sequence[Row],
    after: Mapping[int, Mapping[str, Any]],
    difference: Difference,
) -> Iterator[engine.Finding]:
    """Yield what is to be said of an instance beyond the engine's findings."""
    if target.id == instance.definition.id:
        yield engine.finding(
            "error",
            "same-version",
            Text(
                "Proses ini sudah berjalan pada versi tersebut. Pilih versi lain.",
                "The instance is at this version already. Choose another one.",
            ),
        )
    moved = suggested_mapping(difference)
    for row in tasks:
        element_id = row["element_id"]
        elsewhere = moved.get(element_id)
        if element_id not in mapping and elsewhere is not None and element_id in target.tasks:
            yield engine.finding(
                "error", "row-elsewhere", _row_elsewhere(row, elsewhere, target.tasks[element_id].name), element_id
            )
        becomes = after.get(row["token"])
        if becomes is not None and row["assignee"] is not None and becomes["assignee"] is None:
            yield engine.Finding("warning", "assignee-released", _released(row, becomes), element_id)


def suggested_mapping(difference: Difference) -> dict[str, str]:
    """Return which element stands for which where a diagram was drawn anew, so that its rows have other elements."""
    return {
        match.old.element_id: match.new.element_id
        for match in difference.matches
        if match.old.element_id and match.new.element_id and match.old.element_id != match.new.element_id
    }


def plan_json(
    instance: Instance,
    target: Definition,
    migrated: engine.Migrated,
    findings: Sequence[engine.Finding],
    tasks: Sequence[Row],
    after: Mapping[int, Mapping[str, Any]],
    difference: Difference,
    *,
    office: Office,
) -> dict[str, Any]:
    """Return the plan of a migration as clients get it, with the same as text."""
    source, step = instance.definition, migrated.step
    standing = engine.where(source.process, instance.state)
    variables = standing.variables
    plan = {
        "process_instance_id": instance.id,
        "business_key": instance.business_key,
        "title": instance.title,
        "status": instance.status,
        "before": _version(source),
        "after": _version(target),
        "allowed": not any(finding.severity == "error" for finding in findings),
        "findings": [finding_json(finding) for finding in findings],
        "tasks": [_task(row, after.get(row["token"])) for row in tasks],
        "tasks_opened": [_row(target.tasks[task.element_id]) for task in step.opened] if step is not None else [],
        "waits": list(_waits(instance, target, migrated, standing.waits)),
        "joins": [
            {
                "element_id_before": token.before,
                "element_id_after": token.after,
                "flow_before": token.flow_before,
                "flow_after": token.flow,
            }
            for token in migrated.tokens
            if token.flow_before is not None
        ],
        "rows_added": _rows(difference, ChangeKind.ADDED),
        "rows_removed": _rows(difference, ChangeKind.REMOVED),
        "variables_lost": sorted((owned_by_forms(source) - owned_by_forms(target)) & variables.keys()),
        "variables_missing": sorted(
            field.id for field in target.process.model.start_form if variables.get(field.id) is None
        ),
        "suggested_mapping": suggested_mapping(difference),
    }
    text = as_text(plan, {key: role.name for key, role in office.roles.items()})
    return {**plan, "text": text.id, "text_en": text.en}


def finding_json(finding: engine.Finding) -> dict[str, Any]:
    """Return a finding as clients get it, in Indonesian and English; only a refusal asks for something to be done."""
    refuses = finding.severity == "error"
    return {
        "severity": finding.severity,
        "code": finding.code,
        "element_id": finding.element_id,
        "message": finding.text.id,
        "message_en": finding.text.en,
        "remedy": finding.remedy.id if refuses else None,
        "remedy_en": finding.remedy.en if refuses else None,
    }


def _version(definition: Definition) -> dict[str, Any]:
    return {"process_definition_id": definition.id, "process_definition_version": definition.version}


def _task(row: Row, after: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "task_id": row["id"],
        "before": _row(row),
        "after": _row(after) if after is not None else None,
        "assignee_before": row["assignee"],
        "assignee_after": after["assignee"] if after is not None else None,
        "created_at": row["created_at"],
        "due_at": row["due_at"],
    }


def _row(row: Row | TaskPlan) -> dict[str, Any]:
    held = row if not isinstance(row, TaskPlan) else {name: getattr(row, name) for name in FOLLOWED}
    return {
        "element_id": held["element_id"],
        "activity_no": held["activity_no"],
        "name": held["name"],
        "lane": held["lane"],
        "role": held["role_key"],
        "standard_time": held["standard_time"],
    }


def _waits(
    instance: Instance, target: Definition, migrated: engine.Migrated, before: Sequence[engine.Wait]
) -> Iterator[dict[str, Any]]:
    """Yield what becomes of each wait: it is kept with its due time, ended, or begun by the migration."""
    after = {token.token: token.after for token in migrated.tokens}
    old, new = instance.definition.process.model.nodes, target.process.model.nodes
    for one in before:
        counterpart = after[one.token]
        told = wait_row(one, old)
        told["awaited_before"] = told["awaited"]
        if counterpart is not None:
            node = new[counterpart]
            told |= {"name": node.name or node.id, "awaited": node.message or node.signal or node.topic}
        becomes = "kept" if counterpart is not None else "ended"
        yield {**told, "element_id": one.element_id, "element_id_after": counterpart, "becomes": becomes}
    for one in migrated.step.waits_opened if migrated.step is not None else ():
        yield {
            **wait_row(one, new),
            "awaited_before": None,
            "element_id": None,
            "element_id_after": one.element_id,
            "becomes": "begun",
        }


def _rows(difference: Difference, kind: ChangeKind) -> list[dict[str, Any]]:
    refs = [change.new or change.old for change in difference.rows if change.kind == kind]
    return [
        {"element_id": ref.element_id, "activity_no": ref.number, "name": ref.name}
        for ref in refs
        if isinstance(ref, RowRef)
    ]


def _row_elsewhere(row: Row, elsewhere: str, name: str) -> Text:
    here = row["element_id"]
    return Text(
        f"Kegiatan '{row['name']}' ({here}) pada versi tujuan adalah unsur {elsewhere}; unsur {here} di sana adalah "
        f"kegiatan '{name}'. Tulis dalam mapping {{'{here}': '{elsewhere}'}}, "
        f"atau {{'{here}': '{here}'}} bila memang menjadi '{name}'.",
        f"The activity '{row['name']}' ({here}) is the element {elsewhere} in the target version; {here} there is "
        f"'{name}'. Write in the mapping {{'{here}': '{elsewhere}'}}, or {{'{here}': '{here}'}} if it shall be "
        f"'{name}'.",
    )


def _released(row: Row, after: Mapping[str, Any]) -> Text:
    who, role_key, name = row["assignee"], after["role_key"], after["name"]
    return Text(
        f"{who} tidak memegang peran {role_key}, jadi tugas '{name}' dikembalikan kepada peran itu.",
        f"{who} does not hold the role {role_key}, so the task '{name}' goes back to that role.",
    )
