"""A file whose expressions are of another language is refused, not read as if they were of Alur's."""

import pytest

from app import engine
from tests.engine.refusals import findings, refused
from tests.engine.small_models import document, scope, timer

XPATH = "http://www.w3.org/1999/XPath"
XPATHS = (
    XPATH,
    "http://www.w3.org/TR/XPath",
    "http://www.w3.org/TR/xpath/",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
)


def in_language(language: str, condition: str = "${ok}", times: str = "2") -> bytes:
    loop = "multiInstanceLoopCharacteristics"
    often = f"<{loop}><loopCardinality>{times}</loopCardinality></{loop}>"
    body = scope(f"S U\nU X\nX E {condition}\nX E1", {"X": 'default="X-E1"'}, {"U": often})
    return document(body).replace(b"<definitions ", f'<definitions expressionLanguage="{language}" '.encode())


class TestTheLanguageOfAFile:
    @pytest.mark.parametrize("language", ["", "juel", "JUEL", *XPATHS])
    def test_that_vendors_write_around_juel_is_taken(self, language: str) -> None:
        assert engine.read(in_language(language)).model.flows["X-E"].condition is not None

    @pytest.mark.parametrize(
        "language", ["http://www.mvel.org/2.0", "http://www.java.com/java", "groovy", "https://www.omg.org/spec/FEEL"]
    )
    def test_that_is_another_one_is_refused(self, language: str) -> None:
        data = in_language(language)

        assert refused(data) == [("condition-language", "d")]
        assert language in findings(data)[0].text.id

    @pytest.mark.parametrize("condition", ["ok", "a = 1", "not(a)", "a == 1"])
    def test_that_is_xpath_leaves_no_bare_expression(self, condition: str) -> None:
        assert ("condition-language", "X-E") in refused(in_language(XPATH, condition))
        assert ("condition-language", "U") in refused(in_language(XPATH, times=condition))


class TestTheLanguageOfATimer:
    def test_is_refused(self) -> None:
        wait = timer("P1D").replace("<timeDuration>", '<timeDuration language="groovy">')

        assert refused(document(scope("S C\nC E", {}, {"C": wait}))) == [("timer-refused", "C")]
