"""Kelola SOP: the sheets of the SOPs, and how a file is checked, put into force, and takes over what runs."""

import re
from pathlib import Path

import pytest

from app.core.shipped import shipped
from tests.drawings import END, START, chain, drawing, one_task, task
from tests.office import Json, Office
from tests.web.browser import Browser

SIX = sorted(shipped("bpmn").glob("*.bpmn"))
# A role that nobody has, a time that nobody can read, and a choice without conditions.
THREE_MISTAKES = drawing(
    "surat",
    START
    + task("terima", "Menerima surat", nomor=1, waktu="seminggu")
    + task("balas", "Membalas surat", nomor=2)
    + '<bpmn:exclusiveGateway id="pilih" name="Perlu dibalas?"/>'
    + END
    + chain("mulai", "terima", "pilih", "balas", "selesai")
    + chain("pilih", "selesai"),
    lanes={"Staf": "mulai terima pilih selesai", "Juru Khayal": "balas"},
)
CORRECTED = drawing(
    "surat",
    START
    + task("terima", "Menerima surat", nomor=1, waktu="P1W")
    + task("balas", "Membalas surat", nomor=2)
    + END
    + chain("mulai", "terima", "balas", "selesai"),
    lanes={"Staf": "mulai terima balas selesai"},
)


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office)


def upload(browser: Browser, *files: tuple[str, bytes], **fields: str) -> Browser:
    """Send files as the form for them does."""
    browser.open("/sop/unggah")
    csrf = browser.tree.xpath("//main//input[@name='csrf']/@value")[0]
    sent = [("berkas", (name, data, "application/octet-stream")) for name, data in files]
    return browser._keep(browser.client.post("/sop/unggah", data={"csrf": csrf, **fields}, files=sent))


def deploy(browser: Browser) -> Browser:
    """Press the button under the files that were checked."""
    form = next(one for one in browser.tree.forms if one.action == "/sop/berlakukan")
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    return browser._keep(browser.client.post("/sop/berlakukan", data=fields))


def definition(office: Office, key: str) -> Json:
    (found,) = office.read("process-definitions", "staf", key=key, in_force=True)["items"]
    return dict(found)


class TestTheList:
    def test_shows_each_sop_with_its_roles_and_what_runs(self, office: Office, browser: Browser) -> None:
        office.start(key="renja")
        browser.sign_in("sekretaris").open("/sop")
        (card,) = [
            one for one in browser.tree.xpath("//li[contains(@class,'sop-card')]") if "Renja" in one.text_content()
        ]
        said = " ".join(card.text_content().split())
        assert "Versi 1 13 langkah" in said
        assert "Sekretaris" in said
        assert "versi 1: 1 berkas" in said

    def test_is_searched_by_words(self, office: Office, browser: Browser) -> None:
        browser.sign_in("sekretaris").open("/sop?q=renstra")
        assert len(browser.tree.xpath("//li[contains(@class,'sop-card')]")) == 1
        browser.open("/sop?q=tidakada")
        assert "Tidak ada yang cocok" in browser.text

    @pytest.mark.parametrize(("username", "offered"), [("analis", True), ("admin", True), ("staf", False)])
    def test_offers_the_upload_to_who_may(self, browser: Browser, username: str, offered: bool) -> None:
        browser.sign_in(username).open("/sop")
        assert ("/sop/unggah" in browser.tree.xpath("//main//a/@href")) is offered


