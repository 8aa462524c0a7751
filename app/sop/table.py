"""The SOP table as values: what one approved procedure says, row by row, and where each statement comes from.

A field that is None says nothing. Whether the source left a cell out or states that it is empty is kept apart, in
`SopTable.stated_empty`; an empty text or an empty tuple is a cell that was printed without content. How the fields are
named in a table file and in a BPMN file is in `app.sop.cells`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

END: Final = "selesai"
"""What stands in place of a row's number where the procedure is finished."""

APPROVED: Final = "setuju"
RETURNED: Final = "dikembalikan"
OUTCOME_CODES: Final = (APPROVED, RETURNED)

Target = int | str
"""Where a flow goes: a row's number, or `END`; out of an edited diagram also the element id of a row without number."""

Value = int | str


class RowKind(StrEnum):
    """What is done in a row. Only work and correction change the document, so only they receive a return."""

    WORK = "kerja"
    CORRECTION = "koreksi"
    CHECK = "periksa"
    INITIALS = "paraf"
    SIGNATURE = "tanda_tangan"
    VERIFICATION = "verifikasi"


RETURN_KINDS: Final = frozenset({RowKind.WORK, RowKind.CORRECTION})


class Provenance(StrEnum):
    """Where a cell comes from. What is inferred is never shown or printed as if the office had approved it."""

    STATED = "stated"
    PARTLY_STATED = "partly_stated"
    INFERRED = "inferred"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who has approved the SOP, as the identity sheet states it."""

    position: str | None = None
    position_provenance: Provenance | None = None
    name: str | None = None
    rank: str | None = None
    rank_original: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """An SOP that this one names under Keterkaitan; `sop` is its key where it is known."""

    text: str
    sop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The identity sheet. Dates are ISO 8601 down to what is printed: a year, a month or a day."""

    number: str | None = None
    number_original: str | None = None
    serial: str | None = None
    created_on: str | None = None
    created_on_original: str | None = None
    revised_on: str | None = None
    effective_on: str | None = None
    decreed_on: str | None = None
    approval: Approval = Approval()
    unit: str | None = None
    legal_basis: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    warning: str | None = None
    qualifications: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    records: str | None = None
    organisation_original: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts the procedure."""

    kind: str | None = None
    description: str | None = None
    provenance: Provenance | None = None
    description_inferred: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One performer column, in the order of the table; `originals` are its headings as printed."""

    key: str
    label: str | None = None
    originals: tuple[str, ...] = ()
    provenance: Provenance | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One row of the table.

    `number` is None only for a row that somebody added to a diagram without one. `standard_time` is working time in
    ISO 8601; None where the office has set none, and then `standard_time_note` may say why. `…_original` is what is
    printed, `…_proposed` what the editor of the table suggests: neither is the approved content. `element_id` is the
    task that stands for the row in the BPMN file it was read from; the table does not say it, so rows are equal
    without it.
    """

    element_id: str | None = field(default=None, compare=False)
    number: int | None = None
    name: str | None = None
    statement: str | None = None
    statement_original: str | None = None
    source_line: int | None = None
    role: str | None = None
    role_provenance: Provenance | None = None
    role_reason: str | None = None
    role_alternatives: tuple[str, ...] | None = None
    confidence: str | None = None
    kind: RowKind | None = None
    symbol: str | None = None
    symbol_provenance: Provenance | None = None
    requirements: tuple[str, ...] = ()
    requirements_original: str | None = None
    requirements_proposed: tuple[str, ...] | None = None
    standard_time: str | None = None
    standard_time_original: str | None = None
    standard_time_note: str | None = None
    standard_time_doubt: str | None = None
    outputs: tuple[str, ...] = ()
    outputs_original: str | None = None
    outputs_proposed: tuple[str, ...] | None = None
    remarks: tuple[str, ...] = ()
    remarks_original: str | None = None
    next: tuple[Target, ...] = ()
    per_unit: str | None = None
    numbers_letter: bool | None = None
    authority_warning: bool | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One way out of a decision; `label` stands in the form, `flow_label` on the flow."""

    code: str
    label: str | None = None
    target: Target
    provenance: Provenance | None = None
    flow_label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTask:
    """The decision as a task of its own, where the decider is not the performer of the row."""

    statement: str | None = None
    role: str | None = None
    label: str | None = None
    standard_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision taken in row `row`; with `submitted_in` the earlier row that asks for it."""

    row: int
    kind: str | None = None
    decider: str | None = None
    task: DecisionTask | None = None
    submitted_in: int | None = None
    provenance: Provenance | None = None
    quotation: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    alternative_returns: tuple[int, ...] | None = None
    note: str | None = None
    gateway_label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of an automatic choice; `values` of its variable, or None where `condition` alone says them."""

    condition: str | None = None
    values: tuple[Value, ...] | None = None
    target: Target
    reports: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """A row of another SOP that the result of this one goes to."""

    sop: str | None = None
    row: int | None = None
    condition: str | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """An automatic choice after row `after`, by the value of `variable`, which the start form asks for."""

    after: int
    variable: str | None = None
    kind: str | None = None
    provenance: Provenance | None = None
    reason: str | None = None
    gateway_label: str | None = None
    cases: tuple[Case, ...] = ()
    continuations: tuple[Continuation, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEvent:
    """A wait for somebody outside the office between two rows, ended by a message; no official's clock runs."""

    after: int
    before: Target
    description: str | None = None
    party: str | None = None
    provenance: Provenance | None = None
    quotation: str | None = None
    label: str | None = None
    message: str | None = None
    proposal: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SopTable:
    """One SOP: identity sheet, roles, rows, decisions and what else its table says.

    `stated_empty` holds the paths of optional cells that the table names and leaves empty (`identitas.nomor_urut`),
    as against those it does not name at all.
    """

    key: str
    title: str | None = None
    title_original: str | None = None
    table_title_original: str | None = None
    identity: Identity = Identity()
    trigger: Trigger = Trigger()
    roles: tuple[Role, ...] = ()
    columns_note: str | None = None
    outside_parties: tuple[str, ...] = ()
    outside_events: tuple[OutsideEvent, ...] = ()
    activities: tuple[Activity, ...] = ()
    decisions: tuple[Decision, ...] = ()
    branches: tuple[Branch, ...] = ()
    proposals: tuple[str, ...] = ()
    stated_empty: tuple[str, ...] = ()

    def decision_of(self, row: int) -> Decision | None:
        return next((decision for decision in self.decisions if decision.row == row), None)

    def branch_after(self, row: int) -> Branch | None:
        return next((branch for branch in self.branches if branch.after == row), None)

    def wait_between(self, after: int, before: Target) -> OutsideEvent | None:
        return next((event for event in self.outside_events if (event.after, event.before) == (after, before)), None)


def in_order(
    decisions: Iterable[Decision], branches: Iterable[Branch], waits: Iterable[OutsideEvent]
) -> tuple[tuple[Decision, ...], tuple[Branch, ...], tuple[OutsideEvent, ...]]:
    """Return decisions, branches and waits in the order of their rows: the one order that a diagram keeps."""
    return (
        tuple(sorted(decisions, key=lambda decision: decision.row)),
        tuple(sorted(branches, key=lambda branch: branch.after)),
        tuple(sorted(waits, key=lambda wait: (wait.after, isinstance(wait.before, str), str(wait.before).zfill(9)))),
    )
