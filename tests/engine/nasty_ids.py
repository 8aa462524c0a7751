"""Ids for random processes, drawn from names that an engine might use for itself."""

from random import Random

NASTY_IDS = (
    "Start", "End", "Root", "None", "True", "start", "id.with-dots", "ünïcode", "_1", "_", "a-b", "x·y", "Ω",
    "日本語", "self", "data", "task", "main", "default", "typename", "workflow", "__class__", "Start.End", "null",
    "EndJoin", "children", "parent", "state", "nan", "StartEvent_1", "e1", "true",
)  # fmt: skip
NASTY_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", ".BoundaryEventParent", "_1", ".Start")


class Ids:
    """Gives each id once; `plain`: without surprises. What is `taken` is not given."""

    def __init__(self, random: Random, taken: str, *, plain: bool) -> None:
        self._random = random
        self._nastiness = 0.0 if plain else random.choice((0.0, 0.2, 0.6))
        self._ids: set[str] = {taken}
        self._numbers: dict[str, int] = {}

    def new(self, kind: str) -> str:
        if self._random.random() < self._nastiness:
            id_ = self._random.choice(NASTY_IDS)
            if self._ids and self._random.random() < 0.3:
                id_ = self._random.choice(sorted(self._ids)) + self._random.choice(NASTY_ENDINGS)
            if id_ not in self._ids:
                self._ids.add(id_)
                return id_
        while True:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            id_ = f"{kind}_{self._numbers[kind]}"
            if id_ not in self._ids:
                self._ids.add(id_)
                return id_
