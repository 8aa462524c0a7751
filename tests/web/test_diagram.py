"""The diagram of a process: its BPMN for who may see it, and what a page draws over it."""

import json

import pytest

from app.web.diagram import Finding, Heat, Overlay
from tests.office import Office
from tests.web.browser import Browser


def definition_id(office: Office, key: str) -> str:
    found = office.read("process-definitions", "sekretaris", key=key)["items"]
    name: str = found[0]["id"]
    return name


class TestTheBpmnOfADefinition:
    def test_is_what_was_deployed(self, shared_office: Office) -> None:
        name = definition_id(shared_office, "renja")

        browser = Browser(shared_office).sign_in("staf").open(f"/sop/{name}/bpmn")

        deployed = shared_office.get(f"process-definitions/{name}/xml", "staf").content
        assert (browser.status, browser.answer.content) == (200, deployed)

    def test_is_asked_for_again_only_by_its_tag(self, shared_office: Office) -> None:
        name = definition_id(shared_office, "renja")
        browser = Browser(shared_office).sign_in("staf").open(f"/sop/{name}/bpmn")
        tag = {"If-None-Match": browser.answer.headers["etag"]}

        assert browser.client.get(f"/sop/{name}/bpmn", headers=tag).status_code == 304
        browser.lose_session()
        assert browser.client.get(f"/sop/{name}/bpmn", headers=tag).status_code == 401

    def test_runs_nothing_where_it_is_opened_by_itself(self, shared_office: Office) -> None:
        browser = Browser(shared_office).sign_in("staf").open(f"/sop/{definition_id(shared_office, 'renja')}/bpmn")

        headers = browser.answer.headers
        assert "sandbox" in headers["content-security-policy"]
        assert headers["content-disposition"] == "attachment"
        assert headers["x-content-type-options"] == "nosniff"

    def test_is_hidden_from_who_does_not_see_the_definition(self, office: Office) -> None:
        name = definition_id(office, "renja")
        office.hire("tamu")
        browser = Browser(office).sign_in("tamu")

        assert browser.open(f"/sop/{name}/bpmn").status == 404
        tag = {"If-None-Match": f'"{name.rpartition(":")[2]}"'}
        assert browser.client.get(f"/sop/{name}/bpmn", headers=tag).status_code == 404
        assert browser.open("/sop/tidak:1:ada/bpmn").status == 404


class TestTheDiagramOfACase:
    @pytest.fixture
    def browser(self, office: Office) -> Browser:
        case = office.advance(office.start("sekretaris", "renja"), 4)
        answer = office.complete(case["open_tasks"][0], keputusan="dikembalikan", alasan="Perbaiki.")
        assert answer.status_code == 200
        return Browser(office).sign_in("sekretaris").open(f"/berkas/{case['id']}")

    def test_shows_its_token_its_visits_and_the_way_it_took(self, browser: Browser) -> None:
        (drawn,) = browser.tree.xpath("//figure[@data-diagram]/@data-overlay")
        overlay = json.loads(drawn)

        assert list(overlay["active"]) == ["kegiatan_04"]
        assert overlay["visits"]["kegiatan_04"] == 2
        assert overlay["visits"]["kegiatan_01"] == 1
        assert "flow_mulai" in overlay["taken"]

    def test_is_kept_new_by_the_region_that_is_polled(self, browser: Browser) -> None:
        (news,) = browser.tree.xpath("//*[@data-poll]//*[@data-overlay-for='peta']/@data-overlay")
        (drawn,) = browser.tree.xpath("//figure[@id='peta']/@data-overlay")

        assert news == drawn
        assert browser.tree.xpath("//*[@data-poll]//figure") == []

    def test_has_a_row_of_the_equal_table_for_each_mark(self, browser: Browser) -> None:
        (figure,) = browser.tree.xpath("//figure[@data-diagram]")
        rows = set(browser.tree.xpath("//tr/@id"))

        assert {
            figure.get("data-rows") + element for element in json.loads(figure.get("data-overlay"))["active"]
        } <= rows

    def test_loads_its_script_on_this_page_alone(self, browser: Browser) -> None:
        assert "diagram-" in browser.page
        assert browser.open(browser.url).status == 200
        assert "/static/diagram-" not in browser.open("/berkas").page

    def test_is_of_one_that_has_ended_without_a_token(self, browser: Browser) -> None:
        path = browser.url
        browser.send(f"{path}/batalkan", alasan="Salah tahun.")

        (drawn,) = browser.tree.xpath("//figure[@data-diagram]/@data-overlay")
        assert json.loads(drawn)["active"] == {}


class TestAnOverlay:
    def test_says_to_the_script_what_is_drawn(self) -> None:
        overlay = Overlay(
            heat={"a": Heat(0.5, "2 hari")},
            findings={"b": [Finding("error", 1, "Tanpa jalan keluar", "#temuan-1")]},
            marks={"c": "added"},
        )

        drawn = json.loads(overlay.json())

        assert drawn["heat"] == {"a": {"value": 0.5, "label": "2 hari"}}
        assert drawn["findings"]["b"][0]["place"] == "#temuan-1"
        assert (drawn["marks"], overlay.is_empty, Overlay().is_empty) == ({"c": "added"}, False, True)
