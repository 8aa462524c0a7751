"""Call activities: a process and all that it calls, made into one process that runs as a whole.

A call becomes a scope like an embedded sub-process. What is in the called process has its id behind that of the call,
parted by a slash, which no id of a file has in it: `periksa/paraf` is the task `paraf` of what the call `periksa`
calls. While it runs, the called process shares the variables of the instance; its start form is not asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from app.core.text import Text
from app.engine.catching import static_catchers
from app.engine.coming import ALWAYS_FAILS, never_coming, never_done, never_thrown
from app.engine.endless import endless_cycle
from app.engine.findings import Finding, ModelRefused
from app.engine.model import Flow, Model, Node, NodeKind
from app.engine.process import Process
from app.engine.process_spec import ProcessSpec
from app.engine.remedies import finding
from app.engine.soundness import ENDLESS

MAX_DEPTH = 10
MAX_NODES = 5_000


def compose(process: Process, called: Mapping[str, Process]) -> Process:
    """Put in the place of each call what it calls, by the id of the called process, and so on within that.

    A process without calls is returned as it is. An element of a file is named by its own id in what is said of it, so
    the findings are about the calls of `process`.

    Raises:
        ModelRefused: a called process is missing, calls itself, lies too deep, makes the whole too large, throws an
            error that nothing catches, or closes a cycle in which nothing waits.
    """
    if not process.spec.uncomposed:
        return process
    whole = _Whole({key: one.model for key, one in called.items()})
    whole.put_together(process.model)
    if whole.findings:
        raise ModelRefused(tuple(whole.findings.values()))
    model = replace(process.model, nodes=whole.nodes, flows=whole.flows, lanes=tuple(dict.fromkeys(whole.lanes)))
    return Process(model, ProcessSpec(model))


def check_calls(model: Model, called: Mapping[str, Model]) -> tuple[Finding, ...]:
    """Say why a model could not be composed with what it calls, at its own calls.

    A called process that is missing is a warning, since it may come later; until then it is taken to wait.
    """
    whole = _Whole(called)
    whole.put_together(model)
    said = (
        replace(finding, severity="warning") if finding.code == "call-missing" else finding
        for finding in whole.findings.values()
    )
    return *said, *(_never_coming(model, whole.nodes) if whole.is_sound else ())


def _never_coming(model: Model, whole: Mapping[str, Node]) -> Iterator[Finding]:
    """Say which events of a model and ways out of its calls come to nothing by what is called."""
    for at in sorted({*never_coming(whole)} & model.nodes.keys() - {*never_coming(model.nodes)}):
        yield finding("warning", "event-never-comes", never_thrown(model.nodes[at]), at)
    for at in sorted({*never_done(whole)} & model.nodes.keys() - {*never_done(model.nodes)}):
        yield finding("warning", "never-done", ALWAYS_FAILS, at)


class _Whole:
    """What has been put together so far; one finding at most for each call of the outermost process.

    Whether the calls come to an end, and in how many elements, is worked out first, by process and depth and not by
    call: what is too large is never built. Building and checking cost what the elements of the whole do.
    """

    def __init__(self, called: Mapping[str, Model]) -> None:
        self.called = called
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[str] = []
        self.findings: dict[str, Finding] = {}
        # Of processes that can be called at a depth: the first that is missing in them, and how large they are.
        self._missing: dict[tuple[str, int], _Fault | None] = {}
        self._sizes: dict[str, int] = {}
        self._counts: dict[str, Counter[str]] = {}

    def put_together(self, model: Model) -> None:
        """Add a model with all that it calls, and check what only the whole can show, as far as it is whole."""
        size, calls = len(model.nodes), _calls_of(model)
        faults = {key: self._fault(key, (model.id,)) for key in dict.fromkeys(key for _, key in calls)}
        for call, key in calls:
            fault = faults[key]
            if fault is None or fault.code == "call-missing":
                size += self._sizes.get(key, 0)
                fault = fault if size <= MAX_NODES else _Fault("call-too-large", _TOO_LARGE)
            if fault is not None:
                self._refuse_call(call, fault.code, fault.text)
        if self.is_sound:
            self._add(model, prefix="", scope=None)
            self._check_whole()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong but that a called process is not there yet."""
        return all(finding.code == "call-missing" for finding in self.findings.values())

    def _fault(self, process_id: str, within: tuple[str, ...]) -> "_Fault | None":
        """Return why a process cannot be called inside others, `within` from the outermost on; null if it can."""
        model = self.called.get(process_id)
        if process_id in within:
            return _Fault("call-cycle", _cycle((*within, process_id)))
        if model is None:
            return _Fault("call-missing", _missing(process_id))
        if len(within) > MAX_DEPTH:
            return _Fault("call-too-deep", _TOO_DEEP)
        place = process_id, len(within)
        if place not in self._missing:
            calls, missing = self._counted(process_id, model), None
            for key in calls:
                fault = self._fault(key, (*within, process_id))
                if fault is not None and fault.code != "call-missing":
                    return fault
                missing = missing or fault
            self._missing[place] = missing
            self._sizes[process_id] = len(model.nodes) + sum(
                times * self._sizes.get(key, 0) for key, times in calls.items()
            )
        return self._missing[place]

    def _counted(self, process_id: str, model: Model) -> Counter[str]:
        """How often a process calls each other one."""
        if process_id not in self._counts:
            self._counts[process_id] = Counter(key for _, key in _calls_of(model))
        return self._counts[process_id]

    def _add(self, model: Model, *, prefix: str, scope: str | None) -> None:
        """Add a model inside a scope, with all that it calls and is there."""
        self.lanes += model.lanes
        flows = model.flows if not prefix else {flow.id: _moved(flow, prefix) for flow in model.flows.values()}
        self.flows |= {flow.id: flow for flow in flows.values()}
        calls = dict(_calls_of(model))
        for node in model.nodes.values():
            moved = node
            if prefix:
                moved = replace(
                    node,
                    id=prefix + node.id,
                    scope=scope if node.scope is None else prefix + node.scope,
                    outgoing=tuple(flows[flow.id] for flow in node.outgoing),
                    incoming=tuple(flows[flow.id] for flow in node.incoming),
                    default_flow=None if node.default_flow is None else prefix + node.default_flow,
                    attached_to=None if node.attached_to is None else prefix + node.attached_to,
                )
            self.nodes[moved.id] = moved
            if node.id in calls and calls[node.id] in self.called:
                self._add(self.called[calls[node.id]], prefix=f"{moved.id}/", scope=moved.id)

    def _check_whole(self) -> None:
        for at, caught in static_catchers(self.nodes).items():
            fault = self.nodes[at].fault
            if caught is None and fault is not None and fault.kind == "error" and "/" in at:
                self._refuse_call(at, "error-not-caught", _not_caught(at, fault.code or ""))
        cycle = endless_cycle(self.nodes)
        if cycle:
            inside = (at for at in cycle if "/" in at or self.nodes[at].kind is NodeKind.CALL)
            self._refuse_call(next(inside, cycle[0]), "endless-cycle", ENDLESS)

    def _refuse_call(self, at: str, code: str, text: Text) -> None:
        call = at.split("/")[0]
        # What is missing may come: another fault of the same call would stay.
        if call not in self.findings or self.findings[call].code == "call-missing":
            self.findings[call] = finding("error", code, text, call)


