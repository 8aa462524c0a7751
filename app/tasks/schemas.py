"""What the endpoints of user tasks take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field

from app.definitions.schemas import FormOut
from app.instances.schemas import ProcessInstanceOut, TaskSummary
from app.tasks.comments import MOST_CHARACTERS


class Standard(BaseModel):
    """A requirement or an output; `satisfied` is null until somebody has said so."""

    name: str
    satisfied: bool | None


class _StandardSaid(Standard):
    """What is said of a requirement or an output; null takes back what was said before."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Data", "satisfied": True}]})

    name: str = Field(max_length=2_000)


class _Checked(BaseModel):
    """What is said of the standard of a task; what is not named stays as it was."""

    requirements: list[_StandardSaid] = Field(default_factory=list, max_length=200)
    outputs: list[_StandardSaid] = Field(default_factory=list, max_length=200)

    def said(self) -> dict[str, dict[str, bool | None]]:
        """Return both parts by their names, as the commands take them; of one that is named twice, the last counts."""
        return {
            "requirements": {one.name: one.satisfied for one in self.requirements},
            "outputs": {one.name: one.satisfied for one in self.outputs},
        }


class TaskCompletion(_Checked):
    """The values of the form by which a task is completed, and what is said of its standard."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"variables": {"keputusan": "dikembalikan", "alasan": "Target triwulan III belum diisi."}}]
        },
    )

    variables: dict[str, Any] = Field(default_factory=dict, max_length=500)


class TaskChecklist(_Checked):
    """What is said of the standard of a task before it is completed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"requirements": [{"name": "Data kinerja", "satisfied": True}]}]},
    )


class NewComment(BaseModel):
    """A comment to be written at a task."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "Data bidang menyusul besok."}]})

    text: str = Field(max_length=MOST_CHARACTERS)


class Comment(BaseModel):
    """What somebody has written at a task."""

    id: str
    text: str
    author: str
    created_at: datetime


class _Draft(BaseModel):
    """What somebody has typed so far, as it was typed; `requirements` and `outputs` are those he has ticked."""

    variables: dict[str, Any] = Field(max_length=500)
    requirements: list[str] = Field(default_factory=list, max_length=200)
    outputs: list[str] = Field(default_factory=list, max_length=200)


class TaskDraft(_Draft):
    """What is kept of a form that is not sent yet."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"variables": {"alasan": "Target triwulan III bel"}}]}
    )


class TaskDraftOut(_Draft):
    """What the caller has typed and when it was saved."""

    saved_at: datetime


class DraftSaved(BaseModel):
    """When a draft was saved."""

    saved_at: datetime


class Candidate(BaseModel):
    """Somebody to whom a task can be given."""

    username: str
    name: str


class Candidates(BaseModel):
    """The people to whom a task can be given, by name."""

    items: list[Candidate]


class Assignment(BaseModel):
    """Who shall do a task; null gives it back to its role."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"assignee": "staf"}]})

    assignee: str | None = Field(max_length=255)


class _BulkAct(BaseModel):
    """What the acts on several tasks have in common."""

    model_config = ConfigDict(extra="forbid")

    task_ids: list[str] = Field(min_length=1, max_length=200)


def _example(**more: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{"task_ids": ["01a20540-9464-7e73-9e27-274f51b0f1e7"], **more}]})


class BulkClaim(_BulkAct):
    """Take several tasks."""

    model_config = _example(action="claim")

    action: Literal["claim"]


class BulkUnclaim(_BulkAct):
    """Give several tasks back to their roles."""

    model_config = _example(action="unclaim")

    action: Literal["unclaim"]


class BulkAssignment(_BulkAct, Assignment):
    """Give several tasks to one person; null gives them back to their roles."""

    model_config = _example(action="assign", assignee="staf")

    action: Literal["assign"]


class BulkCompletion(_BulkAct, TaskCompletion):
    """Complete several tasks, all with the same values."""

    model_config = _example(action="complete", variables={"keputusan": "setuju"})

    action: Literal["complete"]


BulkAct = Annotated[BulkClaim | BulkUnclaim | BulkAssignment | BulkCompletion, Body(discriminator="action")]


class TaskOut(BaseModel):
    """A user task as its performer gets it."""

    id: str
    name: str
    element_id: str
    activity_no: int | None
    state: str = Field(examples=["open", "completed", "cancelled"])
    visit: int
    process_instance_id: str
    process_definition_key: str
    process_definition_version: int
    process_definition_name: str
    activity_count: int
    business_key: str | None
    instance_title: str
    unit: str
    lane: str | None
    role: str | None
    assignee: str | None
    priority: int
    created_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    overdue: bool
    completed_at: datetime | None
    completed_by: str | None
    on_behalf_of: str | None
    decision: str | None
    reason: str | None
    standard_time: str | None
    requirements: list[Standard]
    outputs: list[Standard]


class TaskDetail(TaskOut):
    """A user task with its form; one of a multi-instance task has its loop counter and item as local variables.

    `acts` is what the caller may do with it as it is now.
    """

    form: FormOut
    local_variables: dict[str, Any]
    acts: list[Literal["claim", "unclaim", "assign", "complete"]]
    documents: list[dict[str, Any]]
    comments: list[Comment]


class TaskPage(BaseModel):
    """A page of user tasks."""

    items: list[TaskOut]
    next_cursor: str | None


class TaskCounts(BaseModel):
    """How many open tasks the caller has, each figure exact up to 1,000; `capped` says that one is at that end."""

    mine: int
    claimable: int
    overdue: int
    by_process: dict[str, int]
    capped: bool


class TaskCompleted(BaseModel):
    """A completed task, where its instance stands now, and the tasks that this opened."""

    task: TaskOut
    process_instance: ProcessInstanceOut
    next_tasks: list[TaskSummary]


class BulkResult(BaseModel):
    """What became of one of several tasks: its status, and the answer or the problem."""

    model_config = ConfigDict(extra="allow")

    task_id: str
    status: int


class BulkResults(BaseModel):
    """What became of each task, in the order they were named."""

    results: list[BulkResult]
