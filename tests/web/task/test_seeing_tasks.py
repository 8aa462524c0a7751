"""A task beside the inbox: what each kind of person sees of it, takes, and hands on."""

import pytest

from tests.office import Json, Office
from tests.web.browser import Browser
from tests.web.task.places import offered, office_of, page


class TestTheTask:
    def test_says_what_it_is_about(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision) + "?tab=tim")
        text = browser.text
        for said in (decision["name"], "Langkah 5 dari 9", "Tim", "Belum diambil siapa pun", "Mutu baku"):
            assert said in text, said
        assert f"/berkas/{browser.office.instance_of(decision)}" in browser.page
        assert browser.tree.xpath("//a[@aria-current='true']/@href")[-1].startswith(page(decision))
        assert "opened" in browser.tree.xpath("//main/@class")[0]

    def test_is_answered_alone_to_a_page_that_has_the_list(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip")
        answer = browser.client.get(page(decision), headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert 'id="rincian"' in answer.text
        assert 'id="daftar"' not in answer.text
        assert decision["name"] in answer.text

    @pytest.mark.parametrize(
        ("user", "acts"),
        [
            ("tim_sakip", {"ambil", "serahkan", "selesaikan"}),
            ("inspektorat", set()),
        ],
    )
    def test_offers_what_a_person_may_do(self, browser: Browser, decision: Json, user: str, acts: set[str]) -> None:
        assert offered(browser.sign_in(user).open(page(decision))) == acts

    def test_is_not_there_for_strangers(self, browser: Browser, decision: Json) -> None:
        for user in ("staf", "analis"):
            browser.sign_in(user)
            for place in (page(decision), f"{page(decision)}/keadaan", "/tugas/not-an-id"):
                assert browser.open(place).status == 404, (user, place)
            token = browser.open("/tugas").tree.xpath("//input[@name='csrf']/@value")[0]
            for act in ("ambil", "lepas", "serahkan", "selesaikan", "draf"):
                kept = browser.post(f"{page(decision)}/{act}", csrf=token, kepada=user, isi_keputusan="setuju")
                assert kept.status == 404, (user, act)
            browser.send("/keluar")

    def test_speaks_english(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send("/bahasa", bahasa="en")
        text = browser.open(page(decision)).text
        for said in ("Step 5 of 9", "Take the task", "Standard", "Requirements", "Required for a return"):
            assert said in text, said


class TestTheActs:
    def test_a_task_is_taken_and_given_back(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision) + "?tab=tim")
        browser.send(f"{page(decision)}/ambil?tab=tim")
        assert "Tugas ini sekarang milik Anda." in browser.text
        assert offered(browser) == {"lepas", "serahkan", "selesaikan"}
        assert browser.answer.url.query == b"tab=saya"

        browser.send(f"{page(decision)}/lepas?tab=saya")
        assert offered(browser) == {"ambil", "serahkan", "selesaikan"}

    def test_is_given_to_a_colleague_by_name(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        assert browser.tree.xpath("//select[@id='kepada']/option/@value") == ["", "tim_kedua"]
        browser.send(f"{page(decision)}/serahkan")
        assert "Pilih dahulu kepada siapa." in browser.text
        browser.send(f"{page(decision)}/serahkan", kepada="tim_kedua")
        assert "Tugas ini diserahkan kepada tim_kedua." in browser.text
        assert offered(browser) == {"serahkan"}
        assert "Tugas ini sedang dikerjakan tim_kedua." in browser.text

        browser.send(f"{page(decision)}/serahkan", ke_jabatan="ya")
        assert "Belum diambil siapa pun" in browser.text

    def test_is_given_by_a_superior_who_does_not_do_it_himself(self, browser: Browser, office: Office) -> None:
        row = office.advance(office.start(), 3)["open_tasks"][0]
        browser.sign_in("sekretaris").open(page(row))
        assert offered(browser) == {"serahkan"}
        browser.send(f"{page(row)}/serahkan", kepada="staf")
        assert "Tugas ini diserahkan kepada Staf (peragaan)." in browser.text

    def test_to_somebody_without_the_role_is_refused(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send(f"{page(decision)}/serahkan", kepada="staf")
        assert browser.status == 422
        assert office_of(browser, decision)["assignee"] is None

    def test_of_who_comes_later_is_told_who_has_it(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.post(f"tasks/{decision['id']}/claim", "tim_kedua")
        browser.send(f"{page(decision)}/ambil")
        assert browser.status == 409
        assert "Tugas ini sudah diambil oleh tim_kedua." in browser.text
