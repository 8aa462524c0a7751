"""Sessions, forms that are really ours, and what becomes of a form when its session has ended."""

import pytest

from app.web.visit import CSRF_FIELD, SESSION_COOKIE
from tests.office import Office
from tests.web.browser import Browser


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office)


class TestSigningIn:
    def test_leads_to_where_one_wanted_to_go(self, browser: Browser) -> None:
        browser.open("/tugas?tab=tim")
        assert (browser.status, "Masuk ke Alur" in browser.text) == (401, True)
        browser.send("/masuk", username="sekretaris", password="demo")
        assert (browser.status, browser.url) == (200, "/tugas")
        assert "Sekretaris (peragaan)" in browser.text

    def test_does_not_tell_which_of_the_two_was_wrong(self, browser: Browser) -> None:
        for name in ("sekretaris", "nobody"):
            browser.sign_in(name, "wrong")
            assert browser.status == 401
            assert "Nama pengguna atau kata sandi keliru." in browser.text

    def test_never_leads_to_another_site(self, browser: Browser) -> None:
        for place in ("https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "javascript:alert(1)"):
            browser.open("/masuk").send("/masuk", username="staf", password="demo", lanjut=place)
            assert browser.answer.url.host == "alur.test", place
            browser.lose_session()

    def test_draws_a_new_session_each_time(self, browser: Browser) -> None:
        browser.sign_in("staf")
        names = {browser.client.cookies[SESSION_COOKIE]}
        for planted in (*names, "chosen by somebody else"):
            answer = browser.client.post(
                "/masuk",
                data={"username": "staf", "password": "demo"},
                headers={"Cookie": f"{SESSION_COOKIE}={planted}"},
                follow_redirects=False,
            )
            names |= {planted, answer.cookies[SESSION_COOKIE]}
        assert len(names) == 4

    def test_gives_a_cookie_that_no_script_reads(self, browser: Browser) -> None:
        answer = browser.client.post("/masuk", data={"username": "staf", "password": "demo"}, follow_redirects=False)
        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION_COOKIE))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie

    def test_over_tls_gives_it_for_tls_alone(self, browser: Browser) -> None:
        answer = browser.client.post(
            "https://alur.test/masuk", data={"username": "staf", "password": "demo"}, follow_redirects=False
        )
        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION_COOKIE))
        assert "Secure" in cookie


class TestASession:
    def test_ends_on_the_server(self, browser: Browser) -> None:
        browser.sign_in("staf").open("/tugas")
        kept = browser.client.cookies[SESSION_COOKIE]
        browser.send("/keluar")
        browser.client.cookies.set(SESSION_COOKIE, kept)
        assert browser.open("/tugas").url == "/masuk"

    def test_ends_with_the_password(self, browser: Browser, office: Office) -> None:
        browser.sign_in("staf").open("/tugas")
        office.set_password("staf", "another one")
        assert browser.open("/tugas").url == "/masuk"

    def test_is_kept_as_a_hash(self, browser: Browser, office: Office) -> None:
        browser.sign_in("staf")
        name = browser.client.cookies[SESSION_COOKIE]
        with office.database.read() as connection:
            kept = connection.exec_driver_sql("SELECT key FROM user_session").all()
        assert all(name.encode() not in bytes(row[0]) for row in kept)


class TestAForm:
    def test_without_its_token_changes_nothing(self, browser: Browser) -> None:
        browser.sign_in("staf")
        browser.post("/keluar")
        assert browser.status == 403
        assert browser.open("/tugas").status == 200
        assert browser.url == "/tugas"

    def test_with_the_token_of_another_session_is_shown_again(self, browser: Browser, office: Office) -> None:
        other = Browser(office).sign_in("kasubag_perencanaan").open("/tugas")
        token = other.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.sign_in("staf").post("/keluar", **{CSRF_FIELD: token, "catatan": "tetap ada"})
        assert browser.status == 403
        assert "tetap ada" in browser.text

    def test_from_another_site_is_refused_before_anything(self, browser: Browser) -> None:
        browser.sign_in("staf")
        answer = browser.client.post("/keluar", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
        assert answer.status_code == 403
        answer = browser.client.post(
            "/masuk", data={"username": "staf", "password": "demo"}, headers={"Origin": "https://elsewhere.test"}
        )
        assert answer.status_code == 403

    def test_that_comes_after_its_session_is_sent_again_behind_the_sign_in(self, browser: Browser) -> None:
        browser.sign_in("staf").open("/tugas")
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.lose_session()
        browser.post("/keluar", **{CSRF_FIELD: token, "catatan": "sudah panjang sekali"})
        assert (browser.status, "masih ada" in browser.text) == (401, True)
        browser.send("/masuk", username="staf", password="demo")
        assert "sudah panjang sekali" in browser.text
        browser.send("/keluar")
        assert browser.url == "/masuk"


class TestEveryPage:
    def test_runs_only_our_own_scripts(self, browser: Browser) -> None:
        for path in ("/masuk", "/tugas", "/nowhere/at/all", "/tugas/not-an-id"):
            browser.open(path)
            if path.startswith("/nowhere"):
                assert browser.status == 404
                continue
            policy = browser.answer.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert browser.tree.xpath("//script[not(@src)] | //style | //*[@style] | //*[@onclick]") == []

    def test_speaks_english_where_it_was_chosen(self, browser: Browser) -> None:
        browser.open("/masuk").send("/bahasa", bahasa="en", lanjut="/masuk")
        assert "Sign in to Alur" in browser.text
        assert browser.tree.get("lang") == "en"
