"""What plays a process, and what can be seen of it after each command."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tests.engine.bpmn_drawing import Drawing
from tests.engine.process_net import Node
from tests.engine.tokens import ArmedEvent


@dataclass(frozen=True, slots=True)
class Seen:
    """What an engine shows after a command. `tasks` pairs its own token numbers with what is open, external too."""

    tasks: tuple[tuple[int, str], ...]
    waits: Counter[ArmedEvent]
    finished: bool
    variables: Mapping[str, Any]
    flows_taken: Mapping[str, int]
    visits: Mapping[str, int]
    signals: tuple[str, ...]


class Player(Protocol):
    """An engine with one running instance. Any exception it lets out counts as a difference."""

    def start(self, drawing: Drawing, variables: Mapping[str, Any], now: datetime) -> Seen: ...
    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen: ...
    def finish(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen: ...
    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> Seen:
        """If nobody catches it, nothing has happened, and nothing is taken or visited."""

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen: ...
    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> Seen: ...
    def wake(self, now: datetime) -> Seen: ...
    def cancel(self) -> Seen: ...


def shown_as(element: str, local: Mapping[str, Any]) -> str:
    """An open task in one text: its element, and its own variables if it is one of a multi-instance task."""
    return f"{element} {json.dumps(local, sort_keys=True)}" if local else element


def described(node: Node) -> str:
    """What a node is, for counting: its kind and what it waits for or throws."""
    words = [node.kind]
    if node.kind == "boundaryEvent":
        words.append("interrupting" if node.interrupting else "beside")
    if node.repeated is not None:
        words.append("one by one" if node.repeated.sequential else "side by side")
    named = {
        "terminate": node.terminates, "message": node.message, "signal": node.signal, "timer": node.duration,
        "cycle": node.cycle, "handed": node.topic if node.kind.endswith("Event") else None,
    }  # fmt: skip
    words += [word for word, there in named.items() if there]
    words += [node.fault.kind, "any" if node.fault.code is None else "code"] if node.fault is not None else []
    return " ".join(words)
