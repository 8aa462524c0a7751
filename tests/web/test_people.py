"""Pengguna & jabatan: who sees it, what may be done there, and that a password is shown once."""

import re

import pytest

from tests.office import Office
from tests.web.browser import Browser

PLACE = "/pengguna/orang/staf"


@pytest.fixture
def admin(office: Office) -> Browser:
    return Browser(office).sign_in("admin")


class TestWhoAdministersNothing:
    def test_is_not_let_in_and_has_no_way_there(self, shared_office: Office) -> None:
        browser = Browser(shared_office).sign_in("kepala_dinas")
        assert browser.open("/tugas").tree.xpath("//nav//a[@href='/pengguna']") == []
        for path in ("/pengguna", "/pengguna/jabatan", "/pengguna/tambah", PLACE):
            assert browser.open(path).status == 403, path
        token = browser.open("/tugas").tree.xpath("//input[@name='csrf']/@value")[0]
        for act in ("tutup", "buka", "sandi", "jabatan", "jabatan/cabut", "wewenang", "wewenang/cabut"):
            fields = {"csrf": token, "role": "staf", "unit": "disnaker", "permission": "deploy"}
            assert browser.post(f"{PLACE}/{act}", **fields).status == 403, act
        assert shared_office.sign_in("staf").status_code == 200

    def test_of_these_units_does_not_find_their_people(self, office: Office) -> None:
        office.hire("admin_luar", permissions=("administer@disnaker",))
        browser = Browser(office).sign_in("admin_luar")
        assert browser.open("/pengguna/orang/inspektorat").status == 404
        assert browser.open("/pengguna/orang/tiada").status == 404


class TestTheList:
    def test_shows_people_with_what_they_hold(self, admin: Browser) -> None:
        admin.open("/pengguna")
        assert admin.tree.xpath("//th/a[@href='/pengguna/orang/sekretaris']")
        assert "Sekretaris Dinas" in admin.text
        assert "s.d. 31 Desember 2099" in admin.text

    def test_finds_by_name_and_says_so_where_nobody_fits(self, admin: Browser) -> None:
        found = admin.open("/pengguna?q=verifikator").tree.xpath("//tbody//th/a/@href")
        assert found == ["/pengguna/orang/bappeda"]
        assert "Tidak ada yang cocok" in admin.open("/pengguna?q=zzz").text

    def test_keeps_closed_accounts_apart(self, admin: Browser) -> None:
        admin.open(PLACE).send(f"{PLACE}/tutup")
        assert "/pengguna/orang/staf" not in admin.open("/pengguna").tree.xpath("//tbody//th/a/@href")
        assert admin.open("/pengguna?akun=ditutup").tree.xpath("//tbody//th/a/@href") == ["/pengguna/orang/staf"]


