"""How random processes are played: brisk or hesitant, with many returns or few."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Manner:
    """How a process is played: at most `steps` commands, back to rework with the chance `returns`; `waking` weighs
    the clock against the completion of tasks (6), messages (2) and signals (1), and `cancels` the end of it all; a
    share of the tasks, `neglect`, is completed only when no other is open."""

    steps: int = 60
    returns: float = 0.4
    waking: float = 2.0
    neglect: float = 0.0
    cancels: float = 0.0


# What runs beside the main path is left lying, round after round, so that several tokens come to one place.
CROWDING = Manner(steps=80, returns=0.85, waking=8.0, neglect=0.6)


def random_manner(random: Random) -> Manner:
    """Now brisk, now hesitant: with much returning and waking, paths beside the main one pile up."""
    return Manner(
        returns=random.choice((0.2, 0.5, 0.85)),
        waking=random.choice((1.0, 4.0, 16.0)),
        neglect=random.choice((0.0, 0.6)),
        cancels=random.choice((0.0, 0.0, 0.2)),
    )
