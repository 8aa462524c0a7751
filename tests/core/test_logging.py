"""What is logged of a failure: where it was and under which trace id, and nothing of what people typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.core import logging as logs
from app.core.settings import Settings
from tests.office import Office, problem


@pytest.fixture(params=["json", "console"])
def logged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to standard error from now on, in each form."""
    stream, root, kept = io.StringIO(), logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        logs.configure(Settings(environment="demo", log_format=request.param))
    yield stream
    root.handlers, root.level = handlers, level
    structlog.configure(**kept)


class Broken:
    """Passwords that cannot be checked."""

    def matches(self, password: str, kept: str | None) -> bool:
        raise RuntimeError(f"broken: {len(password)} characters, {kept is not None}")


class TestABug:
    def test_is_answered_without_a_word_about_its_inside(self, office: Office) -> None:
        office.app.state.passwords = Broken()

        answer = office.sign_in("staf", "sangat-rahasia")

        problem(answer, 500, "internal-error")
        assert "broken" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_is_logged_without_what_was_typed(self, office: Office, logged: io.StringIO) -> None:
        office.app.state.passwords = Broken()

        content = problem(office.sign_in("staf", "sangat-rahasia"), 500)

        text = logged.getvalue()
        assert content["trace_id"] in text
        assert "RuntimeError" in text
        assert "sangat-rahasia" not in text


class TestALine:
    @pytest.mark.parametrize("logged", ["json"], indirect=True)
    def test_is_one_object_whatever_it_holds(self, logged: io.StringIO) -> None:
        structlog.get_logger("alur.test").warning("pertama\nkedua", user="a\nb\x1b[31m")

        (line,) = logged.getvalue().splitlines()
        assert json.loads(line)["user"] == "a\nb\x1b[31m"
        assert "\x1b" not in line

    @pytest.mark.parametrize("sent", ["\x1b[31m", "\x7f", "\x9b2J", "\u2028", "\u202e", "\r", "\0"])
    def test_moves_no_terminal(self, logged: io.StringIO, sent: str) -> None:
        log = structlog.get_logger("alur.test")
        log.warning(f"before{sent}behind", user=f"before{sent}behind")
        try:
            raise ValueError(f"before{sent}behind")
        except ValueError:
            log.exception("failed")

        assert logged.getvalue().count("before") >= 3
        assert sent not in logged.getvalue()

    @pytest.mark.parametrize("logged", ["console"], indirect=True)
    def test_begins_no_other_line(self, logged: io.StringIO) -> None:
        structlog.get_logger("alur.test").warning("first\nsecond", user="first\nsecond")

        assert len(logged.getvalue().splitlines()) == 1