class TestAnAccount:
    def test_is_opened_with_a_password_that_is_shown_once(self, admin: Browser, office: Office) -> None:
        admin.open("/pengguna/tambah").send("/pengguna/tambah", name="Budi", username="budi", role="staf")
        (password,) = admin.tree.xpath("//code/text()")
        assert admin.status == 200
        assert admin.answer.headers["cache-control"] == "private, no-store"
        assert password not in str(admin.client.cookies)
        assert password not in admin.open("/pengguna/orang/budi").page
        assert Browser(office).sign_in("budi", password).url == "/tugas"

    def test_that_cannot_be_opened_keeps_what_was_typed(self, admin: Browser) -> None:
        admin.open("/pengguna/tambah").send("/pengguna/tambah", name="Budi", username="staf", kind="plh")
        assert admin.status == 409
        assert "sudah dipakai" in admin.text
        assert admin.tree.xpath("//input[@name='name']/@value") == ["Budi"]
        assert admin.tree.xpath("//*[@role='alert']//a/@href") == ["#username"]
        admin.send("/pengguna/tambah", username="budi", letter="")
        assert (admin.status, admin.tree.xpath("//*[@role='alert']//a/@href")) == (422, ["#letter"])
        admin.send("/pengguna/tambah", kind="definitif", valid_to="besok")
        assert admin.tree.xpath("//*[@role='alert']//a/@href") == ["#valid_to"]

    def test_gets_a_new_password_and_its_sessions_end(self, admin: Browser, office: Office) -> None:
        other = Browser(office).sign_in("staf")
        assert "Dibuka" in admin.open(PLACE).text
        admin.send(f"{PLACE}/sandi")
        (password,) = admin.tree.xpath("//code/text()")
        assert re.fullmatch(r"\w{5}-\w{5}-\w{4}", password)
        assert other.open("/tugas").url == "/masuk"
        assert Browser(office).sign_in("staf", password).url == "/tugas"

    def test_is_closed_at_once_and_opened_again(self, admin: Browser, office: Office) -> None:
        other = Browser(office).sign_in("staf")
        admin.open(PLACE).send(f"{PLACE}/tutup")
        assert "Akun ini ditutup" in admin.text
        assert other.open("/tugas").url == "/masuk"
        assert other.sign_in("staf").status == 401
        admin.send(f"{PLACE}/buka")
        assert other.sign_in("staf").url == "/tugas"

    def test_of_oneself_is_for_another(self, admin: Browser) -> None:
        admin.open("/pengguna/orang/admin")
        assert "Akun Anda sendiri" in admin.text
        token = admin.tree.xpath("//input[@name='csrf']/@value")[0]
        assert admin.post("/pengguna/orang/admin/tutup", csrf=token).status == 403
        assert admin.open("/pengguna").status == 200


class TestWhatSomebodyHolds:
    def test_is_given_and_taken(self, admin: Browser, office: Office) -> None:
        acting = {"role": "sekretaris", "kind": "plh", "letter": "800/12/2026", "valid_to": "2026-08-31"}
        admin.open(PLACE).send(f"{PLACE}/jabatan", **acting)
        assert "Jabatan diberikan." in admin.text
        assert "Plh Sekretaris Dinas" in admin.text
        assert "surat 800/12/2026" in admin.text
        assert {one["key"] for one in office.read("me", "staf")["roles"]} == {"staf", "sekretaris"}
        admin.send(f"{PLACE}/wewenang", permission="deploy")
        assert "Wewenang diberikan." in admin.text
        admin.send(f"{PLACE}/wewenang/cabut")
        admin.send(f"{PLACE}/jabatan/cabut")
        me = office.read("me", "staf")
        assert ([one["key"] for one in me["roles"]], me["permissions"]) == (["staf"], [])

    def test_is_refused_with_what_is_missing(self, admin: Browser) -> None:
        admin.open(PLACE).send(f"{PLACE}/jabatan", role="sekretaris", kind="plt")
        assert admin.status == 422
        assert "Plt dan Plh memerlukan nomor surat perintah" in admin.text
        assert admin.tree.xpath("//option[@selected and @value='sekretaris']")


class TestRolesAndUnits:
    def test_are_trees_with_holders_and_vacancies(self, admin: Browser) -> None:
        admin.open("/pengguna/orang/sekretaris").send("/pengguna/orang/sekretaris/tutup")
        admin.open("/pengguna/jabatan")
        rows = {
            " ".join(row.xpath("./th")[0].text_content().split()): " ".join(
                row.xpath("./td[1]")[0].text_content().split()
            )
            for row in admin.tree.xpath("//tbody/tr")
        }
        assert rows["Sekretaris Dinas di bawah Kepala Dinas"] == "kosong"
        assert rows["Kepala Dinas"].startswith("Kepala Dinas (peragaan)")
        assert "sekdis" in admin.text
        assert rows["Dinas Tenaga Kerja disnaker"] == "Perangkat daerah"

    def test_are_said_in_english_too(self, admin: Browser) -> None:
        admin.open("/pengguna/jabatan").send("/bahasa", bahasa="en")
        assert "Roles & units" in admin.text