class _Fault(NamedTuple):
    code: str
    text: Text


def _calls_of(model: Model) -> list[tuple[str, str]]:
    """Return the calls of a model that nothing stands in yet, each with what it calls."""
    filled = {node.scope for node in model.nodes.values()}
    return [(call, key) for call, key in model.calls.items() if call not in filled]


def _moved(flow: Flow, prefix: str) -> Flow:
    return Flow(prefix + flow.id, prefix + flow.source, prefix + flow.target, flow.name, flow.condition)


_TOO_DEEP = Text(
    f"Panggilan proses bertingkat lebih dari {MAX_DEPTH}. Kurangi tingkatnya.",
    f"The calls are nested more than {MAX_DEPTH} deep. Use fewer levels.",
)
_TOO_LARGE = Text(
    f"Bersama semua proses yang dipanggil, proses ini memuat lebih dari {MAX_NODES} unsur. Pecah menjadi beberapa.",
    f"With all that it calls, the process has more than {MAX_NODES} elements. Split it into several.",
)


def _missing(process_id: str) -> Text:
    return Text(
        f"Belum ada proses '{process_id[:255]}' yang dapat dipanggil. Unggah proses itu sebelum proses ini dimulai, "
        "atau perbaiki id-nya.",
        f"There is no process '{process_id[:255]}' to call yet. Deploy it before this process is started, or correct "
        "the id.",
    )


def _cycle(path: tuple[str, ...]) -> Text:
    way = " → ".join(path)
    return Text(
        f"Proses-proses ini saling memanggil tanpa akhir: {way}. Gambarlah pengulangan dengan gateway.",
        f"These processes call each other without end: {way}. Draw a repetition with a gateway.",
    )


def _not_caught(at: str, code: str) -> Text:
    return Text(
        f"Galat '{code}' dari '{at}' tidak ditangkap. Tempelkan peristiwa tepi galat pada panggilan ini.",
        f"Nothing catches the error '{code}' of '{at}'. Put an error boundary event on this call.",
    )
