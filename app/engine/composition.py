"""Call activities: a process and all that it calls, made into one process that runs as a whole.

A call becomes a scope like an embedded sub-process. What is in the called process has its id behind that of the call,
parted by a slash, which no id of a file has in it: `periksa/paraf` is the task `paraf` of what the call `periksa`
calls. While it runs, the called process shares the variables of the instance; its start form is not asked for.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.core.text import Text
from app.engine.catching import static_catchers
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
    return tuple(
        replace(finding, severity="warning") if finding.code == "call-missing" else finding
        for finding in whole.findings.values()
    )


class _Whole:
    """What has been put together so far; one finding at most for each call of the outermost process."""

    def __init__(self, called: Mapping[str, Model]) -> None:
        self.called = called
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[str] = []
        self.findings: dict[str, Finding] = {}

    def put_together(self, model: Model) -> None:
        """Add a model with all that it calls, and check what only the whole can show, as far as it is whole."""
        self._add(model, within=(model.id,), prefix="", scope=None)
        if all(finding.code == "call-missing" for finding in self.findings.values()):
            self._check_whole()

    def _add(self, model: Model, *, within: tuple[str, ...], prefix: str, scope: str | None) -> None:
        """Add a model inside a scope; `within` are the ids of the processes around it, its own the last."""
        self.lanes += model.lanes
        self.flows |= {flow.id: flow for flow in (_moved(flow, prefix) for flow in model.flows.values())}
        filled = {node.scope for node in model.nodes.values()}
        for node in model.nodes.values():
            moved = replace(
                node,
                id=prefix + node.id,
                scope=scope if node.scope is None else prefix + node.scope,
                outgoing=tuple(_moved(flow, prefix) for flow in node.outgoing),
                incoming=tuple(_moved(flow, prefix) for flow in node.incoming),
                default_flow=None if node.default_flow is None else prefix + node.default_flow,
                attached_to=None if node.attached_to is None else prefix + node.attached_to,
            )
            self.nodes[moved.id] = moved
            if node.called is not None and node.id not in filled:
                self._add_called(moved.id, node.called, within)

    def _check_whole(self) -> None:
        for at, caught in static_catchers(self.nodes).items():
            fault = self.nodes[at].fault
            if caught is None and fault is not None and fault.kind == "error" and "/" in at:
                self._refuse_call(at, "error-not-caught", _not_caught(at, fault.code or ""))
        cycle = endless_cycle(self.nodes)
        if cycle:
            inside = (at for at in cycle if "/" in at or self.nodes[at].kind is NodeKind.CALL)
            self._refuse_call(next(inside, cycle[0]), "endless-cycle", ENDLESS)

    def _add_called(self, call: str, process_id: str, within: tuple[str, ...]) -> None:
        model = self.called.get(process_id)
        if self._is_refused(call):
            # One reason is enough, and what else lies below may be much.
            return
        if process_id in within:
            self._refuse_call(call, "call-cycle", _cycle((*within, process_id)))
        elif model is None:
            self._refuse_call(call, "call-missing", _missing(process_id))
        elif len(within) > MAX_DEPTH:
            self._refuse_call(call, "call-too-deep", _TOO_DEEP)
        elif len(self.nodes) + len(model.nodes) > MAX_NODES:
            self._refuse_call(call, "call-too-large", _TOO_LARGE)
        else:
            self._add(model, within=(*within, process_id), prefix=f"{call}/", scope=call)

    def _refuse_call(self, at: str, code: str, text: Text) -> None:
        if not self._is_refused(at):
            call = at.split("/")[0]
            self.findings[call] = finding("error", code, text, call)

    def _is_refused(self, at: str) -> bool:
        """Whether a fault is known of the outermost call around a place that would stay if what is missing came."""
        known = self.findings.get(at.split("/")[0])
        return known is not None and known.code != "call-missing"


def _moved(flow: Flow, prefix: str) -> Flow:
    if not prefix:
        return flow
    return replace(flow, id=prefix + flow.id, source=prefix + flow.source, target=prefix + flow.target)


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
