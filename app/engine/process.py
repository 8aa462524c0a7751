"""A model made ready to run."""

from dataclasses import dataclass

from app.engine.model import Model
from app.engine.process_spec import ProcessSpec
from app.engine.reading import read_model


@dataclass(frozen=True, slots=True)
class Process:
    """A model with its SpiffWorkflow specification. Immutable: any number of threads and instances share one."""

    model: Model
    spec: ProcessSpec


def read(data: bytes) -> Process:
    """Read a BPMN file and make its process ready to run.

    Raises:
        ModelRefused: the file cannot be run exactly as it is drawn; its findings say what to change.
    """
    return ready(read_model(data))


def ready(model: Model) -> Process:
    """Make a model that was examined without an error ready to run."""
    return Process(model, ProcessSpec(model))
