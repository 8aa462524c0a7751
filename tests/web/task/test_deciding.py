"""A decision on the page of its task, and what becomes of it when somebody else was faster."""

import re
from datetime import timedelta

from tests.office import Json, Office
from tests.web.browser import Browser
from tests.web.task.places import office_of, page


class TestADecision:
    def test_is_two_buttons_and_never_the_key_enter(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        buttons = browser.tree.xpath("//form[@id='isian']//button")
        assert buttons[0].get("disabled") is not None
        assert [one.get("value") for one in buttons[1:]] == ["setuju", "dikembalikan"]
        assert {one.get("name") for one in buttons[1:]} == {"isi_keputusan"}

    def test_moves_the_case_on_and_says_who_is_next(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(f"{page(decision)}/selesaikan", isi_keputusan="setuju")
        assert browser.status == 200
        assert re.search(r"Tugas selesai\. Berikutnya: “.+” oleh .+\.", browser.text)
        assert office_of(browser, decision)["decision"] == "setuju"

    def test_to_return_asks_for_its_reason_at_the_field(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(
            f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan"
        )
        assert browser.status == 422
        field = browser.tree.xpath("//textarea[@name='isi_alasan']")[0]
        assert field.get("aria-invalid") == "true"
        fault = browser.tree.get_element_by_id(f"{field.get('id')}-salah")
        assert fault.get("hidden") is None
        assert fault.get("id") in field.get("aria-describedby").split()
        assert "Tulis alasannya" in fault.text_content()
        assert browser.tree.xpath("//div[@role='alert']//a/@href") == [f"#{field.get('id')}"]
        assert office_of(browser, decision)["state"] == "open"

    def test_that_is_none_is_asked_for(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(
            f"{page(decision)}/selesaikan", isi_alasan="Sudah panjang"
        )
        assert (browser.status, "Pilih salah satu keputusan." in browser.text) == (422, True)
        assert browser.tree.xpath("//textarea[@name='isi_alasan']")[0].value.strip() == "Sudah panjang"

    def test_to_return_is_read_by_who_corrects_and_then_by_who_decides_again(
        self, browser: Browser, office: Office, decision: Json
    ) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan", isi_alasan="Target TW III kosong.")
        assert "Dikembalikan. Berikutnya:" in browser.text

        instance = office.instance(office.instance_of(decision))
        (again,) = instance["open_tasks"]
        text = Browser(office).sign_in(again["role"]).open(page(again)).text
        assert "Putaran ke-2" in text
        assert "Dikembalikan untuk diperbaiki" in text
        assert "Target TW III kosong." in text
        assert "Anggota Tim SAKIP (peragaan)" in text

        (second,) = office.advance(instance)["open_tasks"]
        browser.open(page(second))
        assert "Putaran sebelumnya di langkah ini" in browser.text
        assert "Target TW III kosong." in browser.text
        assert browser.tree.xpath("//section[contains(@class, 'returned')]") == []

    def test_of_a_first_visit_shows_no_return_of_another_row(self, browser: Browser, office: Office) -> None:
        instance = office.advance(office.start(), 4)
        answer = office.complete(instance["open_tasks"][0], keputusan="dikembalikan", alasan="Ulang")
        instance = office.advance(answer.json()["process_instance"], 2)
        (row,) = instance["open_tasks"]
        assert row["visit"] == 1
        text = browser.sign_in(row["role"]).open(page(row)).text
        assert "Dikembalikan untuk diperbaiki Tim" not in text
        assert browser.tree.xpath("//section[contains(@class, 'returned')]") == []


class TestTwoPeopleAtOneTask:
    def test_the_later_one_is_told_who_was_first_and_loses_nothing(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.clock.advance(timedelta(minutes=1))
        assert browser.office.complete(decision, "tim_kedua", keputusan="setuju").status_code == 200
        browser.send(
            f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan", isi_alasan="Alasan yang\nsangat panjang"
        )

        assert browser.status == 409
        assert "Tugas ini sudah diselesaikan oleh tim_kedua pada" in browser.text
        kept = browser.tree.get_element_by_id("terketik").text
        assert "Alasan pengembalian: Alasan yang\nsangat panjang" in kept
        assert "Keputusan: Dikembalikan untuk diperbaiki" in kept
        draft = browser.office.read(f"tasks/{decision['id']}/draft", "tim_sakip")
        assert draft["variables"]["alasan"] == "Alasan yang\nsangat panjang"

    def test_the_later_one_may_find_it_taken(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.post(f"tasks/{decision['id']}/claim", "tim_kedua")
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="setuju", isi_alasan="Catatan saya")
        assert browser.status == 409
        assert "Tugas ini sudah diambil oleh tim_kedua." in browser.text
        assert "Catatan saya" in browser.tree.get_element_by_id("terketik").text

    def test_the_case_may_be_cancelled_meanwhile(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        instance = browser.office.instance_of(decision)
        body = {"reason": "Salah tahun"}
        assert browser.office.post(f"process-instances/{instance}/cancel", "sekretaris", body).status_code == 200
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="setuju", isi_alasan="Catatan saya")
        assert browser.status == 409
        assert "Tugas ini sudah ditarik" in browser.text
        assert "Catatan saya" in browser.tree.get_element_by_id("terketik").text

    def test_an_open_form_is_told_beside_it(self, browser: Browser, decision: Json) -> None:
        place = f"{page(decision)}/keadaan"
        browser.sign_in("tim_sakip").open(place)
        assert browser.text == ""
        tag = browser.answer.headers["etag"]
        assert browser.client.get(place, headers={"If-None-Match": tag}).status_code == 304
        browser.office.complete(decision, "tim_kedua", keputusan="setuju")
        changed = browser.client.get(place, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert "tim_kedua sudah menyelesaikan tugas ini" in changed.text
        assert "<form" not in changed.text
