"""A browser for the tests of the pages: one Chromium a test process, windows of its own for each test.

Where the database does not matter, and that is nearly everywhere in a browser, a module runs on SQLite alone and says
so with `ON_SQLITE`.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.office import Office
from tests.web.chromium import NoChromium, running_chromium
from tests.web.history import History, make_history
from tests.web.windows import Windows, served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium; without one the tests of the pages fail, and say how to get it."""
    try:
        with running_chromium() as browser:
            yield browser
    except NoChromium as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def windows(chromium: Browser, office: Office) -> Iterator[Windows]:
    """Windows on the office of this test; whatever goes wrong in one of them fails it."""
    with served(office.app) as address:
        yield from _watched(chromium, address)


@pytest.fixture(scope="module")
def shared_address(shared_office: Office) -> Iterator[str]:
    """Where the office of the module is served."""
    with served(shared_office.app) as address:
        yield address


@pytest.fixture
def shared_windows(chromium: Browser, shared_address: str) -> Iterator[Windows]:
    """Windows on the office of the module; whatever goes wrong in one of them fails the test."""
    yield from _watched(chromium, shared_address)


@pytest.fixture(scope="module")
def history(shared_office: Office) -> History:
    """What has happened in the office of the module: cases that run, are late, were returned, and one complete."""
    return make_history(shared_office)


def _watched(chromium: Browser, address: str) -> Iterator[Windows]:
    windows = Windows(chromium, address)
    yield windows
    windows.close()
    assert windows.faults == []
