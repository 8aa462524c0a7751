"""No field of the table changes without the difference saying so, as JSON and as text."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from app.sop.difference import difference
from app.sop.difference_json import DifferenceOut, as_json
from app.sop.difference_text import as_text
from app.sop.table import (
    Activity,
    Role,
    SopTable,
)
from tests.sop.difference_tables import plain_table, with_new_row, with_row


def filled(kind: Any, name: str = "") -> Any:
    """Return a value of a type of the table in which no cell is empty."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(choice for choice in get_args(kind) if choice is not type(None))
    if get_origin(kind) is tuple:
        return (filled(get_args(kind)[0], name),)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: filled(hints[field.name], field.name) for field in fields(kind)})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    return {str: name, int: 1, bool: True}[kind]


def other_values(value: Any, optional: bool) -> Iterator[Any]:
    """Yield a value of each sort that a cell could hold instead."""
    if isinstance(value, tuple):
        yield ()
        yield (*value, *value)
    elif isinstance(value, StrEnum):
        yield list(type(value))[1]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield 2
    elif isinstance(value, str):
        yield f"{value} lain"
    if optional:
        yield None


def variants(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the value with one field after another changed, and those of the values within it, by path."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        content, where = getattr(value, field.name), f"{path}.{field.name}".lstrip(".")
        if not field.compare:
            continue
        optional = type(None) in get_args(hints[field.name])
        for other in other_values(content, optional):
            yield f"{where}={other!r}"[:60], replace(value, **{field.name: other})
        if is_dataclass(content):
            yield from ((name, replace(value, **{field.name: part})) for name, part in variants(content, where))
        elif isinstance(content, tuple) and content and is_dataclass(content[0]):
            for name, part in variants(content[0], where):
                yield name, replace(value, **{field.name: (part, *content[1:])})


def whole_table() -> SopTable:
    """Return a table in which every field says something, with a second row and role to refer to."""
    table: SopTable = filled(SopTable)
    second = Activity(element_id="kegiatan_02", number=2, name="Mengirim naskah", role="lain")
    return replace(
        table, activities=(replace(table.activities[0], next=(2,)), second), roles=(*table.roles, Role(key="lain"))
    )


VARIANTS = dict(variants(whole_table()))


class TestEveryField:
    @pytest.mark.parametrize("name", VARIANTS)
    def test_none_changes_unnoticed(self, name: str) -> None:
        found = difference(whole_table(), VARIANTS[name])

        assert found.table_changed
        assert DifferenceOut.model_validate(as_json(found)).model_dump(mode="json") == as_json(found)
        assert json.loads(json.dumps(as_json(found))) == as_json(found)
        assert len(as_text(found).splitlines()) > 1
        assert len(as_text(found, "en").splitlines()) > 1

    def test_they_are_all_fields_of_the_table(self) -> None:
        assert len({name.split("=")[0] for name in VARIANTS}) > 110
        assert {"identity.approval.rank", "decisions.task.role", "branches.continuations.row"} <= {
            name.split("=")[0] for name in VARIANTS
        }


class TestJson:
    def test_a_row_says_its_element_and_numbers_in_both_versions(self) -> None:
        new = with_row(with_new_row(plain_table(), 1), 2, standard_time="P3D")

        found = as_json(difference(plain_table(), new))

        assert found["summary"] == {
            "different": True,
            "table_changed": True,
            "rows_added": 1,
            "rows_removed": 0,
            "rows_reordered": 0,
            "rows_renumbered": 4,
            "rows_changed": 1,
            "rows_matched_by": {"element_id": 4, "text": 0, "position": 0},
        }
        assert [change for change in found["rows"] if change["cell"]] == [
            {
                "change": "changed",
                "element_id": "kegiatan_02",
                "element_id_before": "kegiatan_02",
                "activity_no_before": 2,
                "activity_no_after": 3,
                "name": "Menyusun konsep rencana kerja",
                "matched_by": "element_id",
                "cell": "standard_time",
                "before": "P2D",
                "after": "P3D",
                "added": [],
                "removed": [],
            }
        ]

    def test_a_target_is_the_row_it_leads_to(self) -> None:
        found = as_json(difference(plain_table(), with_row(plain_table(), 0, next=(3,))))

        assert found["rows"][0]["after"] == [
            {"activity_no": 3, "element_id": "kegiatan_03", "name": "Memeriksa konsep"}
        ]
