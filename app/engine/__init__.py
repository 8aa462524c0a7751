"""The only door to SpiffWorkflow: bytes in, a frozen step out.

`read` makes a BPMN file ready to run or refuses it; `start`, `complete`, `wake`, `send` and `cancel` move an instance
from one state to the next, and `where` looks without moving. `migrate` brings a state into another version of its
model, and `move` corrects by hand where it stands. A state is opaque bytes. On any exception nothing has happened: the
state that was passed in still holds.
"""

from app.engine.correction import MoveRefused, move
from app.engine.door import cancel, complete, send, start, wake, where
from app.engine.findings import Finding, ModelRefused
from app.engine.forms import FieldFault, check_values
from app.engine.migration import Migrated, TokenMoved, migrate
from app.engine.model import FieldType, FormField, Model, Node, NodeKind
from app.engine.process import Process, read
from app.engine.reading import places_of
from app.engine.refusals import (
    EngineRefusal,
    NoFlowMatches,
    NothingWaits,
    StateNotReadable,
    TimerOutOfBounds,
    TokenNotOpen,
    TooMuchWork,
    VariablesNotKept,
)
from app.engine.step import OpenTask, Step, Wait

__all__ = [
    "EngineRefusal",
    "FieldFault",
    "FieldType",
    "Finding",
    "FormField",
    "Migrated",
    "Model",
    "ModelRefused",
    "MoveRefused",
    "NoFlowMatches",
    "Node",
    "NodeKind",
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
    "check_values",
    "complete",
    "migrate",
    "move",
    "places_of",
    "read",
    "send",
    "start",
    "wake",
    "where",
]
