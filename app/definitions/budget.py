"""How much of a model is tried and looked through: a file made to keep the gate busy is given up in time."""

from collections.abc import Iterable

from app.engine.expressions import Expression

_COST_LENGTH = 50
_NODES_FOR_ONE = 100


class TooManyTrials(Exception):
    """What could be tried is more than may be."""


class Budget:
    """How much may still be tried; an expression costs by its length, a walk by the nodes that it passes."""

    def __init__(self, left: float) -> None:
        self.left = left

    def spend(self, expressions: Iterable[Expression]) -> None:
        """Count that expressions are worked out once; raises TooManyTrials when nothing is left."""
        self._take(sum(1 + len(one.source) // _COST_LENGTH for one in expressions))

    def walk(self) -> None:
        """Count that a node is passed; raises TooManyTrials when nothing is left."""
        self._take(1 / _NODES_FOR_ONE)

    def _take(self, cost: float) -> None:
        self.left -= cost
        if self.left < 0:
            raise TooManyTrials
