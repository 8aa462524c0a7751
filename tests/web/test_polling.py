"""What is asked of the server again and again takes nothing from whoever is at work, and costs nothing when all is as
before."""

from collections import Counter
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from playwright.sync_api import Browser, Page, expect

from app.core.http import Message, Receive, Send
from app.web import assets
from tests.office import Office
from tests.web.windows import Windows, served

# Past the rule that a region in use is not asked for: even then nothing may be lost.
_POLL = """
(region) => setInterval(() => document.querySelector(region).dispatchEvent(new CustomEvent("poll")), 300)
"""
_FORM = """
<form id="region" hx-get="/region" hx-trigger="poll" hx-swap="outerMorph">
  <p id="round">{number}</p>
  <label>Text <input id="text" name="text"></label>
  <label>Longer <textarea id="longer" name="longer"></textarea></label>
  <label>Ready <input id="ready" type="checkbox" name="ready"></label>
  <label>Which <select id="which" name="which"><option>first</option><option>second</option></select></label>
</form>
"""


class TestMorphing:
    """What htmx does with a region that comes again: on a page of its own, where each answer is another."""

    @pytest.fixture
    def page(self, chromium: Browser) -> Iterator[Page]:
        app, asked = FastAPI(), Counter[str]()
        app.router.routes.extend(assets.router.routes)

        @app.get("/region")
        def region() -> Response:
            asked["region"] += 1
            return Response(_FORM.format(number=asked["region"]), media_type="text/html")

        @app.get("/page")
        def page() -> Response:
            script = f'<script type="module" src="{assets.asset("pages.js")}"></script>'
            head = f"<!doctype html><html lang=en><title>A page</title><link rel=icon href=data:,>{script}"
            return Response(head + _FORM.format(number=0), media_type="text/html")

        with served(app) as address:
            windows = Windows(chromium, address)
            yield windows.open(path="/page")
            windows.close()
        assert windows.faults == []

    def test_keeps_what_is_typed_and_chosen_and_where_one_is(self, page: Page) -> None:
        page.evaluate(_POLL, "#region")
        page.get_by_label("Ready").check()
        page.get_by_label("Which").select_option("second")
        page.get_by_label("Longer").fill("Two\nlines")
        page.get_by_label("Text").press_sequentially("typed while it comes again", delay=60)
        expect(page.locator("#round")).not_to_have_text("0")
        assert int(page.locator("#round").inner_text()) >= 3
        expect(page.get_by_label("Ready")).to_be_checked()
        expect(page.get_by_label("Which")).to_have_value("second")
        expect(page.get_by_label("Longer")).to_have_value("Two\nlines")
        expect(page.get_by_label("Text")).to_have_value("typed while it comes again")
        expect(page.get_by_label("Text")).to_be_focused()
        assert page.evaluate("document.activeElement.selectionStart") == len("typed while it comes again")


class TestTheInbox:
    def test_loses_nothing_that_is_typed_while_tasks_come(self, windows: Windows, office: Office) -> None:
        page = windows.open("sekretaris", "/tugas?tab=tim")
        page.evaluate(_POLL, "#daftar")
        search = page.get_by_role("searchbox")
        search.press_sequentially("rancangan", delay=60)
        office.start("sekretaris", "iku")
        expect(page.get_by_role("link", name="Memerintahkan penyusunan IKU")).to_be_visible()
        search.press_sequentially(" awal", delay=60)
        expect(search).to_have_value("rancangan awal")
        expect(search).to_be_focused()

    def test_is_not_sent_again_when_nothing_has_changed(self, chromium: Browser, office: Office) -> None:
        answers = Counter[int]()

        async def watched(scope: Message, receive: Receive, send: Send) -> None:
            async def pass_on(message: Message) -> None:
                if message["type"] == "http.response.start" and scope["path"] == "/tugas/daftar":
                    answers[message["status"]] += 1
                await send(message)

            await office.app(scope, receive, pass_on)

        with served(watched) as address:
            windows = Windows(chromium, address)
            page = windows.open("sekretaris", "/tugas?tab=tim")
            page.evaluate(_POLL, "#daftar")
            while answers[304] < 3:
                page.wait_for_timeout(100)
            assert answers[200] == 1
            office.start("sekretaris", "iku")
            expect(page.get_by_role("link", name="Memerintahkan penyusunan IKU")).to_be_visible()
            assert answers[200] == 2
            windows.close()
        assert windows.faults == []