class TestTheSheet:
    @pytest.mark.parametrize("path", SIX, ids=lambda path: path.stem)
    def test_has_every_row_of_the_table(self, shared_office: Office, path: Path) -> None:
        key = path.stem.replace("-", "_")
        found = definition(shared_office, key)
        table = shared_office.read(f"process-definitions/{found['id']}/sop", "staf")

        browser = Browser(shared_office).sign_in("sekretaris").open(f"/sop/{found['id']}")

        rows = browser.tree.xpath("//table[contains(@class,'sop-table')]/tbody/tr")
        assert len(rows) == len(table["activities"]) == found["activity_count"]
        for row, activity in zip(rows, table["activities"], strict=True):
            said = " ".join(row.text_content().split())
            assert said.startswith(f"{activity['activity_no']} {activity['statement']}")
            assert (
                "disimpulkan" in " ".join(row.xpath("td[contains(@class,'sop-mark')]")[0].getparent().itertext())
            ) or (activity["provenance"]["role"] != "inferred")
            for one in (*activity["requirements"], *activity["outputs"]):
                assert one in said
            for outcome in activity["decision"]["outcomes"] if activity["decision"] else ():
                assert f"kegiatan {outcome['target']}" in said or outcome["target"] == "selesai"
        headings = [" ".join(one.itertext()) for one in browser.tree.xpath("//th[contains(@class,'sop-role')]")]
        assert len(headings) == len(table["roles"])

    def test_leads_from_a_return_to_its_row(self, shared_office: Office) -> None:
        browser = Browser(shared_office).sign_in("sekretaris")
        browser.open(f"/sop/{definition(shared_office, 'renja')['id']}")
        ids = set(browser.tree.xpath("//@id"))
        targets = browser.tree.xpath("//table[contains(@class,'sop-table')]//a/@href")
        assert targets
        assert {one.removeprefix("#") for one in targets} <= ids

    def test_is_hidden_from_another_office(self, office: Office, browser: Browser) -> None:
        browser.sign_in("staf").open("/sop/nobody:1:000000000000")
        assert browser.status == 404

    def test_tells_its_versions_and_what_has_changed(self, office: Office, browser: Browser) -> None:
        for name in ("Membaca surat", "Menyalin surat"):
            office.deploy(a=one_task("a", name=name))
        browser.sign_in("staf").open(f"/sop/{definition(office, 'a')['id']}")
        assert "Nama kegiatan 1: 'Membaca surat' menjadi 'Menyalin surat'." in browser.text
        assert "Analis SOP (peragaan)" in browser.text
        assert browser.tree.xpath("//a[contains(@href,'/berkas/mulai?sop=a')]")
        first = next(one for one in browser.tree.xpath("//table//th/a/@href") if one.startswith("/sop/a:1:"))
        browser.open(first)
        assert "Sudah diganti" in browser.text
        assert not browser.tree.xpath("//a[contains(@href,'/berkas/mulai')]")

    def test_speaks_english(self, shared_office: Office) -> None:
        browser = Browser(shared_office).sign_in("sekretaris").open("/sop")
        browser.send("/bahasa", bahasa="en").open(f"/sop/{definition(shared_office, 'renja')['id']}")
        assert "back to activity 4" in browser.text
        assert "3 minutes" in browser.text


class TestWhoMayNotDeploy:
    @pytest.mark.parametrize("username", ["staf", "sekretaris", "inspektorat"])
    def test_is_told_so_in_words(self, browser: Browser, username: str) -> None:
        browser.sign_in(username).open("/sop/unggah")
        assert browser.status == 403
        assert "Untuk ini Anda harus berwenang memberlakukan SOP" in browser.text

    def test_deploys_nothing(self, office: Office, browser: Browser) -> None:
        browser.sign_in("staf").open("/sop")
        csrf = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        for path in ("/sop/unggah", "/sop/berlakukan"):
            assert browser.post(path, csrf=csrf, unit="disnaker").status == 403
        found = definition(office, "renja")
        assert browser.post(f"/sop/{found['id']}/pindahkan", csrf=csrf, berkas="x").status == 403


