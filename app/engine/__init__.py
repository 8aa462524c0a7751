"""The only door to SpiffWorkflow: bytes in, a frozen step out.

`read` makes a BPMN file ready to run or refuses it, `examine` and `check_runs` tell all that is wrong with one;
`start`, `complete`, `wake`, `send` and `cancel` move an instance from one state to the next, and `where` looks without
moving. A state is opaque bytes. On any exception nothing has happened: the state that was passed in still holds.
"""

from app.engine.door import cancel, complete, send, start, wake, where
from app.engine.findings import Finding, ModelRefused
from app.engine.forms import FieldFault, check_values
from app.engine.model import FieldType, FormField, Model, Node, NodeKind
from app.engine.process import Process, read, ready
from app.engine.reading import Examined, examine, places_of
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
from app.engine.runs import check_runs
from app.engine.step import OpenTask, Step, Wait

__all__ = [
    "EngineRefusal",
    "Examined",
    "FieldFault",
    "FieldType",
    "Finding",
    "FormField",
    "Model",
    "ModelRefused",
    "NoFlowMatches",
    "Node",
    "NodeKind",
    "NothingWaits",
    "OpenTask",
    "Process",
    "StateNotReadable",
    "Step",
    "TimerOutOfBounds",
    "TokenNotOpen",
    "TooMuchWork",
    "VariablesNotKept",
    "Wait",
    "cancel",
    "check_runs",
    "check_values",
    "complete",
    "examine",
    "places_of",
    "read",
    "ready",
    "send",
    "start",
    "wake",
    "where",
]
