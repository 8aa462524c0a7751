"""Profil: what somebody sees of himself, his password, and his sessions."""

import pytest

from tests.office import Office
from tests.web.browser import Browser

LONG = "hujan turun di sore hari"


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office).sign_in("staf").open("/profil")


def change(browser: Browser, old: str, new: str, again: str | None = None) -> Browser:
    return browser.send("/profil/sandi", lama=old, baru=new, ulang=new if again is None else again)


class TestTheProfile:
    def test_says_who_one_is_and_what_one_holds(self, browser: Browser) -> None:
        assert "Staf (peragaan)" in browser.text
        assert "Dinas Tenaga Kerja · sejak 1 Januari 2024" in browser.text
        assert "Peramban ini" in browser.text

    def test_changes_the_language_and_stays(self, browser: Browser) -> None:
        browser.send("/bahasa", bahasa="en", lanjut="/profil")
        assert (browser.url, "Open sessions" in browser.text) == ("/profil", True)

    def test_leads_to_the_licences_of_what_it_is_made_of(self, browser: Browser) -> None:
        (place,) = browser.tree.xpath("//a[starts-with(@href, '/static/NOTICES')]/@href")
        assert "swagger-ui" in browser.open(place).page

    def test_is_for_who_is_signed_in(self, office: Office) -> None:
        assert Browser(office).open("/profil").status == 401


class TestThePassword:
    @pytest.mark.parametrize(
        ("old", "new", "again", "field"),
        [("keliru", LONG, LONG, "lama"), ("demo", "pendek", "pendek", "baru"), ("demo", LONG, "lain", "ulang")],
    )
    def test_stays_where_something_is_wrong(
        self, browser: Browser, office: Office, old: str, new: str, again: str, field: str
    ) -> None:
        change(browser, old, new, again)
        assert browser.status == 422
        assert browser.tree.xpath("//*[@role='alert']//a/@href") == [f"#{field}"]
        assert new not in browser.page
        assert office.sign_in("staf").status_code == 200

    def test_ends_the_other_sessions_and_keeps_this_one_under_a_new_name(
        self, browser: Browser, office: Office
    ) -> None:
        other = Browser(office).sign_in("staf")
        before = browser.client.cookies["alur_sesi"]
        change(browser, "demo", LONG)
        assert (browser.url, "Kata sandi sudah diganti." in browser.text) == ("/profil", True)
        assert browser.client.cookies["alur_sesi"] != before
        assert other.open("/tugas").url == "/masuk"
        assert office.sign_in("staf").status_code == 401
        assert office.sign_in("staf", LONG).status_code == 200


class TestSessions:
    def test_are_ended_one_by_one_or_all_but_this(self, browser: Browser, office: Office) -> None:
        others = [Browser(office).sign_in("staf") for _ in range(3)]
        browser.open("/profil").send("/profil/sesi/akhiri")
        assert sum(one.open("/tugas").url == "/masuk" for one in others) == 1
        browser.send("/profil/sesi/akhiri-lain")
        assert "2 sesi lain diakhiri." in browser.text
        assert all(one.open("/tugas").url == "/masuk" for one in others)
        assert browser.open("/tugas").url == "/tugas"

    def test_of_another_person_are_not_within_reach(self, browser: Browser, office: Office) -> None:
        other = Browser(office).sign_in("sekretaris")
        Browser(office).sign_in("sekretaris")
        (wanted,) = other.open("/profil").tree.xpath("//input[@name='sesi']/@value")
        Browser(office).sign_in("staf")
        browser.open("/profil").send("/profil/sesi/akhiri", sesi=wanted)
        assert "memang sudah berakhir" in browser.text
        assert len(other.open("/profil").tree.xpath("//input[@name='sesi']")) == 1
        browser.open("/profil").send("/profil/sesi/akhiri", sesi="bukan heksadesimal")
        assert "memang sudah berakhir" in browser.text
