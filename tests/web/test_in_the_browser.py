"""What only a browser can show: one page that answers the head's questions, the API page, sessions, the walk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.office import Office
from tests.web.history import REASONS, History
from tests.web.looking import axe_findings, settle, shifts, watch_shifts
from tests.web.windows import Windows

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")
_LONG = "empat kata yang panjang sekali"


class TestTheHead:
    def test_has_three_questions_answered_on_one_page(
        self, shared_office: Office, shared_windows: Windows, history: History
    ) -> None:
        cases = shared_office.read("process-instances", "kepala_dinas", status="active")["items"]
        late = [task for one in cases for task in one["open_tasks"] if task["overdue"]]
        assert late
        page = shared_windows.open("kepala_dinas", "/pantauan")

        where = page.locator("section[aria-labelledby=sampai-di-mana]")
        expect(where.locator("tbody tr")).to_have_count(len(cases))
        returned = where.locator("tr", has=page.locator(f"a[href='/berkas/{history.returned}']"))
        expect(returned).to_contain_text("2 kali dikembalikan")
        expect(returned).to_contain_text("Kasubag Perencanaan (peragaan)")
        whose = page.locator("section[aria-labelledby=siapa-terlambat]")
        expect(whose.locator("tbody tr")).to_have_count(len(late))
        often = page.locator("section[aria-labelledby=berapa-kali-dikembalikan]")
        for reason in REASONS:
            expect(often).to_contain_text(reason)


class TestASlowComputer:
    # A table that is drawn while it is read grows wider with every row; a fast computer shows that only now and then.
    @pytest.mark.parametrize(("username", "path"), [("admin", "/pengguna"), ("kasubag_perencanaan", "/berkas")])
    def test_sees_no_page_move_while_it_comes_in(
        self, shared_windows: Windows, history: History, username: str, path: str
    ) -> None:
        page = shared_windows.open(username)
        watch_shifts(page)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
        moved = []
        for _ in range(5):
            page.goto(path)
            moved += shifts(page)
        assert not moved


class TestThePageOfTheApi:
    def test_signs_in_by_its_form_and_asks_who_one_is(self, shared_windows: Windows) -> None:
        page = shared_windows.open(path="/api/v1/docs")
        settle(page)
        page.get_by_role("button", name="Authorize").first.click()
        form = page.locator(".auth-container").first
        form.locator("input[type=text]").first.fill("staf")
        form.locator("input[type=password]").first.fill("demo")
        form.get_by_role("button", name="Apply given OAuth2 credentials").click()
        expect(page.locator(".auth-container").first).to_contain_text("Logout")
        page.locator(".modal-ux .btn-done").click()

        me = page.locator(".opblock", has=page.locator("[data-path='/api/v1/me']"))
        me.locator(".opblock-summary-control").click()
        me.get_by_role("button", name="Try it out").click()
        me.get_by_role("button", name="Execute").click()
        expect(me.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
        expect(me.locator(".live-responses-table")).to_contain_text('"staf"')


class TestAPassword:
    def test_that_is_changed_signs_out_every_other_browser(self, windows: Windows) -> None:
        here, elsewhere = windows.open("staf", "/profil"), windows.open("staf", "/tugas")
        for field, typed in (("lama", "demo"), ("baru", _LONG), ("ulang", _LONG)):
            here.locator(f"#{field}").fill(typed)
        here.get_by_role("button", name="Ganti kata sandi").click()
        expect(here.get_by_text("Kata sandi sudah diganti.")).to_be_visible()

        elsewhere.reload()
        expect(elsewhere).to_have_url(re.compile(r"/masuk"))
        here.goto("/tugas")
        expect(here.get_by_role("heading", name="Kotak tugas")).to_be_visible()


class TestTheSkipLink:
    def test_is_the_first_stop_and_leads_past_the_menu(self, shared_windows: Windows) -> None:
        page = shared_windows.open("staf", "/berkas")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Langsung ke isi")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")

    def test_leads_past_the_list_where_a_task_is_open(self, shared_windows: Windows, history: History) -> None:
        page = shared_windows.open("kasubag_perencanaan", f"/tugas/{history.drafting_task}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#nama-tugas")).to_be_focused()


class TestTheKeys:
    def test_are_listed_by_one_of_them(self, shared_windows: Windows) -> None:
        page = shared_windows.open("staf", "/tugas")
        keys = page.get_by_role("dialog", name="Tombol pintasan")
        expect(keys).not_to_be_visible()
        page.keyboard.press("?")
        expect(keys).to_contain_text("Baris berikutnya, sebelumnya")
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
        expect(keys).not_to_be_visible()


class TestADiagram:
    def test_opens_whole_where_it_can_be_read_so(self, shared_windows: Windows, history: History) -> None:
        page = shared_windows.open("staf", f"/berkas/{history.complete}")
        settle(page)
        box = page.locator("#peta [data-canvas]").bounding_box()
        drawn = page.locator("#peta .djs-shape").first.bounding_box()
        assert box is not None
        assert drawn is not None
        assert box["y"] <= drawn["y"]
        assert drawn["y"] + drawn["height"] <= box["y"] + box["height"]


class TestTheWalk:
    def test_leads_to_its_end_by_its_own_buttons_and_keeps_nobody_out(self, windows: Windows) -> None:
        page = windows.open(path="/masuk")
        page.get_by_role("button", name="Mulai panduan").click()
        for decision in (None, None, None, None, "dikembalikan", None, "setuju", "setuju"):
            _follow(page)
            if decision is None:
                page.locator("#isian").get_by_role("button", name="Selesaikan").click()
            else:
                found = [*axe_findings(page)]
                assert found == []
                if decision == "dikembalikan":
                    page.get_by_label("Alasan").fill("Target belum sama dengan RKPD.")
                page.locator(f"#isian button[value={decision}]").click()
            expect(page.locator(".notice")).to_be_visible()
        _follow(page)
        expect(page.locator("main")).to_contain_text("PERAGAAN-1")
        assert axe_findings(page) == []


def _follow(page: Page) -> None:
    """Press what the guide offers until it offers nothing more: its page is the one that is open."""
    guide = page.locator(".walk-now")
    link, switch = guide.locator("a.primary"), guide.locator("form[action='/peragaan/masuk'] button")
    if link.count():
        link.click()
    elif switch.count():
        switch.click()
    settle(page)
