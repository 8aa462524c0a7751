"""What a migration answers: its plan, or what became of several instances."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Version(BaseModel):
    """A version of a process."""

    process_definition_id: str
    process_definition_version: int


class PlannedRow(BaseModel):
    """A user task as a version has it."""

    element_id: str
    activity_no: int | None
    name: str
    lane: str | None
    role: str | None
    standard_time: str | None


class PlannedTask(BaseModel):
    """What becomes of an open task; `after` is null where it has no counterpart. Its times stay as they are."""

    task_id: str
    before: PlannedRow
    after: PlannedRow | None
    assignee_before: str | None
    assignee_after: str | None
    created_at: datetime
    due_at: datetime | None


class PlannedWait(BaseModel):
    """What becomes of a wait: it is kept with its due time, ended, or begun by the migration."""

    element_id: str | None
    element_id_after: str | None
    name: str
    kind: str = Field(examples=["message", "timer"])
    awaited: str | None = Field(description="The name of the message or the signal, or the topic, after the migration")
    awaited_before: str | None = Field(description="The same before it; null for a wait that begins")
    due_at: datetime | None
    becomes: str = Field(examples=["kept", "ended", "begun"])


class PlannedJoin(BaseModel):
    """A branch that waits at a join for others, and the flow by which it counts there."""

    element_id_before: str
    element_id_after: str | None
    flow_before: str
    flow_after: str | None


class RowOfTable(BaseModel):
    """A row that only one of the two versions has."""

    element_id: str | None
    activity_no: int | None
    name: str | None


class FindingOnMigration(BaseModel):
    """A refusal (`error`) with its remedy, or what should be known (`warning`); `…_en` is English."""

    severity: str = Field(examples=["error", "warning"])
    code: str = Field(examples=["no-counterpart", "armed", "assignee-released"])
    element_id: str | None
    message: str
    message_en: str
    remedy: str | None
    remedy_en: str | None


class MigrationPlan(BaseModel):
    """What a migration will do to one instance, and whether it can be done.

    `variables_lost` are those that a form of the present version asked for and none of the target does: they stay
    readable. `variables_missing` are fields of the target's start form that the instance has no value for.
    `suggested_mapping` pairs rows that are the same by their text and have other elements.
    """

    process_instance_id: str
    business_key: str | None
    title: str
    status: str
    before: Version
    after: Version
    allowed: bool
    findings: list[FindingOnMigration]
    tasks: list[PlannedTask]
    tasks_opened: list[PlannedRow]
    waits: list[PlannedWait]
    joins: list[PlannedJoin]
    rows_added: list[RowOfTable]
    rows_removed: list[RowOfTable]
    variables_lost: list[str]
    variables_missing: list[str]
    suggested_mapping: dict[str, str]
    text: str = Field(description="All of it in Indonesian, as lines for a person who decides on it")
    text_en: str


class MigrationResult(BaseModel):
    """What became of one instance: its status, and the instance or plan, or the problem."""

    model_config = ConfigDict(extra="allow")

    process_instance_id: str
    status: int


class MigrationResults(BaseModel):
    """What became of each instance; where there are more, `next_after` is what the next request gives as `after`."""

    results: list[MigrationResult]
    next_after: str | None
