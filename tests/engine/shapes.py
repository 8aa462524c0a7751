"""What random processes are drawn from: which features, and which names and values."""

from dataclasses import dataclass

from tests.engine.blocks import Variable


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn. Each switch takes a feature out, to look at the others alone."""

    depth: int = 3
    blocks: int = 12
    plain_ids: bool = False
    message_boundaries: bool = True
    empty_parallel_branches: bool = True
    terminate_events: bool = True
    loop_outermost: bool = False
    throws: bool = True
    cycles: bool = True
    repeats: bool = True


RETURNING = Shape(depth=2, blocks=6, terminate_events=False, loop_outermost=True, throws=False)

TEXTS = ("a", "b", "c")
ERROR_CODES = ("E1", "E2")
ESCALATION_CODES = ("S1", "S2")
TOPICS = ("arsip", "surel")
# What multi-instance tasks are counted by. Only lists of one length are changed while an instance runs.
PEOPLE = Variable("anggota", ([], ["a"], ["a", {"nama": "b"}], ["x", "y", "z"]))
LIST = Variable("daftar", (["a", "b"], [1, None]))
TIMES = Variable("banyak", (0, 1, 2, 3))
COMPLETE = (
    "${nrOfCompletedInstances > 1}",
    "${nrOfActiveInstances == 1}",
    "${loopCounter == 1}",
    "${nrOfInstances == 3 && nrOfCompletedInstances == 2}",
)
VARIABLE_NAMES = ("x1", "x2", "pilihan", "typename", "data", "state", "None_2", "jumlah_hari")
