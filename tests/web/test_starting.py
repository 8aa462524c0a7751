"""Mulai berkas: what one may start, and the form that starts it."""

from datetime import timedelta

import pytest

from tests.drawings import END, chain, drawing, one_task, task
from tests.office import Office
from tests.web.browser import Browser


def signed_in(office: Office, username: str) -> Browser:
    return Browser(office).sign_in(username)


FIELDS = """<bpmn:startEvent id="mulai"><bpmn:extensionElements><camunda:formData>
<camunda:formField id="jumlah" label="Jumlah" type="long"><camunda:validation>
<camunda:constraint name="min" config="2"/><camunda:constraint name="max" config="9"/>
</camunda:validation></camunda:formField>
<camunda:formField id="perihal" label="Perihal" type="string"><camunda:validation>
<camunda:constraint name="required"/><camunda:constraint name="maxlength" config="8"/>
</camunda:validation></camunda:formField>
<camunda:formField id="segera" label="Segera" type="boolean"/>
<camunda:formField id="hari" label="Hari" type="date"/>
<camunda:formField id="sifat" label="Sifat" type="enum"><camunda:value id="b" name="Biasa"/>
<camunda:value id="r" name="Rahasia"/></camunda:formField>
</camunda:formData></bpmn:extensionElements></bpmn:startEvent>
"""


def with_every_field() -> bytes:
    body = FIELDS + task("kerja", nomor=1) + END + chain("mulai", "kerja", "selesai")
    return drawing("isian", body, lanes={"Staf": "mulai kerja selesai"})


class TestStarting:
    @pytest.mark.parametrize(
        ("username", "keys"),
        [("kepala_bidang", {"pengumpulan_data_kinerja"}), ("analis", set()), ("inspektorat", set())],
    )
    def test_is_offered_for_what_one_performs(self, office: Office, username: str, keys: set[str]) -> None:
        browser = signed_in(office, username).open("/berkas/mulai")

        offered = set(browser.tree.xpath("//main//h2/a/@href"))

        assert offered == {f"/berkas/mulai/{key}" for key in keys}
        for key in ("renja", "pengumpulan_data_kinerja"):
            assert browser.open(f"/berkas/mulai/{key}").status == (200 if key in keys else 404)

    def test_offers_the_version_in_force(self, office: Office) -> None:
        assert office.deploy(a=one_task("a")).status_code == 201
        later = one_task("a", name="Nanti", properties={"tanggal_efektif": "2026-08-05"})
        assert office.deploy(a=later).status_code == 201

        browser = signed_in(office, "staf").open("/berkas/mulai/a")

        assert "Versi 1" in browser.text
        office.clock.advance(timedelta(days=3))
        assert "Versi 2" in browser.open("/berkas/mulai/a").text

    def test_leads_to_the_case(self, office: Office) -> None:
        browser = signed_in(office, "sekretaris").open("/berkas/mulai/renja")

        browser.send("/berkas/mulai/renja", judul="Renja 2027", nomor="050/R", isi_tahun="2027")

        assert browser.status == 200
        assert "Berkas “Renja 2027” dimulai." in browser.text
        (case,) = office.read("process-instances", "sekretaris")["items"]
        assert browser.url == f"/berkas/{case['id']}"
        assert (case["title"], case["business_key"], case["started_by"]) == ("Renja 2027", "050/R", "sekretaris")
        assert "Tahun 2027" in browser.text

    def test_without_a_title_takes_that_of_the_sop(self, office: Office) -> None:
        browser = signed_in(office, "sekretaris").open("/berkas/mulai/renja")

        browser.send("/berkas/mulai/renja", isi_tahun="2027")

        assert browser.tree.xpath("//h1/text()") == ["Penyusunan Rencana Kerja (Renja)"]

    def test_reads_each_field_as_its_type_wants_it(self, office: Office) -> None:
        assert office.deploy(a=with_every_field()).status_code == 201
        browser = signed_in(office, "staf").open("/berkas/mulai/isian")
        values = {"jumlah": "7", "perihal": "Surat", "segera": "true", "hari": "2026-08-17", "sifat": "r"}

        browser.send("/berkas/mulai/isian", **{f"isi_{name}": value for name, value in values.items()})

        case_id = browser.url.rpartition("/")[2]
        kept = office.read(f"process-instances/{case_id}/variables", "staf")["variables"]
        assert kept == {"jumlah": 7, "perihal": "Surat", "segera": True, "hari": "2026-08-17", "sifat": "r"}
        for told in ("Jumlah 7", "Segera Ya", "Sifat Rahasia"):
            assert told in browser.text

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"perihal": " "}, "Perihal wajib diisi."),
            ({"perihal": "a", "jumlah": "dua"}, "Isi dengan bilangan bulat dari 2 sampai 9."),
            ({"perihal": "a", "jumlah": "1"}, "Isi dengan bilangan bulat dari 2 sampai 9."),
            ({"perihal": "a", "jumlah": "10"}, "Isi dengan bilangan bulat dari 2 sampai 9."),
            ({"perihal": "terlalu panjang"}, "Tulis paling banyak 8 karakter."),
        ],
    )
    def test_with_a_mistake_keeps_what_was_typed(self, office: Office, typed: dict[str, str], told: str) -> None:
        assert office.deploy(a=with_every_field()).status_code == 201
        browser = signed_in(office, "staf").open("/berkas/mulai/isian")

        browser.send("/berkas/mulai/isian", judul="Tetap ada", **{f"isi_{name}": one for name, one in typed.items()})

        assert browser.status == 422
        fault = browser.tree.xpath("//form//p[@class='wrong'][not(@hidden)]")[0]
        assert fault.text_content() == told
        assert browser.tree.xpath("//div[@role='alert']//a/@href") == [f"#{fault.get('id').removesuffix('-salah')}"]
        assert browser.tree.xpath("//input[@name='judul']/@value") == ["Tetap ada"]
        assert office.read("process-instances", "staf")["items"] == []
