"""Berkas: which cases one sees, where they stand, and the acts on it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.instances.timers import fire_due
from tests.drawings import END, START, chain, drawing, task, with_dead_end
from tests.office import MONDAY, Json, Office
from tests.web.browser import Browser

WHY = "Target belum sejalan dengan Renstra."


class Counter:
    """Counts the statements that are sent to the database."""

    def __init__(self, office: Office) -> None:
        self.statements = 0
        sa.event.listen(office.database.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.statements += 1

    def of(self, browser: Browser, path: str) -> int:
        browser.open(path)
        self.statements = 0
        assert browser.open(path).status == 200
        return self.statements


def visitor(office: Office, username: str) -> Browser:
    return Browser(office).sign_in(username)


def send_back(office: Office, case: Json, times: int) -> Json:
    """Bring a Renja to its check, and send it back some times."""
    case = office.advance(case, 4)
    for _ in range(times):
        (check,) = case["open_tasks"]
        answer = office.complete(check, keputusan="dikembalikan", alasan=WHY)
        case = office.advance(answer.json()["process_instance"])
    return case


class TestTheList:
    def test_tells_where_a_case_stands_and_for_whom_it_waits(self, office: Office) -> None:
        case = office.start("sekretaris", "renja", title="Renja 2027", business_key="050/R")
        office.clock.advance(timedelta(hours=2))

        browser = visitor(office, "sekretaris").open("/berkas")

        assert "Renja 2027 050/R · Penyusunan Rencana Kerja (Renja)" in browser.text
        assert "Langkah 1 dari 13" in browser.text
        assert "Sekretaris Dinas, 2 jam kerja" in browser.text
        assert browser.tree.xpath("//a[@data-row]/@href") == [f"/berkas/{case['id']}"]

    def test_says_why_it_is_empty(self, office: Office) -> None:
        office.start("sekretaris", "renja")

        browser = visitor(office, "analis").open("/berkas")

        assert browser.tree.xpath("//a[@data-row]") == []
        assert "Berkas muncul begitu seseorang memulai sebuah SOP" in browser.text

    def test_is_narrowed_by_its_address(self, office: Office) -> None:
        office.start("sekretaris", "renja", title="Rencana besar")
        stopped = office.start("sekretaris", "iku", title="Indikator")
        office.post(f"process-instances/{stopped['id']}/suspend", "sekretaris")
        browser = visitor(office, "sekretaris")

        def shown(query: str) -> list[str]:
            found: list[str] = browser.open(f"/berkas?{query}").tree.xpath("//a[@data-row]/text()")
            return found

        assert shown("") == ["Rencana besar"]
        assert shown("keadaan=ditangguhkan") == ["Indikator"]
        assert shown("keadaan=semua&urut=judul") == ["Indikator", "Rencana besar"]
        assert shown("keadaan=semua&sop=iku") == ["Indikator"]
        assert shown("keadaan=semua&q=besar") == ["Rencana besar"]
        assert shown("keadaan=terlambat") == []
        office.clock.advance(timedelta(days=60))
        assert shown("keadaan=terlambat&urut=judul") == ["Indikator", "Rencana besar"]
        assert "Terlambat" in browser.text

    def test_of_many_comes_in_pages_with_as_many_statements_as_of_few(self, office: Office) -> None:
        browser, counter = visitor(office, "sekretaris"), Counter(office)
        for number in range(2):
            office.start("sekretaris", "renja", title=f"Renja {number}")
        few = counter.of(browser, "/berkas")
        for number in range(2, 27):
            office.start("sekretaris", ("iku", "renja")[number % 2], title=f"Berkas {number}")

        browser.open("/berkas?sop=iku")
        assert counter.of(browser, "/berkas") == few
        assert len(browser.tree.xpath("//a[@data-row]")) == 25
        (following,) = browser.tree.xpath("//a[@rel='next']/@href")
        assert browser.open(following).tree.xpath("//a[@data-row]/text()") == ["Renja 1", "Renja 0"]

    def test_is_not_sent_again_to_a_page_that_has_it(self, office: Office) -> None:
        browser = visitor(office, "sekretaris").open("/berkas/daftar")
        tag = {"If-None-Match": browser.answer.headers["etag"]}

        assert browser.client.get("/berkas/daftar", headers=tag).status_code == 304
        office.start("sekretaris", "renja")
        assert browser.client.get("/berkas/daftar", headers=tag).status_code == 200


class TestACase:
    def test_is_hidden_from_who_has_no_part_in_it(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        browser = visitor(office, "analis").open("/tugas")
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]

        for path in ("", "/sekarang"):
            assert browser.open(f"/berkas/{case['id']}{path}").status == 404
        for act in ("tangguhkan", "lanjutkan", "batalkan", "ulangi", "pindahkan", "pesan"):
            sent = {"alasan": "a", "tugas": case["open_tasks"][0]["id"], "langkah": "kegiatan_02", "pesan": "x"}
            browser.post(f"/berkas/{case['id']}/{act}", csrf=token, **sent)
            assert browser.status == 404, act
        assert office.instance(case["id"])["status"] == "active"

    def test_tells_its_rounds_with_who_sent_it_back_and_why(self, office: Office) -> None:
        case = send_back(office, office.start("sekretaris", "renja"), 2)

        browser = visitor(office, "sekretaris").open(f"/berkas/{case['id']}")

        assert [len(one.xpath(".//li")) for one in browser.tree.xpath("//*[@class='round']")] == [5, 2, 2]
        assert "Putaran 3 setelah dikembalikan oleh Anggota Tim Renja (peragaan)" in browser.text
        assert browser.text.count(WHY) == 4
        assert "Dikembalikan 2 kali" in browser.text

    def test_has_a_row_for_each_step_of_its_sop(self, office: Office) -> None:
        case = send_back(office, office.start("sekretaris", "renja"), 1)

        browser = visitor(office, "inspektorat").open(f"/berkas/{case['id']}")

        rows = browser.tree.xpath("//tr[starts-with(@id, 'langkah-')]")
        assert [row.get("id") for row in rows] == [f"langkah-kegiatan_{number:02}" for number in range(1, 14)]
        assert [len(row.xpath(".//li")) for row in rows] == [1, 1, 1, 2, 2, *[0] * 8]

    def test_costs_as_many_statements_with_many_visits_as_with_few(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        browser, counter = visitor(office, "sekretaris"), Counter(office)
        path = f"/berkas/{case['id']}"
        few = counter.of(browser, path)

        send_back(office, case, 10)

        assert counter.of(browser, path) <= few + 1
        assert few < 20

    def test_tells_a_page_that_is_open_what_has_changed(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        browser = visitor(office, "sekretaris").open(f"/berkas/{case['id']}")
        (address,) = browser.tree.xpath("//*[@id='sekarang']/@hx-get")
        tag = {"If-None-Match": browser.open(address).answer.headers["etag"]}
        assert browser.client.get(address, headers=tag).status_code == 304

        office.advance(case)

        assert browser.client.get(address, headers=tag).status_code == 200
        assert "Langkah 2 dari 13" in browser.open(address).text

    def test_runs_nothing_of_a_title_that_looks_like_markup(self, office: Office) -> None:
        case = office.start("sekretaris", "renja", title="<script>alert(1)</script>")

        browser = visitor(office, "sekretaris")

        for path in ("/berkas", f"/berkas/{case['id']}"):
            assert "<script>alert" not in browser.open(path).page
            assert browser.tree.xpath("//script[not(@src)] | //style | //*[@style]") == []

    def test_speaks_english_where_it_was_chosen(self, office: Office) -> None:
        case = send_back(office, office.start("sekretaris", "renja"), 1)
        browser = visitor(office, "sekretaris").open("/tugas").send("/bahasa", bahasa="en")

        browser.open(f"/berkas/{case['id']}")

        assert "Round 2 after a return by Anggota Tim Renja (peragaan)" in browser.text
        assert "Control sheet" in browser.text


class TestAnAct:
    def test_to_cancel_needs_a_reason_and_keeps_it(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        path = f"/berkas/{case['id']}"
        browser = visitor(office, "sekretaris").open(path)

        browser.send(f"{path}/batalkan", alasan="  ")
        assert (browser.status, "Tulis alasannya lebih dulu." in browser.text) == (422, True)
        browser.send(f"{path}/batalkan", alasan="Salah tahun.")

        assert "Berkas dibatalkan." in browser.text
        assert "Dibatalkan pada" in browser.text
        acts = office.read(f"process-instances/{case['id']}/audit", "inspektorat")["items"]
        assert (acts[-1]["type"], acts[-1]["data"]["reason"]) == ("process_instance.cancelled", "Salah tahun.")

    def test_stops_a_case_and_lets_it_go_on(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        path = f"/berkas/{case['id']}"
        browser = visitor(office, "sekretaris").open(path)

        browser.send(f"{path}/tangguhkan")
        assert "Berkas ini ditangguhkan" in browser.text
        browser.send(f"{path}/lanjutkan")

        assert office.instance(case["id"])["status"] == "active"

    def test_that_another_one_was_quicker_with_is_told_on_the_page(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        path = f"/berkas/{case['id']}"
        browser = visitor(office, "sekretaris").open(path)
        office.post(f"process-instances/{case['id']}/cancel", "sekretaris", {"reason": "Sudah."})

        browser.send(f"{path}/tangguhkan")

        assert browser.status == 409
        assert "Dibatalkan pada" in browser.text

    def test_is_not_for_who_only_performs_a_step(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        path = f"/berkas/{case['id']}"
        browser = visitor(office, "tim_renja").open(path)
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]

        assert "Tindakan" not in browser.text
        for act in ("tangguhkan", "batalkan", "pindahkan"):
            sent = {"alasan": "a", "tugas": case["open_tasks"][0]["id"], "langkah": "kegiatan_02"}
            browser.post(f"{path}/{act}", csrf=token, **sent)
            assert browser.status == 403, act

    def test_of_the_head_moves_a_case_to_another_step(self, office: Office) -> None:
        case = office.start("sekretaris", "renja")
        path = f"/berkas/{case['id']}"
        assert "Pindahkan ke langkah lain" not in visitor(office, "sekretaris").open(path).text
        browser = visitor(office, "kepala_dinas").open(path)

        browser.send(f"{path}/pindahkan", langkah="kegiatan_03", alasan="Bahan sudah ada.")

        assert "Berkas dipindahkan ke langkah lain." in browser.text
        (task,) = office.instance(case["id"])["open_tasks"]
        assert task["activity_no"] == 3
        assert "Ditarik" in browser.text
        assert "Bahan sudah ada." in browser.text

    def test_that_the_process_does_not_allow_says_why_and_keeps_the_reason(self, office: Office) -> None:
        drawn = START + task("satu") + END + chain("mulai", "satu", "selesai")
        assert office.deploy(a=drawing("a", drawn, lanes={"Staf": "satu"})).status_code == 201
        case = office.start("staf", "a", variables={})
        path = f"/berkas/{case['id']}"
        browser = visitor(office, "kepala_dinas").open(path)
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]

        sent = {"tugas": case["open_tasks"][0]["id"], "langkah": "tidak_ada", "alasan": "Coba."}
        browser.post(f"{path}/pindahkan", csrf=token, **sent)

        assert browser.status == 409
        assert browser.tree.xpath("//details[@open]//textarea/text()") == ["Coba."]
        assert browser.tree.xpath("//details[@open]//*[@role='alert']")


class TestNewsFromOutside:
    @pytest.fixture
    def path(self, office: Office) -> str:
        return f"/berkas/{office.advance(office.start('sekretaris', 'renja'), 9)['id']}"

    def test_is_recorded_by_who_takes_part(self, office: Office, path: str) -> None:
        browser = visitor(office, "kasubag_perencanaan").open(path)
        assert "Menunggu pengesahan Bupati" in browser.text

        browser.send(f"{path}/pesan")

        assert "Kabar dari luar sudah dicatat." in browser.text
        assert "Langkah 10 dari 13" in browser.text

    def test_that_was_recorded_already_says_so(self, office: Office, path: str) -> None:
        first, second = (visitor(office, "sekretaris").open(path) for _ in range(2))
        first.send(f"{path}/pesan")

        second.send(f"{path}/pesan")

        assert second.status == 404
        assert "Kabar ini sudah tidak ditunggu" in second.text
        assert second.tree.xpath("//h1/text()") == ["Penyusunan Rencana Kerja (Renja)"]

    def test_is_not_for_who_only_looks_on(self, office: Office, path: str) -> None:
        for username in ("inspektorat", "kepala_dinas"):
            assert "Catat: kabar" not in visitor(office, username).open(path).text


class TestAnIncident:
    def test_is_told_in_plain_words_and_tried_again_by_who_may(self, office: Office) -> None:
        assert office.deploy(a=with_dead_end()).status_code == 201
        case = office.start("staf", "buntu", variables={})
        office.clock.advance(timedelta(hours=2))
        state = office.app.state
        fire_due(office.database, state.directory, state.catalogue, office.clock)
        path = f"/berkas/{case['id']}"

        auditor = visitor(office, "inspektorat").open(path)
        starter = visitor(office, "staf").open(path)

        for browser in (auditor, starter):
            assert "Sebuah langkah otomatis gagal sejak 3 Agu 2026" in browser.text
        assert "Coba lagi" not in auditor.text
        assert case["title"] in starter.open("/berkas?keadaan=terkendala").text
        starter.open(path).send(f"{path}/ulangi")
        assert (starter.status, "Sebuah langkah otomatis gagal" in starter.text) == (200, True)
        assert office.clock.now() > MONDAY
