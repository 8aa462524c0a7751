"""The only door to SpiffWorkflow: bytes in, a frozen step out.

`read` makes a BPMN file ready to run or refuses it; `examine`, `check_conditions`, `check_runs` and `check_calls` tell
all that is wrong with one, and `compose` joins it with the processes that it calls. `start`, `complete`, `finish`,
`raise_error`, `wake`, `send`, `signal` and `cancel` move an instance from one state to the next, and `where` looks
without moving. `migrate` brings a state into another version of its model, `lacking` tells which
variables it will miss there, and `move` corrects by hand where it stands.
A state is opaque bytes. On any exception nothing has happened: the state that was passed in still holds.
"""

from app.engine.composition import check_calls, compose
from app.engine.correction import MoveRefused, move
from app.engine.decidable import check_conditions
from app.engine.door import cancel, complete, finish, raise_error, send, signal, start, wake, where
from app.engine.findings import Finding, ModelRefused
from app.engine.forms import FieldFault, check_values, default_of
from app.engine.lacking import Lack, lacking
from app.engine.migration import Migrated, TokenMoved, counterpart, migrate
from app.engine.model import Fault, FieldType, FormField, Loop, Model, Node, NodeKind
from app.engine.process import Process, read, ready
from app.engine.reading import Examined, examine, places_of
from app.engine.refusals import (
    CannotRepeat,
    EngineRefusal,
    NoFlowMatches,
    NotComposed,
    NothingCatches,
    NothingWaits,
    StateNotReadable,
    TimerOutOfBounds,
    TokenNotOpen,
    TooMuchWork,
    VariablesNotKept,
)
from app.engine.remedies import finding
from app.engine.runs import check_runs
from app.engine.step import OpenTask, Step, Wait

__all__ = [
    "CannotRepeat",
    "EngineRefusal",
    "Examined",
    "Fault",
    "FieldFault",
    "FieldType",
    "Finding",
    "FormField",
    "Lack",
    "Loop",
    "Migrated",
    "Model",
    "ModelRefused",
    "MoveRefused",
    "NoFlowMatches",
    "Node",
    "NodeKind",
    "NotComposed",
    "NothingCatches",
    "NothingWaits",
    "OpenTask",
    "Process",
    "StateNotReadable",
    "Step",
    "TimerOutOfBounds",
    "TokenMoved",
    "TokenNotOpen",
    "TooMuchWork",
    "VariablesNotKept",
    "Wait",
    "cancel",
    "check_calls",
    "check_conditions",
    "check_runs",
    "check_values",
    "complete",
    "compose",
    "counterpart",
    "default_of",
    "examine",
    "finding",
    "finish",
    "lacking",
    "migrate",
    "move",
    "places_of",
    "raise_error",
    "read",
    "ready",
    "send",
    "signal",
    "start",
    "wake",
    "where",
]
