"""What happened, as the one thing that a command tells the rest of the house."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from app.core.unit_of_work import UnitOfWork


@dataclass(slots=True)
class Chain:
    """The end of one hash chain of the trail; it is held by the row that the acts of the chain change anyway.

    `length` is the number of acts so far and `head` the hash of the last one (32 bytes; 32 zero bytes for none).
    """

    id: str
    length: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One act: who did what, when, and where it stands in which chain.

    `data` is plain JSON. `process` is the key of the SOP that the act is part of, empty outside instances; it is for
    counting, and no part of what the trail says.
    """

    type: str
    actor: str
    at: datetime
    unit_id: UUID
    chain: Chain
    data: Mapping[str, Any] = field(default_factory=dict)
    process: str = ""


Listener = Callable[["UnitOfWork", Event], None]
