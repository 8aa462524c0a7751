"""Every page, as everybody sees it: what keeps nobody out, in both themes, from a telephone to a wall of screens."""

from itertools import zip_longest

import pytest
from playwright.sync_api import Page

from app.web.language import ENGLISH
from app.web.mount import DOCS
from tests.web.history import History
from tests.web.looking import axe_findings, overflow, shifts, tab_through, watch_shifts
from tests.web.places import EXAMPLES, NO_PAGES, Place, answers, page_routes, places
from tests.web.windows import THEMES, Windows

NARROW, USUAL, WIDE = 360, 1280, 2560
_TALL = 900


class TestTheListOfPages:
    def test_has_an_example_of_every_route(self) -> None:
        assert page_routes() == sorted({*EXAMPLES, *NO_PAGES})


# What a page looks like does not depend on its database.
@pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("place", [*places(), *answers()], ids=str)
class TestEveryPage:
    """Each is opened twice: on a telephone in Indonesian, and on a usual screen in English."""

    def test_is_for_everybody_on_a_telephone(self, shared_windows: Windows, history: History, place: Place) -> None:
        page = shared_windows.open(place.username, width=NARROW, height=_TALL)
        watch_shifts(page)
        place.reach(page, history)
        faults = [f"moves: {one}" for one in shifts(page)]
        faults += [f"wider than its window: {one}" for one in overflow(page)]
        faults += _keyboard_faults(page)
        faults += _axe_faults(page)
        assert not faults, _listed(faults)

    def test_is_for_everybody_on_a_screen(self, shared_windows: Windows, history: History, place: Place) -> None:
        page = shared_windows.open(place.username, width=USUAL, height=_TALL, language=ENGLISH)
        watch_shifts(page)
        place.reach(page, history)
        faults = [f"moves: {one}" for one in shifts(page)]
        faults += _keyboard_faults(page)
        faults += _axe_faults(page, looks_alone=True)
        page.set_viewport_size({"width": NARROW, "height": _TALL})
        faults += [f"wider than its window: {one}" for one in overflow(page)]
        page.set_viewport_size({"width": WIDE, "height": _TALL})
        # Where there is room, whatever is folded is looked at too, but for menus, which lie over the page while open.
        page.evaluate("document.querySelectorAll('details:not(.me, .menu)').forEach((one) => { one.open = true; })")
        faults += _axe_faults(page)
        assert not faults, _listed(faults)


# Swagger UI takes itself for a page of its own: its list is a <main>, which stands in ours and can be nothing else.
_LIBRARYS = ("landmark-main-is-top-level:", "landmark-no-duplicate-main:", "landmark-unique: #isi:")


def _axe_faults(page: Page, *, looks_alone: bool = False) -> list[str]:
    """Return what axe finds in both themes, which differ in nothing but their colours."""
    found = []
    width = page.evaluate("innerWidth")
    # As high as the page: nothing lies below a bar only because of where one has scrolled to.
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        # A page hears of another theme with its next frame.
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        seen = axe_findings(page, looks_alone=looks_alone or theme == "dark")
        found += [f"{theme}: {one}" for one in seen if not (page.url.endswith(DOCS) and one.startswith(_LIBRARYS))]
    return [f"{width} px, {one}" for one in found]


def _keyboard_faults(page: Page) -> list[str]:
    """Return where Tab goes astray, and where one does not see that it has come."""
    controls, stops = tab_through(page)
    faults = [f"the focus cannot be seen: {stop.what}" for stop in stops if not stop.shown]
    faults += [f"something lies over the focus: {stop.what}" for stop in stops if not stop.seen]
    went = [stop.what for stop in stops]
    if went != controls:
        astray = next((pair for pair in zip_longest(controls, went) if pair[0] != pair[1]), None)
        faults.append(f"Tab should come to {astray and astray[0]} and comes to {astray and astray[1]}")
    return faults


def _listed(found: list[str]) -> str:
    return "".join(f"\n- {one}" for one in found)
