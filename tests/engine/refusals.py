"""What is said about a file that is refused, checked for what every finding owes its reader."""

import pytest

from app import engine


def findings(data: bytes) -> tuple[engine.Finding, ...]:
    """The findings on a refused file: in both languages, in document order, each at a start tag of the file."""
    with pytest.raises(engine.ModelRefused) as caught:
        engine.read(data)
    lines = data.decode().split("\n")
    places = []
    for finding in caught.value.findings:
        assert finding.line is not None
        assert finding.column is not None
        places.append((finding.line, finding.column))
        assert lines[finding.line - 1][finding.column - 1] == "<", finding
        assert finding.text.id.strip()
        assert finding.text.en.strip()
        assert finding.text.id != finding.text.en
        assert finding.remedy.id.strip()
        assert finding.remedy.en.strip()
        assert finding.remedy.id not in finding.text.id
        assert finding.remedy.en not in finding.text.en
    assert places == sorted(places)
    return caught.value.findings


def refused(data: bytes) -> list[tuple[str, str | None]]:
    """The code and the element of every error."""
    return [(finding.code, finding.element_id) for finding in findings(data) if finding.severity == "error"]


def place_of(data: bytes, element_id: str) -> tuple[int, int]:
    """Line and column of the start tag with this id, found by looking at the text."""
    for number, line in enumerate(data.decode().split("\n"), start=1):
        at = line.find(f' id="{element_id}"')
        if at >= 0:
            return number, line.rfind("<", 0, at) + 1
    raise AssertionError(f"no element {element_id}")
