"""Reading JSON strictly: what is refused is refused at its place, and everything else is read as it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import pointer
from app.core.strict_json import MAX_DEPTH, JsonRefused, loads

KEYS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
PLACES = st.lists(st.one_of(KEYS, st.integers(0, 3)), max_size=MAX_DEPTH - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        KEYS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)
# What is wrong, and where within itself.
FAULTS = [
    ("NaN", ()),
    ("-Infinity", ()),
    ("1e400", ()),
    ("18446744073709551616", ()),
    ('"\\u0000"', ()),
    ('["", "\\udc00"]', (1,)),
    ('{"\\u0000": 1}', ()),
    ('{"a": 1, "": 2, "": NaN}', ("",)),
    ('{"a": {"~": [1], "~": 1}}', ("a", "~")),
]


def around(text: str, place: list[str | int]) -> str:
    """Return JSON that holds a text at a place, among other things."""
    for step in reversed(place):
        if isinstance(step, int):
            text = f"[{'{}, ' * step}{text}, [1, 2]]"
        else:
            text = f"{{{json.dumps(step + 'x')}: [], {json.dumps(step)}: {text}, {json.dumps(step + 'y')}: 0}}"
    return text


class TestReading:
    @given(VALUES)
    def test_gives_what_was_written(self, value: Any) -> None:
        assert loads(json.dumps(value, allow_nan=False).encode()) == value
        assert loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode()) == value

    @given(PLACES, st.sampled_from(FAULTS))
    def test_refuses_a_fault_at_its_place(
        self, place: list[str | int], fault: tuple[str, tuple[str | int, ...]]
    ) -> None:
        text, within = fault

        with pytest.raises(JsonRefused) as refused:
            loads(around(text, place[: MAX_DEPTH - 2]).encode())

        assert refused.value.pointer == pointer(*place[: MAX_DEPTH - 2], *within)

    @given(PLACES, st.integers(1, 3000), st.sampled_from(["[]", "{}"]))
    def test_refuses_the_first_value_that_is_too_deep(self, place: list[str | int], more: int, innermost: str) -> None:
        deep = MAX_DEPTH - len(place)
        text = "[" * (deep + more - 1) + innermost + "]" * (deep + more - 1)

        with pytest.raises(JsonRefused) as refused:
            loads(around(text, place).encode())

        assert refused.value.pointer == pointer(*place, *[0] * deep)

    @pytest.mark.parametrize("innermost", ["[]", "{}", "[1]", '{"a": "[[[["}'])
    def test_takes_what_is_just_deep_enough(self, innermost: str) -> None:
        text = "[" * (MAX_DEPTH - 1) + innermost + "]" * (MAX_DEPTH - 1)

        assert loads(text.encode()) == json.loads(text)


class TestAPointer:
    @pytest.mark.parametrize(
        ("parts", "written"),
        [
            ((), ""),
            (("",), "/"),
            (("a", 0, "b"), "/a/0/b"),
            (("a/b", "m~n", "~1"), "/a~1b/m~0n/~01"),
            (("\ud800é",), "/?é"),
        ],
    )
    def test_is_written_as_rfc_6901_says(self, parts: tuple[str | int, ...], written: str) -> None:
        assert pointer(*parts) == written
