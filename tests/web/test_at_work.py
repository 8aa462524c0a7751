"""The office at work, each person in a window of a real browser, on both databases.

A whole Renja, two at one task, and a session that ends too early.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.bpmn.sop_walk import DIKEMBALIKAN, Stop, sops
from tests.office import Office
from tests.web.windows import Windows, end_session

REASON = "Target triwulan III belum sesuai dengan Renstra; perbaiki tabel 2."


@pytest.fixture
def person(windows: Windows) -> Callable[[str], Page]:
    """The window of a user, signed in through the form when he first comes."""
    pages: dict[str, Page] = {}

    def find(username: str) -> Page:
        if username not in pages:
            page = pages[username] = windows.open(path="/masuk")
            page.get_by_role("textbox", name="Nama pengguna").fill(username)
            page.get_by_label("Kata sandi", exact=True).fill("demo")
            page.get_by_role("button", name="Masuk", exact=True).click()
            expect(page.get_by_role("heading", name="Kotak tugas")).to_be_visible()
        return pages[username]

    return find


def take(page: Page, name: str) -> None:
    """Find a task among those of one's role, open it and take it."""
    page.goto("/tugas?tab=tim")
    page.locator("a.row", has_text=name).first.click()
    expect(page.locator("#rincian").get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.get_by_role("button", name="Ambil tugas").click()
    expect(page.get_by_text("Tugas ini sekarang milik Anda.")).to_be_visible()


def finish(page: Page, decision: str | None, reason: str | None = None) -> None:
    """Finish the task that is open in a window, or decide it."""
    if reason is not None:
        page.get_by_label("Alasan").fill(reason)
    if decision is None:
        page.get_by_role("button", name="Selesaikan").click()
    else:
        page.locator(f"#isian button[value={decision}]").click()
    said = "Dikembalikan." if decision == DIKEMBALIKAN else "Tugas selesai."
    expect(page.locator(".notice")).to_contain_text(said)


class TestARenja:
    def test_is_carried_from_its_start_through_two_returns_to_its_end(
        self, office: Office, person: Callable[[str], Page]
    ) -> None:
        sop, instance_id = sops()["renja"], ""
        for number, step in enumerate(sop.walk({5: 1, 11: 1})):
            if number == 0:
                page = person("sekretaris")
                page.goto("/berkas/mulai/renja")
                page.get_by_label("Tahun").fill("2027")
                page.get_by_role("button", name="Mulai berkas").click()
                expect(page.get_by_text("Memerintahkan penyusunan Rancangan Renja").first).to_be_visible()
                (started,) = office.read("process-instances", "inspektorat")["items"]
                instance_id = started["id"]
            if isinstance(step, Stop):
                page = person(step.role)
                take(page, step.name)
                if step.visit > 1 and step.decision is None:
                    # What was wanted the last time is before the eyes of whoever repairs it.
                    expect(page.locator("#rincian")).to_contain_text(REASON)
                finish(page, step.decision, REASON if step.decision == DIKEMBALIKAN else None)
            else:
                page = person("sekretaris")
                page.goto(f"/berkas/{instance_id}")
                page.locator("form[action$='/pesan'] button").click()
                expect(page.locator(".notice")).to_be_visible()
        ended = office.instance(instance_id)
        assert (ended["status"], ended["returns"]) == ("completed", 2)
        page = person("kasubag_perencanaan")
        page.goto(f"/berkas/{instance_id}")
        expect(page.locator("#isi")).to_contain_text(REASON)

    def test_is_not_returned_without_a_reason(self, office: Office, person: Callable[[str], Page]) -> None:
        office.advance(office.start("sekretaris", "renja"), 4)
        page = person("tim_renja")
        take(page, "Memeriksa draf rancangan awal Renja")
        page.locator("#isian button[value=dikembalikan]").click()
        reason = page.get_by_label("Alasan")
        expect(reason).to_be_focused()
        expect(page.get_by_text("Dikembalikan.", exact=True)).not_to_be_visible()
        reason.fill(REASON)
        finish(page, DIKEMBALIKAN)


class TestTwoAtOneTask:
    def test_the_later_is_told_who_was_first_and_loses_nothing(
        self, office: Office, person: Callable[[str], Page]
    ) -> None:
        office.hire("rekan", "tim_renja@disnaker")
        office.advance(office.start("sekretaris", "renja"), 4)
        first, later = person("tim_renja"), person("rekan")
        for page in (first, later):
            page.goto("/tugas?tab=tim")
            page.locator("a.row", has_text="Memeriksa draf rancangan awal Renja").click()
            expect(page.locator("#isian")).to_be_visible()
        later.get_by_label("Alasan").fill(REASON)
        first.locator("#isian button[value=setuju]").click()
        expect(first.locator(".notice")).to_contain_text("Tugas selesai.")
        later.locator("#isian button[value=dikembalikan]").click()
        expect(later.get_by_role("alert")).to_contain_text("Anggota Tim Renja (peragaan)")
        expect(later.locator("#terketik")).to_have_value(re.compile(re.escape(REASON)))


class TestASessionThatEnds:
    def test_in_the_middle_of_a_form_loses_nothing_that_was_typed(
        self, office: Office, person: Callable[[str], Page]
    ) -> None:
        instance = office.advance(office.start("sekretaris", "renja"), 4)
        page = person("tim_renja")
        take(page, "Memeriksa draf rancangan awal Renja")
        page.get_by_label("Alasan").fill(REASON)
        end_session(page)
        page.locator("#isian button[value=dikembalikan]").click()
        expect(page.get_by_text("Sesi Anda sudah berakhir.")).to_be_visible()
        page.get_by_role("textbox", name="Nama pengguna").fill("tim_renja")
        page.get_by_label("Kata sandi", exact=True).fill("demo")
        page.get_by_role("button", name="Masuk", exact=True).click()
        expect(page.get_by_text(REASON)).to_be_visible()
        page.get_by_role("button", name="Kirim sekarang").click()
        expect(page.locator(".notice")).to_contain_text("Dikembalikan.")
        assert office.instance(instance["id"])["returns"] == 1
        (task,) = office.instance(instance["id"])["open_tasks"]
        page = person("kasubag_perencanaan")
        page.goto(f"/tugas/{task['id']}")
        expect(page.locator("#rincian")).to_contain_text(REASON)
