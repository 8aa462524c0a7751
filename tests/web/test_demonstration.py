"""The first minute: a part is chosen without typing, the bar switches and lets time pass, the walk leads to its end."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.core.settings import Settings
from app.demo.cast import PARTS
from app.demo.users import _USERS
from app.identity.passwords import Passwords
from app.main import create_app
from app.web.visit import SESSION_COOKIE
from tests.office import SECRET, Clock, Json, Office
from tests.web.browser import Browser


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office)


def acts(office: Office, kind: str) -> list[Json]:
    """Return what the trail tells of acts of a kind."""
    with office.database.read() as connection:
        rows = connection.execute(
            sa.text("SELECT content FROM event WHERE type = :kind ORDER BY position"), {"kind": kind}
        )
        return [json.loads(row.content) for row in rows]


def offers(browser: Browser, action: str) -> list[str]:
    """Return what the buttons of the forms that lead to a place say."""
    buttons = browser.tree.xpath(f"//form[@action='{action}']//button")
    return [" ".join(button.text_content().split()) for button in buttons]


class TestInProduction:
    @pytest.fixture
    def production(self, url: str) -> Iterator[Browser]:
        """A browser at a production installation that has the same people."""
        settings = Settings(environment="production", database_url=url, secret_key=SecretStr(SECRET))
        database, clock = Database(url, listeners=LISTENERS), Clock()
        app = create_app(settings, clock=clock, database=database, passwords=Passwords(cheap=True))
        yield Browser(Office(url, TestClient(app), app, clock))
        database.close()

    def test_there_is_nothing_of_it(self, production: Browser) -> None:
        for path in ("/peragaan", "/peragaan/masuk", "/peragaan/contoh"):
            assert production.open(path).status == 404
        for path in ("masuk", "panduan", "panduan/tutup", "waktu", "contoh"):
            assert production.post(f"/peragaan/{path}", peran="sekretaris", maju="2h").status == 404, path
        assert SESSION_COOKIE not in production.client.cookies

    def test_no_page_speaks_of_it(self, production: Browser) -> None:
        pages = [production.open("/masuk").page, production.sign_in("sekretaris").page, production.open("/tugas").page]

        for page in pages:
            assert "eragaan" not in page.replace("(peragaan)", "")
            assert 'class="demo' not in page
        assert "Kotak tugas" in pages[2]


class TestAnEmptyOffice:
    def test_offers_the_guide_and_the_cases_on_every_page_until_something_runs(
        self, browser: Browser, office: Office
    ) -> None:
        browser.sign_in("staf")
        for path in ("/tugas", "/berkas", "/pantauan"):
            browser.open(path)
            assert offers(browser, "/peragaan/panduan") == ["Mulai panduan"]
            assert offers(browser, "/peragaan/contoh") == ["Isi dengan contoh berkas"]

        office.start()

        assert offers(browser.open("/tugas"), "/peragaan/panduan") == []
        assert offers(browser, "/peragaan/contoh") == []


class TestTheGuide:
    def test_says_what_to_press_to_whom_it_is_and_whose_turn_it_is_to_others(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/panduan")
        assert "Tekan “Selesaikan” di bawah." in browser.text
        assert "Tidak ada yang perlu diisi. Bila pekerjaannya sudah beres, tekan Selesaikan." in browser.text

        (form,) = browser.tree.xpath("//form[@id='isian']")
        browser.post(form.action, **dict(form.form_values()))

        assert "Sekarang giliran Kasubag Perencanaan." in browser.text
        assert "lalu tekan “Selesaikan”" not in browser.text


class TestTheFirstPage:
    def test_offers_every_demonstration_user_in_one_click(self, browser: Browser) -> None:
        assert browser.open("/").url == "/masuk"

        assert offers(browser, "/peragaan/masuk")[0].startswith("Masuk sebagai Sekretaris")
        assert PARTS.keys() == _USERS.keys()
        assert len(offers(browser, "/peragaan/masuk")) == len(PARTS)
        assert browser.send("/peragaan/masuk", peran="kasubag_perencanaan").url == "/tugas"
        assert "Kasubag Perencanaan (peragaan)" in browser.text

    def test_says_what_waits_for_whom(self, browser: Browser, office: Office) -> None:
        office.start()
        assert "1 tugas menunggu" in browser.open("/masuk").text
        office.clock.moment = office.clock.moment.replace(day=20)
        assert "1 terlambat" in browser.open("/masuk").text

    def test_leads_to_where_one_wanted_to_go(self, browser: Browser) -> None:
        browser.open("/tugas?tab=terlambat").send("/peragaan/masuk", peran="staf")

        assert str(browser.answer.url).endswith("/tugas?tab=terlambat")

    def test_keeps_the_form_for_names_and_passwords(self, browser: Browser) -> None:
        assert browser.sign_in("staf", "wrong").status == 401
        assert "Nama pengguna atau kata sandi keliru." in browser.text
        assert browser.send("/masuk", username="staf", password="demo").url == "/tugas"

    def test_keeps_what_was_typed_before_the_session_ended(self, browser: Browser) -> None:
        browser.sign_in("staf").open("/tugas")
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.lose_session()
        browser.post("/keluar", csrf=token, catatan="sudah panjang sekali")

        browser.send("/peragaan/masuk", peran="staf")

        assert "sudah panjang sekali" in browser.text

    def test_lets_in_nobody_else(self, browser: Browser, office: Office) -> None:
        office.hire("budi", "sekretaris@disnaker")
        for name in ("budi", "", "tiada"):
            assert browser.post("/peragaan/masuk", peran=name).status == 422
        assert SESSION_COOKIE not in browser.client.cookies

    def test_is_not_pressed_by_another_site(self, browser: Browser) -> None:
        for action in ("masuk", "panduan", "contoh"):
            answer = browser.client.post(
                f"/peragaan/{action}", data={"peran": "staf"}, headers={"Origin": "https://elsewhere.test"}
            )
            assert answer.status_code == 403, action

    def test_fills_the_office_with_cases_once(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/contoh")
        assert "8 berkas contoh ditambahkan." in browser.text
        assert offers(browser, "/peragaan/contoh") == []
        browser.post("/peragaan/contoh", lanjut="/masuk")
        assert "Berkas contoh sudah ada." in browser.text

    def test_is_open_to_who_is_signed_in_too(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="staf").open("/peragaan")

        assert (browser.status, "Anda sekarang" in browser.text) == (200, True)

    def test_speaks_english(self, browser: Browser) -> None:
        browser.open("/masuk").send("/bahasa", bahasa="en", lanjut="/masuk")

        assert "Sign in as Secretary" in browser.text
        assert "Start the guide" in browser.text


class TestTheBar:
    def test_switches_to_another_part_with_a_session_of_its_own(self, browser: Browser, office: Office) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="sekretaris")
        before = browser.client.cookies[SESSION_COOKIE]

        browser.send("/peragaan/masuk", peran="kepala_dinas")

        assert "Kepala Dinas (peragaan)" in browser.text
        assert browser.client.cookies[SESSION_COOKIE] != before
        browser.client.cookies.clear()
        browser.client.cookies.set(SESSION_COOKIE, before)
        assert browser.open("/tugas").url == "/masuk"
        switched = [(act["data"]["from"], act["data"]["to"]) for act in acts(office, "demo.role_switched")]
        assert switched == [(None, "sekretaris"), ("sekretaris", "kepala_dinas")]

    def test_lets_time_pass(self, browser: Browser, office: Office) -> None:
        office.start()
        browser.open("/masuk").send("/peragaan/masuk", peran="sekretaris")
        assert "Terlambat 1 hari kerja" not in browser.text

        browser.send("/peragaan/waktu", maju="2h")

        assert browser.url == "/tugas"
        assert "Waktu peragaan kini 5 Agu 2026, 10.00 WIB." in browser.text
        assert "Terlambat 1 hari kerja" in browser.text
        assert "5 Agu 2026, 10.00 WIB" in browser.open("/tugas").text

    def test_is_asked_for_its_token_before_time_passes(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="sekretaris")

        assert browser.post("/peragaan/waktu", maju="2h").status == 403
        assert "Agu 2026" not in browser.open("/peragaan").text

    def test_refuses_a_time_that_is_not_offered(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="sekretaris")

        assert browser.send("/peragaan/waktu", maju="-1h").status == 422

    def test_is_there_where_a_page_is_not(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="sekretaris")

        assert browser.open("/tugas/nothing/here").status == 404
        assert "Mode Peragaan" in browser.text


class TestTheWalk:
    # The part that has the next task, and what he decides there.
    STEPS = (
        ("Sekretaris", None),
        ("Kasubag Perencanaan", None),
        ("Tim Penyusun Renja", None),
        ("Kasubag Perencanaan", None),
        ("Tim Penyusun Renja", "dikembalikan"),
        ("Kasubag Perencanaan", None),
        ("Tim Penyusun Renja", "setuju"),
        ("Sekretaris", "setuju"),
    )

    def test_leads_to_its_end_by_its_own_buttons(self, browser: Browser, office: Office) -> None:
        browser.open("/masuk").send("/peragaan/panduan")
        names = {part.name: part.username for part in PARTS.values()}
        told: list[str] = []
        for who, decision in self.STEPS:
            if told:
                browser.open("/tugas")
                (offered,) = browser.tree.xpath("//section[@class='walk']//form[@action='/peragaan/masuk']")
                assert " ".join(offered.text_content().split()) == f"Lanjut sebagai {who}"
                place, part = offered.xpath(".//input/@value")[0], offered.xpath(".//button/@value")[0]
                browser.post("/peragaan/masuk", lanjut=place, peran=part)
            task_id = browser.url.removeprefix("/tugas/")
            told.append(browser.open("/tugas").text.partition("Panduan, tahap ")[2][:1])
            given = {} if decision is None else {"keputusan": decision}
            given |= {"alasan": "Target belum sama dengan RKPD."} if decision == "dikembalikan" else {}
            answer = office.complete(task_id, names[who], **given)
            assert answer.status_code == 200, answer.text

        assert told == ["1", "2", "2", "2", "3", "4", "5", "5"]
        browser.open("/tugas")
        assert "Rancangan awal sudah ditandatangani." in browser.text
        (case,) = browser.tree.xpath("//section[@class='walk']//a/@href")
        assert office.instance(case.removeprefix("/berkas/"))["business_key"] == "PERAGAAN-1"

    def test_is_marked_as_a_second_round_after_the_return(self, browser: Browser, office: Office) -> None:
        browser.open("/masuk").send("/peragaan/panduan")
        instance = office.read("process-instances", "inspektorat", business_key="PERAGAAN-1")["items"][0]
        instance = office.advance(office.instance(instance["id"]), 4)
        (task,) = instance["open_tasks"]
        office.complete(task, keputusan="dikembalikan", alasan="Belum lengkap.")

        browser.post("/peragaan/masuk", peran="kasubag_perencanaan", lanjut="/tugas")
        assert "Konsepnya kembali, putaran ke-2" in browser.text

    def test_goes_on_where_it_is_and_does_not_begin_twice(self, browser: Browser, office: Office) -> None:
        for _ in range(2):
            browser.lose_session()
            browser.open("/masuk").send("/peragaan/panduan")

        assert len(office.read("process-instances", "inspektorat")["items"]) == 1
        assert "Lanjutkan panduan" in browser.open("/peragaan").text

    def test_begins_anew_when_it_is_over(self, browser: Browser, office: Office) -> None:
        browser.open("/masuk").send("/peragaan/panduan")
        (item,) = office.read("process-instances", "inspektorat")["items"]
        office.advance(office.instance(item["id"]), 6)
        assert "Ulangi panduan" in browser.open("/peragaan").text

        browser.send("/peragaan/panduan")

        assert len(office.read("process-instances", "inspektorat")["items"]) == 2
        assert "Panduan, tahap 1 dari 6" in browser.open("/tugas").text

    def test_is_put_away_and_brought_back(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/panduan").open("/tugas")
        browser.send("/peragaan/panduan/tutup")
        assert "Panduan, tahap" not in browser.text

        browser.open("/peragaan").send("/peragaan/panduan")

        assert "Panduan, tahap" in browser.open("/tugas").text

    def test_is_not_shown_before_it_is_begun(self, browser: Browser) -> None:
        browser.open("/masuk").send("/peragaan/masuk", peran="staf")

        assert "Panduan, tahap" not in browser.text
