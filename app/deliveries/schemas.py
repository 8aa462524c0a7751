"""What the interface to webhooks takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.deliveries.addresses import LONGEST_URL

DeliveryState = Literal["waiting", "done", "dead"]
# An act, or a kind of acts with its dot.
EventType = Annotated[
    str, Field(pattern=r"^[a-z_]+\.([a-z_-]+)?$", max_length=100, examples=["task.completed", "task."])
]


class WebhookToAdd(BaseModel):
    """An address to be told what happens in a unit and below it; without `types`, all of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://dasbor.example.id/alur", "unit": "disnaker", "types": ["task.completed"]}]
        },
    )

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
    unit: Annotated[str, Field(min_length=1, max_length=255)]
    types: Annotated[list[EventType], Field(max_length=50)] = []


class WebhookOut(BaseModel):
    """A webhook; one that is disabled says since when and why, and is told nothing until it is enabled."""

    id: UUID
    unit: str = Field(examples=["disnaker"])
    unit_name: str
    url: str
    types: list[str]
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None


class WebhookWithSecret(WebhookOut):
    """A webhook with what its messages are signed with, which is shown only now."""

    secret: str = Field(examples=["whsec_bWFyaSBraXRhIGNvYmEgZGVuZ2FuIHRpZ2EgcHVsdWg="])


class WebhookList(BaseModel):
    """The webhooks of the units that the caller administers."""

    items: list[WebhookOut]


class TryOut(BaseModel):
    """One try to deliver, and what came of it."""

    at: datetime
    milliseconds: int
    succeeded: bool
    told: str = Field(examples=["503 Service Unavailable"])


class DeliveryOut(BaseModel):
    """A message to a webhook: made (done), given up (dead), or to be tried at `next_try_at`. `id` is its webhook-id."""

    id: UUID
    state: DeliveryState
    created_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    message: dict[str, Any]
    tries: list[TryOut]


class DeliveryPage(BaseModel):
    """A page of deliveries; those that ended are kept for thirty days."""

    items: list[DeliveryOut]
    next_cursor: str | None
