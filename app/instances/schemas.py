"""What the endpoints of process instances take and give."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.definitions.schemas import FormOut


class ProcessInstanceStart(BaseModel):
    """What starts a process: its key, or the id of one version, and the values of its start form."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"process_definition_key": "renja", "title": "Renja 2027", "variables": {"tahun": 2027}}]
        },
    )

    process_definition_key: str | None = Field(default=None, max_length=255)
    process_definition_id: str | None = Field(default=None, max_length=600)
    business_key: str | None = Field(default=None, max_length=255)
    title: str | None = Field(default=None, max_length=255)
    unit: str | None = Field(default=None, max_length=255)
    variables: dict[str, Any] = Field(default_factory=dict, max_length=500)


class Cancellation(BaseModel):
    """Why an instance is ended before its time."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"reason": "Dimulai untuk tahun yang salah."}]},
    )

    reason: str = Field(min_length=1, max_length=10_000)


class Migration(BaseModel):
    """Where an instance shall go; `mapping` names elements and flows whose ids are others there.

    With `dry_run` nothing is done, and the answer is the plan.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "process_definition_id": "renja:2:0a1b2c3d4e5f",
                    "dry_run": True,
                    "mapping": {"kegiatan_04": "kegiatan_05"},
                }
            ]
        },
    )

    process_definition_id: str = Field(min_length=1, max_length=600)
    dry_run: bool = False
    mapping: dict[str, str] = Field(default_factory=dict, max_length=2000)


class BulkMigration(Migration):
    """Which instances shall go where: those that are named, or those of a definition, as many as an answer holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "process_definition_id": "renja:2:0a1b2c3d4e5f",
                    "from_process_definition_id": "renja:1:9f8e7d6c5b4a",
                    "dry_run": True,
                }
            ]
        }
    )

    process_instance_ids: list[str] | None = Field(default=None, min_length=1, max_length=200)
    from_process_definition_id: str | None = Field(default=None, min_length=1, max_length=600)
    after: str | None = Field(
        default=None, max_length=64, description="`next_after` of the answer before, with the same definition."
    )


class Move(BaseModel):
    """Which open task is withdrawn, which row is opened instead, and why."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "cancel": "01a20540-9464-7e73-9e27-274f51b0f1e7",
                    "open": "kegiatan_04",
                    "reason": "Tim belum lengkap ketika langkah ini dibuka.",
                }
            ]
        },
    )

    cancel: str = Field(min_length=1, max_length=64, description="The id of the open task.")
    open: str = Field(min_length=1, max_length=255, description="The id of the element of the row.")
    reason: str = Field(min_length=1, max_length=10_000)


class Message(BaseModel):
    """A message for the instances that wait for it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "pengesahan_bupati", "business_key": "RENJA-2027"}]}
    )

    name: str = Field(min_length=1, max_length=255)
    business_key: str | None = Field(default=None, max_length=255)
    process_instance_id: str | None = Field(default=None, max_length=64)
    variables: dict[str, Any] = Field(default_factory=dict, max_length=500)


class MessageOut(BaseModel):
    """How many instances received the message."""

    correlated: int


class TaskSummary(BaseModel):
    """What everybody who sees an instance may know of its tasks."""

    id: str
    name: str
    element_id: str
    activity_no: int | None
    state: str = Field(examples=["open", "completed", "cancelled"])
    visit: int
    lane: str | None
    role: str | None
    assignee: str | None
    created_at: datetime
    due_at: datetime | None
    overdue: bool


class WaitOut(BaseModel):
    """Something outside people's work that an instance waits for."""

    element_id: str
    name: str
    kind: str = Field(examples=["message", "signal", "external", "timer"])
    message_name: str | None
    signal_name: str | None
    topic: str | None
    due_at: datetime | None


class Progress(BaseModel):
    """The lowest open row, and how many rows the SOP has."""

    activity_no: int | None
    activity_count: int


class Incident(BaseModel):
    """Why an instance is stopped, and since when."""

    reason: str
    raised_at: datetime


class ProcessInstanceOut(BaseModel):
    """A process instance; `incident` is null unless its status is that."""

    id: str
    process_definition_id: str
    process_definition_key: str
    process_definition_version: int
    business_key: str | None
    title: str
    unit: str
    status: str = Field(examples=["active", "suspended", "completed", "cancelled", "incident"])
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    open_tasks: list[TaskSummary]
    waiting_for: list[WaitOut]
    progress: Progress
    returns: int
    incident: Incident | None
    overdue: bool


class ProcessInstancePage(BaseModel):
    """A page of process instances."""

    items: list[ProcessInstanceOut]
    next_cursor: str | None


class VariablesOut(BaseModel):
    """The variables of an instance."""

    variables: dict[str, Any]


class HistoryItem(BaseModel):
    """One visit of a user task; `working_time` is ISO 8601 in working minutes, up to now while it is open."""

    task_id: str
    element_id: str
    activity_no: int | None
    name: str
    role: str | None
    visit: int
    state: str
    created_at: datetime
    completed_at: datetime | None
    completed_by: str | None
    on_behalf_of: str | None
    decision: str | None
    reason: str | None
    standard_time: str | None
    working_time: str
    due_at: datetime | None
    late: bool


class HistoryPage(BaseModel):
    """The history of an instance."""

    items: list[HistoryItem]
    next_cursor: str | None


class DiagramOut(BaseModel):
    """What to draw on the diagram of an instance."""

    xml_url: str
    active: list[str]
    visits: dict[str, int]
    flows_taken: dict[str, int]


class Act(BaseModel):
    """One act of the trail; `hash` is SHA-256 in hexadecimal."""

    sequence: int
    type: str
    actor: str
    at: datetime
    data: dict[str, Any]
    hash: str


class ActPage(BaseModel):
    """A page of the trail."""

    items: list[Act]
    next_cursor: str | None


class VerdictOut(BaseModel):
    """Whether the trail is whole."""

    valid: bool
    events: int
    head: str
    fault: str | None


class VersionOut(BaseModel):
    """A version of a process; `running` are the cases on it that the caller sees or may migrate, at most 1,000."""

    id: str = Field(examples=["renja:1:0a1b2c3d4e5f"])
    version: int
    version_tag: str | None
    effective_from: date | None
    deployment_name: str
    deployed_by: str
    deployed_at: datetime
    in_force: bool
    yet_to_come: bool
    running: int


class VersionsOut(BaseModel):
    """The versions of a process, the newest first."""

    items: list[VersionOut]


class StartableOut(BaseModel):
    """A process that the caller may start, in the version that holds where he would."""

    id: str = Field(examples=["renja:1:0a1b2c3d4e5f"])
    key: str
    version: int
    name: str
    unit: str
    activity_count: int
    start_form: FormOut


class StartableList(BaseModel):
    """What the caller may start, by name."""

    items: list[StartableOut]
