"""What SpiffWorkflow gets in place of its script engine, which would evaluate Python."""

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment


class _NoScripts(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Models hold no code: conditions are compiled by `expressions`, so SpiffWorkflow must never evaluate anything."""

    def evaluate(self, expression: str, context: object, external_context: object = None) -> object:
        raise AssertionError("SpiffWorkflow asked to evaluate an expression")

    def execute(self, script: str, context: object, external_context: object = None) -> object:
        raise AssertionError("SpiffWorkflow asked to execute a script")


NO_SCRIPTS = PythonScriptEngine(environment=_NoScripts())
