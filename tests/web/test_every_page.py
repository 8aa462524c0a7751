"""Every page, as everybody sees it: what keeps nobody out, in both themes, from a telephone to a wall of screens."""

import pytest

from tests.web.history import History
from tests.web.looking import axe_findings, overflow, shifts, tab_through, watch_shifts
from tests.web.places import EXAMPLES, NO_PAGES, Place, page_routes, places
from tests.web.windows import Windows

# What a page looks like does not depend on its database.
on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")
every_place = pytest.mark.parametrize("place", places(), ids=str)
_TALL = 900
NARROW, USUAL, WIDE = 360, 1280, 2560


class TestTheListOfPages:
    def test_has_an_example_of_every_route(self) -> None:
        assert page_routes() == sorted({*EXAMPLES, *NO_PAGES})


@on_sqlite
@every_place
class TestEveryPage:
    def test_keeps_nobody_out(self, shared_windows: Windows, history: History, place: Place) -> None:
        page = shared_windows.open(place.username, place.path(history))
        found = []
        for width in (NARROW, USUAL, WIDE):
            page.set_viewport_size({"width": width, "height": _TALL})
            if width == WIDE:
                # Where there is room, whatever is folded is looked at too.
                page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            page.emulate_media(color_scheme="light")
            found += [f"{width} px: {finding}" for finding in axe_findings(page)]
            # The themes differ in nothing but their colours.
            page.emulate_media(color_scheme="dark")
            found += [f"{width} px, dark: {finding}" for finding in axe_findings(page, colours_alone=True)]
        assert not found, _listed(found)

    def test_is_never_wider_than_its_window(self, shared_windows: Windows, history: History, place: Place) -> None:
        for language in ("id", "en"):
            page = shared_windows.open(place.username, place.path(history), width=NARROW, language=language)
            wide = overflow(page)
            assert not wide, f"{language}: {_listed(wide)}"

    @pytest.mark.parametrize("width", [NARROW, USUAL])
    def test_is_worked_with_the_keyboard(
        self, shared_windows: Windows, history: History, place: Place, width: int
    ) -> None:
        page = shared_windows.open(place.username, place.path(history), width=width)
        controls, stops = tab_through(page)
        assert [stop.what for stop in stops] == controls
        unshown = [stop.what for stop in stops if not stop.shown]
        assert not unshown, f"The focus cannot be seen on: {_listed(unshown)}"
        hidden = [stop.what for stop in stops if not stop.seen]
        assert not hidden, f"Something lies over the focus on: {_listed(hidden)}"

    def test_does_not_move_while_it_comes(self, shared_windows: Windows, history: History, place: Place) -> None:
        page = shared_windows.open(place.username)
        watch_shifts(page)
        for width in (NARROW, USUAL):
            page.set_viewport_size({"width": width, "height": _TALL})
            page.goto(place.path(history))
            page.wait_for_load_state("networkidle")
            moved = shifts(page)
            assert not moved, f"{width} px: {_listed(moved)}"


def _listed(found: list[str]) -> str:
    return "".join(f"\n- {one}" for one in found)
