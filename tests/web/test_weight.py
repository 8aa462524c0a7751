"""What a page weighs on the wire: an old computer in a slow network opens it at once."""

import re

import pytest

from app.web.assets import STATIC
from app.web.mount import DOCS
from tests.office import Office
from tests.web.browser import Browser
from tests.web.history import History
from tests.web.places import Place, places

MOST_SCRIPT = 60_000
_SCRIPT = re.compile(r'<script[^>]* src="/static/([^"]+)"')

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


@pytest.fixture(scope="module")
def browsers(shared_office: Office) -> dict[str | None, Browser]:
    """The browsers of those who have come so far."""
    return {None: Browser(shared_office)}


@pytest.mark.parametrize("place", places(), ids=str)
class TestEveryPage:
    def test_brings_little_script_unless_it_draws(
        self, shared_office: Office, history: History, browsers: dict[str | None, Browser], place: Place
    ) -> None:
        if place.username is not None and place.username not in browsers:
            browsers[place.username] = Browser(shared_office).sign_in(place.username)
        page = browsers[place.username].open(place.path(history)).page
        scripts = _SCRIPT.findall(page)
        assert len(scripts) == page.count("<script")
        draws = "data-diagram" in page
        assert any(name.startswith("diagram-") for name in scripts) == draws
        # The page of the API is a program of its own, for developers.
        explains = place.name == DOCS
        assert any(name.startswith("docs-") for name in scripts) == explains
        if not draws and not explains:
            assert sum((STATIC / f"{name}.gz").stat().st_size for name in scripts) <= MOST_SCRIPT
