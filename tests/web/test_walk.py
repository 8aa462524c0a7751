"""The guided walk over plain HTTP: its own buttons and the forms of the pages, and nothing else."""

from app.demo.walk import LAST, find_step
from tests.office import Office
from tests.web.browser import Browser


class TestTheWalk:
    def test_leads_to_its_end_by_what_the_pages_offer(self, office: Office) -> None:
        browser = Browser(office)
        browser.open("/masuk").send("/peragaan/panduan")
        for decision in (None, None, None, None, "dikembalikan", None, "setuju", "setuju"):
            _follow(browser)
            task = browser.url
            (form,) = browser.tree.xpath("//form[@id='isian']")
            typed = dict(form.form_values())
            if decision is not None:
                assert decision in form.xpath(".//button[@name='isi_keputusan']/@value")
                typed |= {"isi_keputusan": decision, "isi_alasan": "Target belum sama dengan RKPD."}
            assert browser.post(form.action, **typed).status == 200, browser.text
            assert browser.url != task

        _follow(browser)
        with office.database.read() as connection:
            step = find_step(connection)
        assert step is not None
        assert (step.stage, browser.url, browser.status) == (LAST, step.place, 200)
        assert "PERAGAAN-1" in browser.text


def _follow(browser: Browser) -> None:
    """Press what the guide offers; nothing, where the page is the one that it leads to."""
    (guide,) = browser.tree.xpath("//section[@class='walk']")
    for link in guide.xpath(".//a/@href"):
        browser.open(link)
    for form in guide.xpath(".//form[@action='/peragaan/masuk']"):
        browser.post(form.action, lanjut=form.xpath(".//input/@value")[0], peran=form.xpath(".//button/@value")[0])
