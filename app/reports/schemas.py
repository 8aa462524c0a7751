"""What the endpoints of figures and of the trail give. Working times are ISO 8601 in working minutes (`PT450M`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class SummaryOut(BaseModel):
    """How much runs, is late and was returned `since` the start of the month; each figure is exact up to 1,000."""

    running: int
    overdue: int
    returned: int
    since: datetime


class ProcessStats(BaseModel):
    """The figures of an SOP; running and overdue are as of now."""

    process_definition_key: str
    name: str
    running: int
    completed: int
    cancelled: int
    overdue: int
    returns: int
    median: str | None
    p90: str | None


class ProcessStatsOut(BaseModel):
    """The figures of SOPs; it begins with `start`, and what happened at `end` is not in it."""

    start: datetime
    end: datetime
    items: list[ProcessStats]


class StepStats(BaseModel):
    """The figures of a step: `late_share` from 0 to 1 of its visits with a due time, null where none had one."""

    process_definition_key: str
    element_id: str
    activity_no: int | None
    name: str
    role: str | None
    visits: int
    repeated: int
    returns: int
    median: str | None
    p90: str | None
    standard_time: str | None
    late_share: float | None


class StepStatsOut(BaseModel):
    """The figures of steps; the period begins with `start`, and what happened at `end` is not in it."""

    start: datetime
    end: datetime
    items: list[StepStats]


class StepOfCase(BaseModel):
    """A visit of a step: at which step of which case, and for which role."""

    process_instance_id: UUID
    process_definition_key: str
    business_key: str | None
    instance_title: str
    element_id: str
    activity_no: int | None
    name: str
    role: str | None
    visit: int


class ReturnOut(StepOfCase):
    """A case that was sent back: at which step, by which role, when and why."""

    returned_at: datetime
    reason: str | None


class LateTaskOut(StepOfCase):
    """An open task past its due time: at which step of which case, and since when."""

    assignee: str | None
    created_at: datetime
    due_at: datetime
    standard_time: str | None


class LateTaskPage(BaseModel):
    """A page of late tasks."""

    items: list[LateTaskOut]
    next_cursor: str | None


class ReturnPage(BaseModel):
    """A page of returns."""

    items: list[ReturnOut]
    next_cursor: str | None


class ActOfTrail(BaseModel):
    """An act of the trail, with the instance that it is about; null for an act of a unit. `hash` is in hexadecimal."""

    position: int
    process_instance_id: UUID | None
    business_key: str | None
    instance_title: str | None
    unit: str
    sequence: int
    type: str
    actor: str
    at: datetime
    data: dict[str, Any]
    hash: str


class TrailPage(BaseModel):
    """A page of the trail. It may hold less than asked for, or nothing, and still have a next one."""

    items: list[ActOfTrail]
    next_cursor: str | None


class HeadOut(BaseModel):
    """A head of the trail: it covers the acts up to `position`, which are `acts` in `chains` chains.

    `root` is that of the tree over the ends of the chains (RFC 6962), `previous` the `hash` of the head before. `key`
    is the public key of Ed25519 that made the `signature`; both are null for a head that nobody signed. All are in
    hexadecimal.
    """

    number: int
    at: datetime
    position: int
    chains: int
    acts: int
    root: str
    previous: str
    key: str | None
    signature: str | None
    hash: str


class HeadPage(BaseModel):
    """A page of heads."""

    items: list[HeadOut]
    next_cursor: str | None


class EventFeed(BaseModel):
    """Acts in the order in which they are followed, the oldest first; `next_after` is the next question's `after`."""

    items: list[ActOfTrail]
    next_after: str = Field(examples=["4711-1234"])
