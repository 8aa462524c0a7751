"""A task beside the inbox: what each kind of person sees of it and may do, and that nothing typed is ever lost."""

import re
from datetime import timedelta

import pytest

from tests.drawings import END, START, chain, drawing, task
from tests.office import Json, Office
from tests.web.browser import Browser

FIELDS = (
    '<camunda:formField id="uraian" label="Uraian" type="string"><camunda:validation>'
    '<camunda:constraint name="required"/><camunda:constraint name="maxlength" config="40"/>'
    "</camunda:validation></camunda:formField>"
    '<camunda:formField id="jumlah" label="Jumlah" type="long" defaultValue="3"><camunda:validation>'
    '<camunda:constraint name="min" config="1"/><camunda:constraint name="max" config="1500"/>'
    "</camunda:validation></camunda:formField>"
    '<camunda:formField id="rapat" label="Tanggal rapat" type="date"/>'
    '<camunda:formField id="lengkap" label="Lengkap" type="boolean"/>'
    '<camunda:formField id="sifat" label="Sifat" type="enum">'
    '<camunda:value id="biasa" name="Biasa"/><camunda:value id="segera" name="Segera"/></camunda:formField>'
)


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    """The office, with a second member of the SAKIP team and a process whose form has a field of each type."""
    shared_office.hire("tim_kedua", "tim_sakip@disnaker")
    inner = f"<bpmn:extensionElements><camunda:formData>{FIELDS}</camunda:formData></bpmn:extensionElements>"
    body = START + task("isi", "Mengisi data", inner) + task("cek", "Memeriksa data") + END
    body += chain("mulai", "isi", "cek", "selesai")
    sent = drawing("ragam", body, lanes={"Staf": "mulai isi selesai", "Sekretaris": "cek"})
    assert shared_office.deploy(ragam=sent).status_code == 201
    return shared_office


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office)


@pytest.fixture
def decision(office: Office) -> Json:
    """The task of row 5, in which the SAKIP team decides."""
    found: Json = office.advance(office.start(), 4)["open_tasks"][0]
    return found


@pytest.fixture
def filled(office: Office) -> Json:
    """A task of staf with a field of each type."""
    found: Json = office.start("staf", "ragam", variables={})["open_tasks"][0]
    return found


def page(one: Json) -> str:
    return f"/tugas/{one['id']}"


def offered(browser: Browser) -> set[str]:
    """The acts that the open page offers."""
    actions = (form.action.partition("?")[0] for form in browser.tree.xpath("//*[@id='rincian']//form"))
    return {action.rpartition("/")[2] for action in actions}


