"""The form of a task: that it gives the right values, and that nothing typed is ever lost."""

import re

from tests.office import Json, Office
from tests.web.browser import Browser
from tests.web.task.places import office_of, page


class TestAForm:
    def test_has_the_right_field_for_each_type(self, browser: Browser, filled: Json) -> None:
        tree = browser.sign_in("staf").open(page(filled)).tree
        assert tree.xpath("//input[@name='isi_jumlah']/@value") == ["3"]
        assert tree.xpath("//input[@name='isi_jumlah']/@inputmode") == ["numeric"]
        assert tree.xpath("//input[@name='isi_rapat']/@type") == ["date"]
        assert tree.xpath("//input[@name='isi_lengkap']/@value") == ["true", "false", ""]
        assert tree.xpath("//input[@name='isi_sifat']/@value") == ["biasa", "segera", ""]
        assert tree.xpath("//input[@name='isi_uraian']/@aria-required") == ["true"]
        for field in tree.xpath("//form[@id='isian']//*[@name][not(@type='hidden')][not(@type='radio')]"):
            if field.tag != "button":
                assert tree.xpath(f"//label[@for='{field.get('id')}']"), field.get("name")
        assert tree.xpath("//form[@id='isian']//button[not(@disabled)]")[0].text_content().strip() == "Selesaikan"

    def test_gives_typed_values(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled)).send(
            f"{page(filled)}/selesaikan",
            isi_uraian="Rapat awal",
            isi_jumlah="1.250",
            isi_rapat="17-08-2026",
            isi_lengkap="false",
            isi_sifat="",
        )
        assert browser.status == 200, browser.text
        instance = browser.office.instance_of(filled)
        held = browser.office.read(f"process-instances/{instance}/variables", "inspektorat")["variables"]
        assert {name: held[name] for name in ("uraian", "jumlah", "rapat", "lengkap", "sifat")} == {
            "uraian": "Rapat awal",
            "jumlah": 1250,
            "rapat": "2026-08-17",
            "lengkap": False,
            "sifat": None,
        }

    def test_comes_back_with_everything_and_the_faults_at_their_fields(self, browser: Browser, filled: Json) -> None:
        typed = {"isi_uraian": "x" * 41, "isi_jumlah": "5000", "isi_rapat": "besok", "isi_sifat": "segera"}
        browser.sign_in("staf").open(page(filled)).send(f"{page(filled)}/selesaikan", **typed)
        assert browser.status == 422
        assert "Isi dengan tanggal yang ada" in browser.text
        assert browser.tree.xpath("//input[@name='isi_rapat']/@value") == ["besok"]
        assert browser.tree.xpath("//input[@name='isi_rapat']/@type") == []

        browser.send(f"{page(filled)}/selesaikan", isi_rapat="")
        assert browser.status == 422
        assert "Isi dengan bilangan bulat dari 1 sampai 1.500." in browser.text
        assert "Tulis paling banyak 40 karakter." in browser.text
        kept = dict(next(one for one in browser.tree.forms if one.get("id") == "isian").form_values())
        assert {name: kept[f"isi_{name}"] for name in ("uraian", "jumlah", "sifat")} == {
            "uraian": "x" * 41,
            "jumlah": "5000",
            "sifat": "segera",
        }
        assert office_of(browser, filled)["state"] == "open"

    def test_leads_to_the_next_task_of_the_same_list(self, browser: Browser, office: Office) -> None:
        one, two = (office.start("staf", "ragam", variables={})["open_tasks"][0] for _ in range(2))
        for each in (one, two):
            office.post(f"tasks/{each['id']}/claim", "staf")
        browser.sign_in("staf").open(page(one) + "?tab=saya")
        browser.send(f"{page(one)}/selesaikan?tab=saya", isi_uraian="Selesai")
        assert "Tugas selesai. Berikutnya: “Memeriksa data” oleh Sekretaris Dinas." in browser.text
        assert browser.url.startswith("/tugas/")
        assert browser.url != page(one)
        browser.open(page(two) + "?tab=selesai")
        browser.send(f"{page(two)}/selesaikan?tab=selesai", isi_uraian="Selesai")
        assert browser.url == "/tugas"


class TestADraft:
    def test_opens_the_form_as_it_was_left(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post(
            f"{page(filled)}/draf", csrf=token, isi_uraian="Belum sel", isi_jumlah="dua", isi_rapat="2026-08-17"
        )
        assert browser.page == "Tersimpan 10.01" or re.fullmatch(r"Tersimpan \d\d\.\d\d", browser.page)

        browser.open(page(filled))
        kept = dict(next(one for one in browser.tree.forms if one.get("id") == "isian").form_values())
        assert (kept["isi_uraian"], kept["isi_jumlah"], kept["isi_rapat"]) == ("Belum sel", "dua", "2026-08-17")
        assert "dipulihkan" in browser.text
        browser.send(f"{page(filled)}/draf/buang")
        assert "Draf dibuang." in browser.text
        assert browser.tree.xpath("//input[@name='isi_jumlah']/@value") == ["3"]

    def test_keeps_what_was_ticked_of_the_standard(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        names = browser.tree.xpath("//input[@name='kelengkapan']/@value")
        assert names
        browser.post(f"{page(decision)}/draf", csrf=token, kelengkapan=[names[0], "karangan"])
        browser.open(page(decision))
        assert browser.tree.xpath("//input[@name='kelengkapan'][@checked]/@value") == [names[0]]
        assert office_of(browser, decision)["requirements"][0]["satisfied"] is None

    def test_is_forgotten_with_its_task(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.post(f"{page(filled)}/draf", csrf=token, isi_uraian="Isi")
        browser.open(page(filled)).send(f"{page(filled)}/selesaikan")
        assert office_of(browser, filled)["state"] == "completed"
        assert browser.office.get(f"tasks/{filled['id']}/draft", "staf").status_code == 404

    def test_that_is_too_long_is_not_kept(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        assert browser.post(f"{page(filled)}/draf", csrf=token, isi_uraian="x" * 70_000).status == 413

    def test_without_a_session_is_refused_as_such(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        browser.lose_session()
        assert browser.post(f"{page(filled)}/draf", csrf=token, isi_uraian="Isi").status == 401

    def test_belongs_to_who_performs_the_task(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("inspektorat").open(page(filled))
        token = browser.tree.xpath("//input[@name='csrf']/@value")[0]
        assert browser.post(f"{page(filled)}/draf", csrf=token, isi_uraian="Isi").status == 403


class TestASessionThatEnds:
    def test_in_the_middle_of_a_form_loses_nothing(self, browser: Browser, filled: Json) -> None:
        browser.sign_in("staf").open(page(filled) + "?tab=saya")
        browser.lose_session()
        action = f"{page(filled)}/selesaikan"
        browser.send(f"{action}?tab=saya", isi_uraian="Sudah panjang sekali", isi_jumlah="7", isi_lengkap="true")
        assert browser.status == 401
        browser.send("/masuk", username="staf", password="demo")
        assert "Sudah panjang sekali" in browser.text
        browser.send(action)
        assert browser.status == 200
        assert office_of(browser, filled)["completed_by"] == "staf"
