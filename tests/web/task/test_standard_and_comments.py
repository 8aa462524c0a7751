"""What is ticked of the standard becomes part of the completion, and comments are read by all who see the task."""

from tests.office import Json
from tests.web.browser import Browser
from tests.web.task.places import office_of, page


class TestTheTicks:
    def test_are_recorded_with_the_completion(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        name = browser.tree.xpath("//input[@name='kelengkapan']/@value")[0]

        browser.send(f"{page(decision)}/selesaikan", kelengkapan=name, isi_keputusan="setuju")

        told = office_of(browser, decision)
        assert told["state"] == "completed"
        assert [one["satisfied"] for one in told["requirements"] if one["name"] == name] == [True]
        browser.open(page(decision))
        assert browser.tree.xpath(
            "//ul[@class='standard-list']/li[contains(., $name)]//*[contains(., 'ada')]", name=name
        )

    def test_stand_as_they_were_said_before_and_can_be_taken_back(self, browser: Browser, decision: Json) -> None:
        first = office_of(browser, decision)["requirements"][0]["name"]
        said = {"requirements": [{"name": first, "satisfied": True}]}
        browser.office.request("PUT", f"tasks/{decision['id']}/requirements", "tim_sakip", json=said)

        browser.sign_in("tim_sakip").open(page(decision))
        assert browser.tree.xpath("//input[@name='kelengkapan'][@checked]/@value") == [first]
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post(f"{page(decision)}/selesaikan", csrf=token, isi_keputusan="setuju")

        assert office_of(browser, decision)["requirements"][0]["satisfied"] is None


class TestAComment:
    def test_is_shown_with_who_wrote_it_to_all_who_see_the_task(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send(f"{page(decision)}/komentar", komentar="Mohon data <bidang> dilengkapi.")
        assert "Komentar ditulis." in browser.text

        browser.send("/keluar")
        browser.sign_in("inspektorat").open(page(decision))

        (shown,) = browser.tree.xpath("//ol[@class='comments']/li")
        assert "Mohon data <bidang> dilengkapi." in shown.text_content()
        assert "Tim" in shown.text_content()

    def test_of_nothing_is_refused_on_the_page(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))

        browser.send(f"{page(decision)}/komentar", komentar="  ")

        assert browser.status == 422
        assert browser.tree.xpath("//div[@role='alert']")
        assert not office_of(browser, decision)["comments"]
