"""A form that is sent twice, by a double click, a reload or going back, acts once; another content is another act."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.core.idempotency import idempotency
from tests.office import Office
from tests.web.browser import Browser

START = "/berkas/mulai/renja"


def form_at(browser: Browser, action: str) -> dict[str, str]:
    """What a form of the open page holds."""
    return dict(next(one for one in browser.tree.forms if one.action == action).form_values())


@pytest.fixture
def starting(office: Office) -> tuple[Browser, dict[str, str]]:
    browser = Browser(office).sign_in("sekretaris").open(START)
    return browser, form_at(browser, START) | {"judul": "Renja 2027", "isi_tahun": "2027"}


def cases(office: Office) -> list[str]:
    return [one["id"] for one in office.read("process-instances", "inspektorat")["items"]]


class TestACase:
    def test_is_started_once_and_both_lead_to_it(
        self, office: Office, starting: tuple[Browser, dict[str, str]]
    ) -> None:
        browser, typed = starting
        for _ in range(2):
            browser.post(START, **typed)
            assert "Berkas “Renja 2027” dimulai." in browser.text
            assert [browser.url] == [f"/berkas/{one}" for one in cases(office)]

    def test_is_started_once_by_two_clicks_at_the_same_moment(
        self, office: Office, starting: tuple[Browser, dict[str, str]]
    ) -> None:
        browser, typed = starting
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: browser.client.post(START, data=typed), range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert {answer.url.path for answer in answers} == {f"/berkas/{one}" for one in cases(office)}
        assert len(cases(office)) == 1

    @pytest.mark.parametrize("change", [{"judul": "Renja 2028"}, {"sekali": "another page"}, {"sekali": ""}])
    def test_of_another_form_is_another_one(
        self, office: Office, starting: tuple[Browser, dict[str, str]], change: dict[str, str]
    ) -> None:
        browser, typed = starting
        browser.post(START, **typed)
        browser.post(START, **(typed | change))
        assert len(cases(office)) == 2

    def test_that_was_refused_can_be_started_with_the_same_form(
        self, office: Office, starting: tuple[Browser, dict[str, str]]
    ) -> None:
        browser, typed = starting
        assert browser.post(START, **(typed | {"isi_tahun": ""})).status == 422
        browser.post(START, **typed)
        assert len(cases(office)) == 1

    def test_of_somebody_else_is_his_own(self, office: Office, starting: tuple[Browser, dict[str, str]]) -> None:
        browser, typed = starting
        browser.post(START, **typed)
        other = Browser(office).sign_in("kasubag_perencanaan").open(START)
        other.post(START, **(typed | {"csrf": form_at(other, START)["csrf"]}))
        assert len(cases(office)) == 2


class TestATask:
    def test_is_completed_once_and_both_lead_on(self, office: Office) -> None:
        task = office.start()["open_tasks"][0]
        place = f"/tugas/{task['id']}"
        browser = Browser(office).sign_in("sekretaris").open(place)
        typed = form_at(browser, f"{place}/selesaikan")
        for _ in range(2):
            browser.post(f"{place}/selesaikan", **typed)
            assert browser.status == 200
            assert "Tugas selesai. Berikutnya:" in browser.text


class TestNews:
    def test_from_outside_is_recorded_once(self, office: Office) -> None:
        case = office.advance(office.start("sekretaris", "renja"), 9)
        place = f"/berkas/{case['id']}"
        browser = Browser(office).sign_in("sekretaris").open(place)
        typed = form_at(browser, f"{place}/pesan")
        for _ in range(2):
            browser.post(f"{place}/pesan", **typed)
            assert (browser.status, "Kabar dari luar sudah dicatat." in browser.text) == (200, True)


class TestAPerson:
    @pytest.fixture
    def admin(self, office: Office) -> Browser:
        return Browser(office).sign_in("admin")

    def test_is_added_once_and_the_password_is_kept_nowhere(self, office: Office, admin: Browser) -> None:
        place = "/pengguna/tambah"
        typed = form_at(admin.open(place), place) | {"name": "Budi", "username": "budi", "role": "staf"}
        (password,) = admin.post(place, **typed).tree.xpath("//code/text()")

        admin.post(place, **typed)

        assert (admin.status, admin.url) == (200, "/pengguna/orang/budi")
        assert "Akun sudah dibuat." in admin.text
        assert Browser(office).sign_in("budi", password).url == "/tugas"
        with office.database.read() as connection:
            kept = connection.execute(sa.select(idempotency.c.body)).scalars().all()
        assert kept
        assert not any(password.encode() in bytes(body) for body in kept)

    def test_is_given_a_role_once(self, office: Office, admin: Browser) -> None:
        place = "/pengguna/orang/staf"
        typed = form_at(admin.open(place), f"{place}/jabatan") | {"role": "tim_renja"}
        for _ in range(2):
            admin.post(f"{place}/jabatan", **typed)
            assert (admin.status, "Jabatan diberikan." in admin.text) == (200, True)
        assert [one["key"] for one in office.read("me", "staf")["roles"]].count("tim_renja") == 1
