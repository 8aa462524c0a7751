"""An analyst at work in a browser: mistakes read on the diagram, corrected, deployed, and the cases moved."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.office import Office
from tests.web.history import edited_renja
from tests.web.looking import axe_findings
from tests.web.windows import Windows


def with_three_mistakes() -> bytes:
    """Return the edited Renja with two unreadable standard times and a condition that cannot be read."""
    drawn = edited_renja().decode()
    for before, after in _MISTAKES:
        assert before in drawn
        drawn = drawn.replace(before, after, 1)
    return drawn.encode()


_MISTAKES = (
    ('name="waktu" value="P1W"', 'name="waktu" value="seminggu"'),
    ('name="waktu" value="P3D"', 'name="waktu" value="3 hari"'),
    ("${keputusan == 'setuju'}", "${keputusan === 'setuju'}"),
)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
class TestAnAnalyst:
    def test_reads_three_mistakes_on_the_diagram_corrects_deploys_and_migrates(
        self, windows: Windows, office: Office
    ) -> None:
        running = office.advance(office.start("sekretaris", "renja"), 1)
        page = windows.open("analis", "/sop/unggah")
        _check(page, with_three_mistakes())
        expect(page.get_by_role("heading", name="Hasil pemeriksaan")).to_be_visible()
        expect(page.locator(".sop-finding.error")).to_have_count(3)
        expect(page.locator(".djs-container")).to_be_visible()
        for finding in page.locator(".sop-finding.error").all():
            finding.get_by_text("Tunjukkan pada diagram").click()
        assert axe_findings(page) == []
        page.goto("/sop/unggah")
        _check(page, edited_renja())
        expect(page.get_by_text("Dapat diberlakukan.")).to_be_visible()
        page.get_by_role("button", name="Berlakukan").click()
        expect(page.get_by_role("heading", name="SOP diberlakukan")).to_be_visible()
        page.get_by_role("link", name="Pindahkan berkas yang berjalan").click()
        page.get_by_role("button", name="Pindahkan yang dipilih").click()
        page.wait_for_load_state()
        assert office.instance(running["id"])["process_definition_id"].startswith("renja:2:")
        assert axe_findings(page) == []


def _check(page: Page, drawn: bytes) -> None:
    file: FilePayload = {"name": "renja.bpmn", "mimeType": "application/xml", "buffer": drawn}
    page.get_by_label("Berkas BPMN").set_input_files(file)
    page.get_by_role("button", name="Periksa").click()
