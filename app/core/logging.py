"""Logs as one JSON object a line, or as text for a person at a terminal."""

import io
import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from app.core import trace
from app.core.settings import Settings

# C0 and C1, DEL, and what turns the direction of a text or ends its line.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_OR_BREAK = re.compile(_CONTROL.pattern.replace("[", r"[\t\n", 1))


def configure(settings: Settings) -> None:
    """Send the logs of the service and of its libraries to standard error in the chosen form.

    Tracebacks are without the values of variables: those hold passwords, tokens and what people wrote into forms.
    Control characters are escaped: nothing that is logged moves a terminal's cursor or begins a line of its own.
    """
    shared: list[Processor] = [
        _name_trace,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor] = (
        [
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
            _escape_delete,
        ]
        if settings.log_format == "json"
        else [
            _escape_texts,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # SpiffWorkflow reports every change of a task's state; the trail says the same in our own words.
    logging.getLogger("spiff").setLevel(logging.ERROR)
    # What the provider is asked is in addresses and heads, which hold codes and the client's secret.
    for name in ("httpx2", "httpcore2", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def _name_trace(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Say which request or chore a line belongs to."""
    trace_id = trace.current_id()
    if trace_id:
        line.setdefault("trace_id", trace_id)
    return line


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def _escape_texts(_logger: object, _method: str, line: EventDict) -> EventDict:
    return {
        name: _CONTROL_OR_BREAK.sub(_escape, value) if isinstance(value, str) else value for name, value in line.items()
    }


def _escape_delete(_logger: object, _method: str, line: Any) -> str:
    """Escape the one control character that JSON leaves as it is; all others are escaped with what is not ASCII."""
    return str(line).replace("\x7f", "\\u007f")


def _traceback(stream: TextIO, error: ExcInfo) -> None:
    """Write a traceback over several lines; what its message holds of other control characters is escaped."""
    written = io.StringIO()
    structlog.dev.plain_traceback(written, error)
    stream.write(_CONTROL.sub(_escape, written.getvalue()))
