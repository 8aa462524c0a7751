"""The tests in a browser see what goes wrong: each kind of fault is provoked once, and noticed."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from playwright.sync_api import Browser

from tests.web.chromium import REMEDY, NoChromium, find_chromium
from tests.web.windows import Windows, served

_POLICY = {"Content-Security-Policy": "default-src 'self'; img-src * data:; script-src 'self'"}
_PAGES = {
    "/inline": "<script>document.title = 'run'</script>",
    "/styled": "<p style='color: red'>red</p>",
    "/elsewhere": "<img src='http://alur.invalid/picture.png' alt=''>",
    "/throws": "<script src='/throws.js'></script>",
    "/complains": "<script src='/complains.js'></script>",
    "/part-missing": "<script src='/nowhere.js'></script>",
    "/calm": "<h1>Calm</h1>",
}
_SCRIPTS = {"/throws.js": "throw new Error('broken')", "/complains.js": "console.error('not well')"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()

    @app.get("/failing")
    def fail() -> Response:
        return Response("<h1>Down</h1>", status_code=503, media_type="text/html")

    @app.get("/{name}")
    def answer(name: str) -> Response:
        place = f"/{name}"
        if place in _SCRIPTS:
            return Response(_SCRIPTS[place], media_type="text/javascript")
        if place in _PAGES:
            content = f"<!doctype html><link rel=icon href=data:,><title>A page</title>{_PAGES[place]}"
            return Response(content, media_type="text/html", headers=_POLICY)
        return Response(status_code=404)

    with served(app) as address:
        yield address


class TestWindows:
    @pytest.mark.parametrize(
        ("path", "fault"),
        [
            ("/inline", "Content-Security-Policy: script-src-elem forbids inline"),
            ("/styled", "Content-Security-Policy: style-src-attr forbids inline"),
            ("/elsewhere", "request to elsewhere: GET http://alur.invalid/picture.png"),
            ("/throws", "script: broken"),
            ("/complains", "console: not well"),
            ("/part-missing", "GET /nowhere.js: 404"),
            ("/failing", "GET /failing: 503"),
        ],
    )
    def test_write_down_what_goes_wrong(self, chromium: Browser, address: str, path: str, fault: str) -> None:
        windows = Windows(chromium, address)
        windows.open(path=path).wait_for_load_state("networkidle")
        windows.close()
        assert any(fault in one for one in windows.faults), windows.faults

    def test_have_nothing_to_say_of_a_page_that_is_well(self, chromium: Browser, address: str) -> None:
        windows = Windows(chromium, address)
        windows.open(path="/calm").wait_for_load_state("networkidle")
        windows.close()
        assert windows.faults == []


class TestWithoutChromium:
    def test_the_one_command_to_type_is_named(self, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        class Nothing:
            executable_path = "/nowhere/chromium"

        class Playwright:
            chromium = Nothing

        assert chromium.is_connected()
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(NoChromium, match=REMEDY):
            find_chromium(Playwright())  # type: ignore[arg-type]
