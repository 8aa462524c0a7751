"""What a benchmark found: figures with their targets, as one table and as JSON."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Self


class Ratio(NamedTuple):
    """Ours over the reference, batch by batch: the median of the ratios and the two extremes."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, ours: Sequence[float], reference: Sequence[float]) -> Self:
        """Return the ratio of two series whose n-th values were measured next to each other."""
        ratios = [one / other for one, other in zip(ours, reference, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios))


class Target(NamedTuple):
    """A limit for the figure itself or for its ratio to the reference; an upper one unless `at_least`."""

    of: Literal["ours", "ratio"]
    limit: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a value is within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    `grows` says how the cost grows and with what; `note` is what a reader needs to judge the figure.
    """

    name: str
    database: str
    unit: str
    ours: float
    reference: float | None = None
    ratio: Ratio | None = None
    target: Target | None = None
    grows: str = ""
    note: str = ""

    @classmethod
    def compared(
        cls,
        name: str,
        database: str,
        unit: str,
        ours: Sequence[float],
        reference: Sequence[float],
        *,
        target: Target | None = None,
        grows: str = "",
        note: str = "",
    ) -> Self:
        """Return the figure of two series measured side by side: the median of each, and of their ratios."""
        return cls(
            name,
            database,
            unit,
            statistics.median(ours),
            statistics.median(reference),
            Ratio.of(ours, reference),
            target,
            grows,
            note,
        )

    @property
    def met(self) -> bool | None:
        """Whether the target is met; null where there is none."""
        if self.target is None:
            return None
        if self.target.of == "ours":
            return self.target.is_met(self.ours)
        return self.ratio is not None and self.target.is_met(self.ratio.median)

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain JSON."""
        return {
            **asdict(self),
            "ratio": self.ratio._asdict() if self.ratio else None,
            "target": self.target._asdict() if self.target else None,
            "met": self.met,
        }

    def cells(self) -> tuple[str, ...]:
        """Return the figure as the cells of a table row."""
        ratio = f"{self.ratio.median:.2f} ({self.ratio.lowest:.2f}-{self.ratio.highest:.2f})" if self.ratio else ""
        target = ""
        if self.target is not None:
            sign = ">=" if self.target.at_least else "<="
            unit = "x" if self.target.of == "ratio" else f" {self.unit}"
            target = f"{sign} {self.target.limit:g}{unit}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        reference = _number(self.reference, self.unit) if self.reference is not None else ""
        return (self.name, self.database, _number(self.ours, self.unit), reference, ratio, target, met)


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


HEAD = ("figure", "database", "ours", "reference", "ratio (min-max)", "target", "met")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as one Markdown table, aligned for a terminal as well."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
