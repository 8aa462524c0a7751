"""What several tests of the engine stand on."""

import builtins
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_python_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap Python's evaluators for whatever the engine calls, directly or through a library, in every test of it."""

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            frame: FrameType | None = sys._getframe(1)
            while frame is not None:
                assert not frame.f_globals["__name__"].startswith("app."), "the product reached Python's evaluator"
                frame = frame.f_back
            return original(*arguments, **options)

        return call

    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, guarded(getattr(builtins, name)))
