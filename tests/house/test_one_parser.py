"""There is one way in for XML: nothing else of the service reads it with a parser of its own (security, M1)."""

import re

from tests.house.tree import ROOT

_PARSERS = re.compile(
    r"etree\.(fromstring|parse|XML|HTML|iterparse|XMLParser|XMLPullParser|HTMLParser)\b"
    r"|xml\.(etree|dom|sax)|minidom|expat|defusedxml|html5lib|BpmnParser"
)


def test_only_the_hardened_parser_parses() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if _PARSERS.search(path.read_text(encoding="utf-8"))
    }

    assert found == {"app/engine/xml.py"}
