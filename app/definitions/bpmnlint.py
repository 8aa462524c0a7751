"""bpmnlint's recommended rules, run on one file within bounds.

Importing this module loads the package bpmn-io (some 10 MB), so `app.definitions.lint` does it at the first lint.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from bpmn_io.bpmn_moddle import BpmnModdle
from bpmn_io.lint.config.recommended import CONFIG
from bpmn_io.lint.rules import RULES
from bpmn_io.lint.test_rule import Reporter
from bpmn_io.lint.traverse import traverse
from bpmn_io.moddle.base import ModdleElement
from bpmn_io.moddle.descriptor_builder import EffectiveDescriptor, PropertyDescriptor
from bpmn_io.moddle.registry import RegisteredPackage
from lxml import etree

from app.engine import xml
from app.engine.namespaces import BPMN

MAX_BYTES: Final = 1024 * 1024
MAX_ELEMENTS: Final = 10_000
MAX_SECONDS: Final = 2.0


class Remark(NamedTuple):
    """What a rule says of an element; the element is None where it has no id."""

    rule: str
    element_id: str | None
    message: str


class LintStopped(BaseException):
    """The file is too large or took too long.

    Not an Exception: the reader of bpmn-io takes any Exception for a fault of the file and goes on.
    """


def remarks(data: bytes, *, seconds: float = MAX_SECONDS) -> tuple[list[Remark], dict[str, Exception]]:
    """Return what the rules say of a file, rule by rule, and the rules that failed with their errors.

    Raises:
        LintStopped: the file is larger than the limits, or `seconds` have passed.
        Exception: the file cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise LintStopped("The file is too large.")
    _limit.at = time.monotonic() + seconds
    root: Any = _MODDLE.from_xml(_plain(data)).root_element
    traverse(root, enter=_prepare)
    # Each rule is made anew: some remember what they have seen. They walk together, as walking costs more than they do.
    reporters = {name: Reporter(root, rule()) for name, rule in _RECOMMENDED.items()}
    failed: dict[str, Exception] = {}

    def check(element: ModdleElement) -> None:
        for name, reporter in reporters.items():
            if name not in failed:
                try:
                    reporter.rule["check"](element, reporter)
                except Exception as error:
                    failed[name] = error

    traverse(root, enter=check)
    found = [
        Remark(name, _id(message["id"]), message["message"])
        for name, reporter in reporters.items()
        if name not in failed
        for message in reporter.messages
    ]
    return found, failed


def _plain(data: bytes) -> str:
    """Return a file without what no rule looks at, which is half of it: bpmn-io reads slowly."""
    document = xml.parse(data)
    etree.strip_elements(document, f"{BPMN}extensionElements", f"{BPMN}documentation", with_tail=False)
    if sum(1 for _ in document.iter()) > MAX_ELEMENTS:
        raise LintStopped("The file has too many elements.")
    return etree.tostring(document, encoding="unicode")


def _prepare(element: Any) -> None:
    """Let the rules see what is in the file, and nothing else.

    They read `incoming` and `outgoing` of a node, which a file may leave out: all would count as unconnected. And they
    would take an attribute that BPMN does not know in its place (a `default` of an event) for one that it does.
    """
    if not isinstance(element, ModdleElement):
        return
    element.attrs_.clear()
    if element.instance_of("bpmn:SequenceFlow"):
        for reference, flows in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
            node = element.get(reference)
            if isinstance(node, ModdleElement) and node.instance_of("bpmn:FlowNode"):
                known: Any = node.get(flows)
                if element not in known:
                    known.append(element)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Limit(threading.local):
    """When the lint that runs in this thread has to stop."""

    at: float = math.inf


_limit = _Limit()


class _Moddle(BpmnModdle):
    """The model of BPMN, which the reader asks about every element and the rules ask all along.

    Some rules compare each element with each other one, and the reader counts lines anew for each fault: without a
    limit, a small file could keep them busy for minutes.
    """

    def get_type(self, descriptor: str | EffectiveDescriptor) -> type[ModdleElement]:
        _check_time()
        return super().get_type(descriptor)

    def has_type(self, element: object, type: object = None) -> bool:
        _check_time()
        return super().has_type(element, type)

    def get_package(self, uri_or_prefix: str) -> RegisteredPackage | None:
        _check_time()
        return super().get_package(uri_or_prefix)

    def get_property_descriptor(
        self, element: ModdleElement | type[ModdleElement], property: str
    ) -> PropertyDescriptor | None:
        _check_time()
        return super().get_property_descriptor(element, property)


def _check_time() -> None:
    if time.monotonic() > _limit.at:
        raise LintStopped("The lint took too long.")


def _complete_model() -> _Moddle:
    """Return a model with every type made, so that threads may share it: from here on it is only read."""
    model = _Moddle()
    for name, definition in model.registry.type_map.items():
        if not definition["extends"]:  # what extends another type is made with that one
            model.get_type(name)
    return model


_MODDLE: Final = _complete_model()
_RECOMMENDED: Final[dict[str, Callable[..., dict[str, Any]]]] = {name: RULES[name] for name in CONFIG["rules"]}
