"""A text that is required must show something."""

import pytest

from app.core.text import is_blank

FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


class TestABlankText:
    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", "\t\r\n", "\u00a0", "\u3000", "\u200b", "\u200c\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e"),
            *("\u2028", "\u0000", "\ue000", "\U000e0001", "\ufe0f", "\u034f", "\u0301", *FILLERS, f" \u200b{FILLERS}"),
        ],
    )
    def test_shows_nothing(self, text: str) -> None:
        assert is_blank(text)

    @pytest.mark.parametrize(
        "text", ["a", ".", " 0 ", "\u200bé", "e\u0301", "ቀ", "한", "文", "😀", "👩\u200d💻", "\u2212"]
    )
    def test_is_not_one_with_something_to_see(self, text: str) -> None:
        assert not is_blank(text)