class TestTheTask:
    def test_says_what_it_is_about(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision) + "?tab=tim")
        text = browser.text
        for said in (decision["name"], "Langkah 5 dari 9", "Tim", "Belum diambil siapa pun", "Mutu baku"):
            assert said in text, said
        assert f"/berkas/{browser.office.instance_of(decision)}" in browser.page
        assert browser.tree.xpath("//a[@aria-current='true']/@href")[-1].startswith(page(decision))
        assert "opened" in browser.tree.xpath("//main/@class")[0]

    def test_is_answered_alone_to_a_page_that_has_the_list(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip")
        answer = browser.client.get(page(decision), headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert 'id="rincian"' in answer.text
        assert 'id="daftar"' not in answer.text
        assert decision["name"] in answer.text

    @pytest.mark.parametrize(
        ("user", "acts"),
        [
            ("tim_sakip", {"ambil", "serahkan", "selesaikan"}),
            ("inspektorat", set()),
        ],
    )
    def test_offers_what_a_person_may_do(self, browser: Browser, decision: Json, user: str, acts: set[str]) -> None:
        assert offered(browser.sign_in(user).open(page(decision))) == acts

    def test_is_not_there_for_strangers(self, browser: Browser, decision: Json) -> None:
        for user in ("staf", "analis"):
            browser.sign_in(user)
            for place in (page(decision), f"{page(decision)}/keadaan", "/tugas/not-an-id"):
                assert browser.open(place).status == 404, (user, place)
            token = browser.open("/tugas").tree.xpath("//input[@name='csrf']/@value")[0]
            for act in ("ambil", "lepas", "serahkan", "selesaikan", "draf"):
                kept = browser.post(f"{page(decision)}/{act}", csrf=token, kepada=user, isi_keputusan="setuju")
                assert kept.status == 404, (user, act)
            browser.send("/keluar")

    def test_speaks_english(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send("/bahasa", bahasa="en")
        text = browser.open(page(decision)).text
        for said in ("Step 5 of 9", "Take the task", "Standard", "Requirements", "Required for a return"):
            assert said in text, said


class TestTheActs:
    def test_a_task_is_taken_and_given_back(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision) + "?tab=tim")
        browser.send(f"{page(decision)}/ambil?tab=tim")
        assert "Tugas ini sekarang milik Anda." in browser.text
        assert offered(browser) == {"lepas", "serahkan", "selesaikan"}
        assert browser.answer.url.query == b"tab=saya"

        browser.send(f"{page(decision)}/lepas?tab=saya")
        assert offered(browser) == {"ambil", "serahkan", "selesaikan"}

    def test_is_given_to_a_colleague_by_name(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        assert browser.tree.xpath("//select[@id='kepada']/option/@value") == ["", "tim_kedua"]
        browser.send(f"{page(decision)}/serahkan")
        assert "Pilih dahulu kepada siapa." in browser.text
        browser.send(f"{page(decision)}/serahkan", kepada="tim_kedua")
        assert "Tugas ini diserahkan kepada tim_kedua." in browser.text
        assert offered(browser) == {"serahkan"}
        assert "Tugas ini sedang dikerjakan tim_kedua." in browser.text

        browser.send(f"{page(decision)}/serahkan", ke_jabatan="ya")
        assert "Belum diambil siapa pun" in browser.text

    def test_is_given_by_a_superior_who_does_not_do_it_himself(self, browser: Browser, office: Office) -> None:
        row = office.advance(office.start(), 3)["open_tasks"][0]
        browser.sign_in("sekretaris").open(page(row))
        assert offered(browser) == {"serahkan"}
        browser.send(f"{page(row)}/serahkan", kepada="staf")
        assert "Tugas ini diserahkan kepada Staf (peragaan)." in browser.text

    def test_to_somebody_without_the_role_is_refused(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send(f"{page(decision)}/serahkan", kepada="staf")
        assert browser.status == 422
        assert office_of(browser, decision)["assignee"] is None

    def test_of_who_comes_later_is_told_who_has_it(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.post(f"tasks/{decision['id']}/claim", "tim_kedua")
        browser.send(f"{page(decision)}/ambil")
        assert browser.status == 409
        assert "Tugas ini sudah diambil oleh tim_kedua." in browser.text


def office_of(browser: Browser, one: Json) -> Json:
    return browser.office.read(f"tasks/{one['id']}", "inspektorat")


class TestADecision:
    def test_is_two_buttons_and_never_the_key_enter(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        buttons = browser.tree.xpath("//form[@id='isian']//button")
        assert buttons[0].get("disabled") is not None
        assert [one.get("value") for one in buttons[1:]] == ["setuju", "dikembalikan"]
        assert {one.get("name") for one in buttons[1:]} == {"isi_keputusan"}

    def test_moves_the_case_on_and_says_who_is_next(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(f"{page(decision)}/selesaikan", isi_keputusan="setuju")
        assert browser.status == 200
        assert re.search(r"Selesai\. Berikutnya: .+ oleh .+\.", browser.text)
        assert office_of(browser, decision)["decision"] == "setuju"

    def test_to_return_asks_for_its_reason_at_the_field(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(
            f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan"
        )
        assert browser.status == 422
        field = browser.tree.xpath("//textarea[@name='isi_alasan']")[0]
        assert field.get("aria-invalid") == "true"
        fault = browser.tree.get_element_by_id(f"{field.get('id')}-salah")
        assert fault.get("hidden") is None
        assert fault.get("id") in field.get("aria-describedby").split()
        assert "Tulis alasannya" in fault.text_content()
        assert browser.tree.xpath("//div[@role='alert']//a/@href") == [f"#{field.get('id')}"]
        assert office_of(browser, decision)["state"] == "open"

    def test_that_is_none_is_asked_for(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision)).send(
            f"{page(decision)}/selesaikan", isi_alasan="Sudah panjang"
        )
        assert (browser.status, "Pilih salah satu keputusan." in browser.text) == (422, True)
        assert browser.tree.xpath("//textarea[@name='isi_alasan']")[0].value.strip() == "Sudah panjang"

    def test_to_return_is_read_by_who_corrects_and_then_by_who_decides_again(
        self, browser: Browser, office: Office, decision: Json
    ) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan", isi_alasan="Target TW III kosong.")
        assert "Dikembalikan. Berikutnya:" in browser.text

        instance = office.instance(office.instance_of(decision))
        (again,) = instance["open_tasks"]
        text = Browser(office).sign_in(again["role"]).open(page(again)).text
        assert "Putaran ke-2" in text
        assert "Dikembalikan untuk diperbaiki" in text
        assert "Target TW III kosong." in text
        assert "Anggota Tim SAKIP (peragaan)" in text

        (second,) = office.advance(instance)["open_tasks"]
        browser.open(page(second))
        assert "Putaran sebelumnya di langkah ini" in browser.text
        assert "Target TW III kosong." in browser.text
        assert browser.tree.xpath("//section[contains(@class, 'returned')]") == []

    def test_of_a_first_visit_shows_no_return_of_another_row(self, browser: Browser, office: Office) -> None:
        instance = office.advance(office.start(), 4)
        answer = office.complete(instance["open_tasks"][0], keputusan="dikembalikan", alasan="Ulang")
        instance = office.advance(answer.json()["process_instance"], 2)
        (row,) = instance["open_tasks"]
        assert row["visit"] == 1
        text = browser.sign_in(row["role"]).open(page(row)).text
        assert "Dikembalikan untuk diperbaiki Tim" not in text
        assert browser.tree.xpath("//section[contains(@class, 'returned')]") == []


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
        assert {name: kept[name] for name in ("uraian", "jumlah", "sifat")} == {
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
        assert "Selesai. Berikutnya: Memeriksa data oleh Sekretaris Dinas." in browser.text
        assert browser.url.startswith("/tugas/")
        assert browser.url != page(one)
        browser.open(page(two) + "?tab=selesai")
        browser.send(f"{page(two)}/selesaikan?tab=selesai", isi_uraian="Selesai")
        assert browser.url == "/tugas"


class TestTwoPeopleAtOneTask:
    def test_the_later_one_is_told_who_was_first_and_loses_nothing(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.clock.advance(timedelta(minutes=1))
        assert browser.office.complete(decision, "tim_kedua", keputusan="setuju").status_code == 200
        browser.send(
            f"{page(decision)}/selesaikan", isi_keputusan="dikembalikan", isi_alasan="Alasan yang\nsangat panjang"
        )

        assert browser.status == 409
        assert "Tugas ini sudah diselesaikan oleh tim_kedua pada" in browser.text
        kept = browser.tree.get_element_by_id("terketik").text
        assert "Alasan pengembalian: Alasan yang\nsangat panjang" in kept
        assert "Keputusan: Dikembalikan untuk diperbaiki" in kept
        draft = browser.office.read(f"tasks/{decision['id']}/draft", "tim_sakip")
        assert draft["variables"]["alasan"] == "Alasan yang\nsangat panjang"

    def test_the_later_one_may_find_it_taken(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        browser.office.post(f"tasks/{decision['id']}/claim", "tim_kedua")
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="setuju", isi_alasan="Catatan saya")
        assert browser.status == 409
        assert "Tugas ini sudah diambil oleh tim_kedua." in browser.text
        assert "Catatan saya" in browser.tree.get_element_by_id("terketik").text

    def test_the_case_may_be_cancelled_meanwhile(self, browser: Browser, decision: Json) -> None:
        browser.sign_in("tim_sakip").open(page(decision))
        instance = browser.office.instance_of(decision)
        body = {"reason": "Salah tahun"}
        assert browser.office.post(f"process-instances/{instance}/cancel", "sekretaris", body).status_code == 200
        browser.send(f"{page(decision)}/selesaikan", isi_keputusan="setuju", isi_alasan="Catatan saya")
        assert browser.status == 409
        assert "Tugas ini sudah ditarik" in browser.text
        assert "Catatan saya" in browser.tree.get_element_by_id("terketik").text

    def test_an_open_form_is_told_beside_it(self, browser: Browser, decision: Json) -> None:
        place = f"{page(decision)}/keadaan"
        browser.sign_in("tim_sakip").open(place)
        assert browser.text == ""
        tag = browser.answer.headers["etag"]
        assert browser.client.get(place, headers={"If-None-Match": tag}).status_code == 304
        browser.office.complete(decision, "tim_kedua", keputusan="setuju")
        changed = browser.client.get(place, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert "tim_kedua sudah menyelesaikan tugas ini" in changed.text
        assert "<form" not in changed.text


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
        assert (kept["uraian"], kept["jumlah"], kept["rapat"]) == ("Belum sel", "dua", "2026-08-17")
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