class TestAnUpload:
    def test_with_three_mistakes_shows_each_with_its_remedy(self, office: Office, browser: Browser) -> None:
        upload(browser.sign_in("analis"), ("surat.bpmn", THREE_MISTAKES))

        assert browser.status == 422
        found = browser.tree.xpath("//li[contains(@class,'sop-finding')]")
        answer = office.post("deployments?dry_run=true", "analis", files=[("files", ("surat.bpmn", THREE_MISTAKES))])
        errors = answer.json()["errors"]
        assert len(found) == len(errors) >= 3
        for error in errors:
            assert error["message"] in browser.text
            assert error["remedy"] in browser.text
            assert f"Baris {error['line']}, kolom {error['column']}" in browser.text
        assert {"standard-time", "unknown-lane", "condition-missing"} <= {error["code"] for error in errors}
        assert not [one for one in browser.tree.forms if one.action == "/sop/berlakukan"]
        assert office.read("process-definitions", "staf", key="surat")["items"] == []

    def test_speaks_the_language_of_the_reader(self, browser: Browser) -> None:
        browser.sign_in("analis").open("/sop").send("/bahasa", bahasa="en")
        upload(browser, ("surat.bpmn", THREE_MISTAKES))
        assert "The lane 'Juru Khayal' is no known role." in browser.text

    def test_leads_from_a_finding_to_its_element_and_back(self, browser: Browser) -> None:
        data = SIX[0].read_bytes().replace(b'name="Staf"', b'name="Juru Khayal"')
        upload(browser.sign_in("analis"), ("a.bpmn", data))
        links = browser.tree.xpath("//li[contains(@class,'sop-finding')]//a[@data-shows]")
        figure = browser.tree.xpath("//figure[@id='gambar-0']")[0]
        assert links
        assert {one.get("href") for one in links} == {"#gambar-0"}
        places = set(re.findall(r"#temuan-0-\d+", figure.get("data-overlay")))
        assert len(places) == len(links)
        assert {one.removeprefix("#") for one in places} <= set(browser.tree.xpath("//@id"))
        (source,) = browser.tree.xpath("//data[@id='isi-0']/@value")
        assert source.encode() == data
        assert figure.get("data-diagram") == "#isi-0"

    def test_that_is_right_is_put_into_force_as_it_was_checked(self, office: Office, browser: Browser) -> None:
        upload(browser.sign_in("analis"), ("surat.bpmn", CORRECTED))
        assert (browser.status, "Dapat diberlakukan." in browser.text) == (200, True)
        assert office.read("process-definitions", "staf", key="surat")["items"] == []

        deploy(browser)

        assert "SOP sudah diberlakukan." in browser.text
        found = definition(office, "surat")
        assert browser.tree.xpath(f"//a[@href='/sop/{found['id']}']")
        assert office.get(f"process-definitions/{found['id']}/xml", "staf").content == CORRECTED

    def test_of_what_is_in_force_says_so(self, browser: Browser) -> None:
        upload(browser.sign_in("analis"), ("renja.bpmn", next(one for one in SIX if one.stem == "renja").read_bytes()))
        assert "Isinya sama dengan versi terakhir" in browser.text
        assert not [one for one in browser.tree.forms if one.action == "/sop/berlakukan"]

    def test_shows_what_it_changes(self, browser: Browser) -> None:
        renja = next(one for one in SIX if one.stem == "renja").read_bytes()
        upload(browser.sign_in("analis"), ("renja.bpmn", renja.replace(b'value="P1W"', b'value="P3D"')))
        assert "Waktu kegiatan 3" in browser.text
        assert "1 minggu menjadi 3 hari." in browser.text
        before, after = browser.tree.xpath("//figure/@data-diagram")
        assert (before.startswith("/sop/renja%3A1%3A"), after) == (True, "#isi-0")
        assert all('"kegiatan_03":"changed"' in one for one in browser.tree.xpath("//figure/@data-overlay"))

    def test_that_was_changed_on_its_way_back_is_refused(self, office: Office, browser: Browser) -> None:
        upload(browser.sign_in("analis"), ("surat.bpmn", CORRECTED))
        field = next(one for one in browser.tree.xpath("//input") if one.get("name") == "isi-0")
        for changed in (field.get("value")[:-8], "%%%", ""):
            csrf = browser.tree.xpath("//input[@name='csrf']/@value")[0]
            digest = browser.tree.xpath("//input[@name='sidik']/@value")[0]
            answer = browser.client.post(
                "/sop/berlakukan",
                data={"csrf": csrf, "unit": "disnaker", "nama": "surat.bpmn", "sidik": digest, "isi-0": changed},
            )
            assert answer.status_code == 422
            assert "tidak sama dengan yang tadi diperiksa" in answer.text
        assert office.read("process-definitions", "staf", key="surat")["items"] == []

    def test_of_several_files_is_refused_as_a_whole(self, browser: Browser) -> None:
        upload(browser.sign_in("analis"), ("a.bpmn", one_task("a")), ("a.bpmn", THREE_MISTAKES))
        assert browser.status == 422
        assert "a.bpmn (2)" in browser.text
        assert not [one for one in browser.tree.forms if one.action == "/sop/berlakukan"]

    @pytest.mark.parametrize(
        ("files", "said"),
        [
            ([], "Belum ada berkas yang dipilih."),
            ([("kosong.bpmn", b"")], "berkas kosong"),
            ([("besar.bpmn", b"<a>" + b" " * 6 * 1024 * 1024)], "paling besar 5 MB"),
            ([("surat.docx", b"bukan XML sama sekali")], "Kesalahan 1"),
            ([("arsip.zip", b"PK\x03\x04\x14\x00\xff\xfe\x00\x00")], "Kesalahan 1"),
            ([("bom.bpmn", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')], "DOCTYPE"),
            ([(f"{n}.bpmn", b"<a/>") for n in range(50)], "Kesalahan 1"),
            ([(f"{n}.bpmn", b"<a/>") for n in range(51)], "Paling banyak 50 berkas"),
            ([("</script><b>.bpmn", b"<a/>")], "</script><b>.bpmn"),
        ],
        ids=["none", "empty", "too large", "not XML", "zip", "entities", "fifty", "too many", "name"],
    )
    def test_that_is_hostile_is_answered_in_words(
        self, shared_office: Office, files: list[tuple[str, bytes]], said: str
    ) -> None:
        browser = Browser(shared_office).sign_in("analis")
        upload(browser, *files)
        assert browser.status == 422
        assert said in browser.text
        assert browser.tree.xpath("//script[not(@src)]") == []

    def test_for_a_unit_that_is_not_there_is_refused(self, shared_office: Office) -> None:
        browser = Browser(shared_office).sign_in("analis")
        assert upload(browser, ("a.bpmn", one_task("a")), unit="nowhere").status == 422
        assert upload(browser, ("a.bpmn", one_task("a")), unit="pemda").status in (403, 422)


class TestMigrating:
    def two_versions(self, office: Office, second: bytes) -> tuple[Json, Json]:
        office.deploy(surat=CORRECTED)
        case = office.start("staf", key="surat", title="Surat nomor 7", variables={})
        office.deploy(surat=second)
        return case, definition(office, "surat")

    def test_shows_the_plan_and_then_does_it(self, office: Office, browser: Browser) -> None:
        case, target = self.two_versions(office, CORRECTED.replace(b"Menerima surat", b"Mencatat surat"))
        browser.sign_in("analis").open(f"/sop/{target['id']}")
        assert "1 berkas masih berjalan pada versi yang lebih lama." in browser.text

        browser.open(f"/sop/{target['id']}/pindahkan")
        assert "Surat nomor 7" in browser.text
        assert "kegiatan 1 'Menerima surat' (Staf) menjadi kegiatan 1 'Mencatat surat' (Staf)" in browser.text
        browser.send(f"/sop/{target['id']}/pindahkan", berkas=case["id"])

        assert "Dipindahkan" in browser.text
        assert office.instance(case["id"])["process_definition_id"] == target["id"]
        assert "Tidak ada berkas yang perlu dipindahkan" in browser.open(f"/sop/{target['id']}/pindahkan").text

    def test_asks_which_task_stands_for_one_that_is_gone(self, office: Office, browser: Browser) -> None:
        other = (
            CORRECTED.replace(b'"terima"', b'"catat"')
            .replace(b">terima<", b">catat<")
            .replace(b"Menerima surat", b"Membukukan agenda")
        )
        other = other.replace(b"mulai terima", b"mulai catat")
        case, target = self.two_versions(office, other)
        place = f"/sop/{target['id']}/pindahkan"
        browser.sign_in("analis").open(place)
        assert "Belum dapat dipindahkan" in browser.text
        (choice,) = browser.tree.xpath("//select[@name='padan.terima']")
        assert "1. Membukukan agenda (Staf)" in [" ".join(one.text.split()) for one in choice]

        browser.open(f"{place}?padan.terima=catat")
        assert "Dapat dipindahkan" in browser.text
        form = next(one for one in browser.tree.forms if one.method == "POST" and one.action == place)
        browser.post(place, **dict(form.form_values()))

        assert office.instance(case["id"])["open_tasks"][0]["element_id"] == "catat"

    def test_tells_each_case_that_it_refuses_why(self, office: Office, browser: Browser) -> None:
        case, target = self.two_versions(office, CORRECTED.replace(b"Menerima surat", b"Mencatat surat"))
        place = f"/sop/{target['id']}/pindahkan"
        browser.sign_in("analis").open(place)
        csrf = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        for _ in range(2):
            browser.post(place, csrf=csrf, berkas=case["id"])
        assert "Tidak dipindahkan" in browser.text
        assert "Proses ini sudah berjalan pada versi tersebut." in browser.text
        browser.post(place, csrf=csrf, berkas="not an id")
        assert "Tidak dipindahkan" in browser.text
        browser.post(place, csrf=csrf)
        assert "Tidak ada berkas yang dipilih" in browser.text

    def test_is_not_for_who_may_not_deploy(self, office: Office, browser: Browser) -> None:
        case, target = self.two_versions(office, CORRECTED.replace(b"Menerima surat", b"Mencatat surat"))
        place = f"/sop/{target['id']}/pindahkan"
        browser.sign_in("staf").open(place)
        assert browser.status == 403
        csrf = browser.open("/sop").tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post(place, csrf=csrf, berkas=case["id"])
        assert browser.status == 403
        assert office.instance(case["id"])["process_definition_id"] != target["id"]
