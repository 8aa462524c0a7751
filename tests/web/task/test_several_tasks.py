"""Several tasks of the list at once."""

from tests.office import Json, Office
from tests.web.browser import Browser
from tests.web.task.places import office_of


class TestSeveralTasks:
    def test_are_taken_at_once_and_each_refusal_is_told(self, browser: Browser, office: Office) -> None:
        tasks = [office.advance(office.start(), 4)["open_tasks"][0] for _ in range(3)]
        browser.sign_in("tim_sakip").open("/tugas?tab=tim&urut=baru")
        boxes = browser.tree.xpath("//input[@name='tugas']/@value")
        assert {one["id"] for one in tasks} <= set(boxes)
        office.post(f"tasks/{tasks[0]['id']}/claim", "tim_kedua")

        browser.send("/tugas/ambil?tab=tim&urut=baru", tugas=[one["id"] for one in tasks])

        assert "2 tugas Anda ambil." in browser.text
        assert f"{tasks[0]['name']} tidak: Tugas ini sudah diambil oleh tim_kedua." in browser.text
        assert [office_of(browser, one)["assignee"] for one in tasks] == ["tim_kedua", "tim_sakip", "tim_sakip"]

    def test_are_given_to_a_colleague(self, browser: Browser, office: Office, decision: Json) -> None:
        browser.sign_in("tim_sakip").open("/tugas?tab=tim")
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        assert "tim_kedua" in browser.tree.xpath("//select[@id='banyak-kepada']/option/@value")
        browser.post("/tugas/serahkan?tab=tim", csrf=token, tugas=decision["id"], kepada="tim_kedua")
        assert "1 tugas diserahkan kepada tim_kedua." in browser.text
        assert office_of(browser, decision)["assignee"] == "tim_kedua"

    def test_that_are_none_or_go_to_nobody_are_asked_for(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open("/tugas?tab=tim")
        browser.send("/tugas/ambil?tab=tim")
        assert "Centang dahulu tugasnya." in browser.text
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post("/tugas/serahkan?tab=tim", csrf=token, tugas=decision["id"])
        assert "Pilih dahulu kepada siapa." in browser.text
        browser.post("/tugas/serahkan?tab=tim", csrf=token, tugas=decision["id"], kepada="staf")
        assert f"{decision['name']} tidak: yang dipilih bukan pemangku jabatannya." in browser.text

    def test_of_somebody_else_stay_hidden(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("staf").open("/tugas?tab=tim")
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post("/tugas/ambil?tab=tim", csrf=token, tugas=decision["id"])
        assert decision["name"] not in browser.tree.xpath("//*[contains(@class, 'notice')]")[0].text_content()
        assert office_of(browser, decision)["assignee"] is None
