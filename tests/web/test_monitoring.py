"""Pantauan: three numbers, three answers with their evidence, and the time of each step; of what one sees alone."""

from datetime import timedelta

import pytest

from tests.office import Json, Office
from tests.reports.histories import REASON, live
from tests.web.browser import Browser


@pytest.fixture(scope="module")
def past(shared_office: Office) -> tuple[Office, list[str]]:
    ids = live(shared_office, seed=2, cases=6, acts=30)
    shared_office.clock.advance(timedelta(days=40))
    return shared_office, ids


def running(office: Office, ids: list[str]) -> list[Json]:
    return [one for one in map(office.instance, ids) if one["ended_at"] is None]


def figures(browser: Browser) -> list[int]:
    return [int(one) for one in browser.tree.xpath("//div[@id='angka']//strong/text()")]


class TestThePage:
    def test_begins_with_three_numbers(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan")
        cases = running(office, ids)
        late = sum(task["overdue"] for one in cases for task in one["open_tasks"])
        assert figures(browser)[:2] == [len(cases), late]
        assert late > 0

    def test_says_where_each_case_is_and_with_whom(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan")
        rows = browser.tree.xpath("//h2[@id='sampai-di-mana']/ancestor::section//tbody/tr")
        said = {row.xpath("./th/a/@href")[0]: " ".join(row.text_content().split()) for row in rows}
        cases = running(office, ids)
        assert said.keys() == {f"/berkas/{one['id']}" for one in cases}
        for one in cases:
            told = said[f"/berkas/{one['id']}"]
            assert f"{one['progress']['activity_no']} dari {one['progress']['activity_count']}" in told
            for task in one["open_tasks"]:
                assert task["name"] in told

    def test_names_roles_by_their_letters_for_what_is_late(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan")
        rows = browser.tree.xpath("//h2[@id='siapa-terlambat']/ancestor::section//tbody/tr/th/text()")
        roles = [row.strip() for row in rows if row.strip()]
        assert roles == sorted(roles)
        assert len(roles) == sum(task["overdue"] for one in running(office, ids) for task in one["open_tasks"])
        assert "belum diambil" in browser.text

    def test_tells_how_often_and_why_something_was_sent_back(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        times = sum(office.instance(one)["returns"] for one in ids)
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan")
        assert f"{times} kali sejak" in browser.text
        assert browser.text.count(REASON) == min(times, 20)

    def test_tells_the_time_of_the_steps_of_one_sop_beside_its_diagram(self, past: tuple[Office, list[str]]) -> None:
        office, _ = past
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan?sop=lkj&periode=12-bulan")
        steps = office.read("stats/steps", "kepala_dinas", process_definition_key="lkj")["items"]
        assert browser.tree.xpath("//tr[starts-with(@id, 'langkah-')]/@id") == [
            f"langkah-{one['element_id']}" for one in steps
        ]
        assert len(browser.tree.xpath("//figure[@data-diagram]")) == 1
        assert browser.open("/pantauan").tree.xpath("//figure[@data-diagram]") == []

    def test_is_narrowed_by_its_address(self, past: tuple[Office, list[str]]) -> None:
        office, ids = past
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan?sop=renstra&periode=bulan")
        cases = [one for one in running(office, ids) if one["process_definition_key"] == "renstra"]
        assert figures(browser)[0] == len(cases)
        assert browser.tree.xpath("//select/option[@selected]/@value") == ["renstra", "bulan"]
        assert browser.open("/pantauan?unit=nowhere").status == 422

    def test_speaks_english(self, past: tuple[Office, list[str]]) -> None:
        browser = Browser(past[0]).sign_in("kepala_dinas").open("/pantauan?sop=lkj")
        browser.send("/bahasa", bahasa="en")
        for question in ("How far are we?", "Who is late?", "How often sent back?", "How long does each step take?"):
            assert question in browser.text

    def test_shows_a_stranger_nothing(self, past: tuple[Office, list[str]]) -> None:
        browser = Browser(past[0]).sign_in("analis").open("/pantauan?sop=iku")
        assert figures(browser) == [0, 0, 0]
        assert browser.tree.xpath("//tbody/tr") == []
        assert "Berkas 0" not in browser.text

    def test_is_for_who_is_signed_in(self, past: tuple[Office, list[str]]) -> None:
        for path in ("/pantauan", "/pantauan/angka", "/pantauan/sop.csv", "/pantauan/langkah.csv"):
            assert Browser(past[0]).open(path).status == 401


class TestTheNumbers:
    def test_are_sent_again_only_when_something_has_happened(self, office: Office) -> None:
        instance = office.start()
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan/angka")
        tag = browser.answer.headers["etag"]
        again = browser.client.get("/pantauan/angka", headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"]) == (304, tag)
        office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": "Salah."})
        after = browser.client.get("/pantauan/angka", headers={"If-None-Match": tag})
        assert after.status_code == 200
        assert figures(browser.open("/pantauan/angka")) == [0, 0, 0]

    def test_are_asked_for_with_the_page_s_own_address(self, office: Office) -> None:
        browser = Browser(office).sign_in("kepala_dinas").open("/pantauan?sop=lkj&periode=tahun")
        (region,) = browser.tree.xpath("//*[@data-poll]")
        assert region.get("hx-get") == "/pantauan/angka?sop=lkj&periode=tahun"


class TestADownload:
    @pytest.mark.parametrize(("path", "of"), [("sop.csv", "processes"), ("langkah.csv", "steps")])
    def test_says_what_the_api_says(self, past: tuple[Office, list[str]], path: str, of: str) -> None:
        office, _ = past
        browser = Browser(office).sign_in("kepala_dinas").open(f"/pantauan/{path}?sop=lkj")
        told = office.get(f"stats/{of}?process_definition_key=lkj&format=csv", "kepala_dinas")
        assert browser.page.splitlines()[0] == told.text.splitlines()[0]
        assert browser.answer.content == told.content
