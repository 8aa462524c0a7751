"""Variables between Camunda's typed form and plain JSON."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Invalid
from app.engine import FieldType
from app.engine_rest.values import TypedValue, plain_values, typed_value
from app.engine_rest.wire import moment_text, parse_moment


def plain(value: Any, kind: str | None = None) -> Any:
    return plain_values({"x": TypedValue(value=value, type=kind)})["x"]


class TestAValueThatIsSent:
    @pytest.mark.parametrize(
        ("value", "kind", "kept"),
        [
            ("a", "String", "a"),
            ("a", "string", "a"),
            ("a", None, "a"),
            (1, "Integer", 1),
            (1.0, "Integer", 1),
            ("1", "Long", 1),
            (-(2**63), "Long", -(2**63)),
            (1, "Double", 1.0),
            (True, "Boolean", True),
            ("true", "Boolean", True),
            (None, "String", None),
            (None, "Null", None),
            (None, "null", None),
            ("2026-08-03", "Date", "2026-08-03"),
            ("2026-08-03T00:00:00.000+0700", "Date", "2026-08-03"),
            ("2026-08-03T00:00:00+07:00", "Date", "2026-08-03"),
            ("2026-08-03T10:00:00.000+0700", "Date", "2026-08-03T03:00:00.000+0000"),
            ("2026-08-03T00:00:00.5Z", "Date", "2026-08-03T00:00:00.500+0000"),
            ('{"a": [1]}', "Json", {"a": [1]}),
            ({"a": [1]}, "json", {"a": [1]}),
            ([1], None, [1]),
            ('{"a": 1}', "Object", {"a": 1}),
        ],
    )
    def test_is_kept_as_json(self, value: Any, kind: str | None, kept: Any) -> None:
        found = plain(value, kind)

        assert (found, type(found)) == (kept, type(kept))

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            (1, "String"),
            ("a", "Integer"),
            (1.5, "Integer"),
            (True, "Integer"),
            (2**31, "Integer"),
            (2**15, "Short"),
            (2**63, "Long"),
            ("9" * 5_000, "Long"),
            ("-", "Long"),
            ("²", "Long"),
            ("1", "Double"),
            (True, "Double"),
            (1, "Boolean"),
            ("ya", "Boolean"),
            ("a", "Null"),
            (1, "Date"),
            ("kemarin", "Date"),
            ("2026-13-03", "Date"),
            ("2026-08-03T25:00:00.000+0700", "Date"),
            ("2026-08-03T10:00:00", "Date"),
            ("9999-12-31T23:59:59.000-1400", "Date"),
            ("{", "Json"),
            ('{"a": NaN}', "Json"),
            ("\ud800", "Json"),
            ("x", "File"),
            ("x", "Bytes"),
            ("x", "Entah"),
        ],
    )
    def test_that_has_not_its_type_is_refused_by_name(self, value: Any, kind: str) -> None:
        with pytest.raises(Invalid) as refusal:
            plain(value, kind)

        assert [error["pointer"] for error in refusal.value.errors] == ["/variables/x"]

    def test_may_be_no_more_than_null(self) -> None:
        assert plain_values({"x": None}) == {"x": None}
        assert plain_values(None) == {}


class TestAValueThatIsRead:
    @pytest.mark.parametrize(
        ("value", "field", "kind", "shown"),
        [
            (None, None, "Null", None),
            (None, FieldType.LONG, "Null", None),
            (True, None, "Boolean", True),
            (1, None, "Integer", 1),
            (1, FieldType.LONG, "Long", 1),
            (2**31, None, "Long", 2**31),
            (1.5, None, "Double", 1.5),
            ("a", FieldType.ENUM, "String", "a"),
            ("2026-08-03", None, "String", "2026-08-03"),
            ("2026-08-03", FieldType.DATE, "Date", "2026-08-03T00:00:00.000+0700"),
            ("kemarin", FieldType.DATE, "String", "kemarin"),
            ({"a": [1]}, None, "Json", '{"a":[1]}'),
        ],
    )
    def test_tells_its_type(self, value: Any, field: FieldType | None, kind: str, shown: Any) -> None:
        assert typed_value(value, field, "Asia/Jakarta") == {"type": kind, "value": shown, "valueInfo": {}}

    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**63), 2**63 - 1)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
            max_leaves=5,
        )
    )
    def test_is_taken_back_as_it_was(self, value: Any) -> None:
        shown = typed_value(value)

        found = plain(shown["value"], shown["type"])

        assert found == value
        assert type(found) is type(value)
        assert not isinstance(found, float) or math.isfinite(found)

    @given(st.dates(min_value=date(2, 1, 1), max_value=date(9998, 12, 31)))
    def test_is_the_same_day_when_it_is_taken_back(self, day: date) -> None:
        shown = typed_value(day.isoformat(), FieldType.DATE, "Asia/Jakarta")

        assert plain(shown["value"], "Date") == day.isoformat()


class TestAMoment:
    @given(
        st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001
        st.integers(-14 * 60, 14 * 60),
    )
    def test_is_read_as_it_was_written_to_the_millisecond(self, naive: datetime, minutes: int) -> None:
        moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))

        text = str(moment_text(moment))
        exact = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

        assert parse_moment(text) == exact
        assert datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z") == exact
        assert parse_moment(text.replace("+", " ")) == exact

    def test_is_null_where_there_is_none(self) -> None:
        assert moment_text(None) is None
        assert moment_text(datetime(2026, 8, 3, 3, tzinfo=UTC)) == "2026-08-03T03:00:00.000+0000"
