"""Jejak rekam: sentences for every kind of act, a search, and the proof that nothing was changed."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import app
from app.audit.checking import check_export
from app.audit.keys import TrailKey
from app.audit.models import event
from app.audit.sealing import seal_all
from app.web.acts import KINDS, SENTENCES
from tests.audit.owner import owner
from tests.drawings import one_task
from tests.office import Json, Office
from tests.web.browser import Browser


@pytest.fixture(scope="module")
def returned(shared_office: Office) -> tuple[Office, Json]:
    """A case that was sent back once and goes its second round."""
    office = shared_office
    instance = office.advance(office.start("sekretaris", "iku", title="IKU 2027", business_key="500/7"), 4)
    (task,) = instance["open_tasks"]
    answer = office.complete(task, keputusan="dikembalikan", alasan="Target <b>salah</b>.")
    assert answer.status_code == 200, answer.text
    return office, office.advance(answer.json()["process_instance"], 1)


def sentences(browser: Browser) -> list[str]:
    return [" ".join(one.text_content().split()) for one in browser.tree.xpath("//p[@class='act-said']")]


class TestASentence:
    def test_is_there_for_every_act_that_the_code_records(self) -> None:
        """What is built of parts (`process_instance.{what}`) is listed here."""
        kinds = {"process_instance.suspended", "process_instance.resumed"}
        for path in Path(app.__file__).parent.rglob("*.py"):
            text = path.read_text()
            kinds |= set(re.findall(r'(?:record\(\s*uow,|Event\(|kind=|, uow,)\s*"([a-z_]+\.[a-z_]+)"', text))
            kinds |= set(re.findall(r'"(task\.(?:claimed|unclaimed|assigned))"', text))
        assert len(kinds) >= 20
        assert kinds <= SENTENCES.keys()

    def test_is_of_a_kind_that_can_be_searched_for(self) -> None:
        searched = tuple(one for _, types in KINDS.values() for one in types)
        assert [kind for kind in SENTENCES if not kind.startswith(searched)] == []

    def test_says_who_did_what_in_which_round(self, returned: tuple[Office, Json]) -> None:
        office, instance = returned
        browser = Browser(office).sign_in("sekretaris").open(f"/jejak?berkas={instance['id']}")
        told = sentences(browser)
        assert told[-1] == "Sekretaris (peragaan) memulai berkas"
        assert "Sekretaris Dinas menyelesaikan" in told[-2]
        assert "mengembalikan berkas dari" in told[1]
        assert told[0].endswith("(putaran 2)")
        assert "Target <b>salah</b>." in browser.tree.xpath("string(//p[@class='act-reason'])")

    def test_is_said_in_english(self, returned: tuple[Office, Json]) -> None:
        office, instance = returned
        browser = Browser(office).sign_in("sekretaris").open(f"/jejak?berkas={instance['id']}")
        browser.send("/bahasa", bahasa="en")
        assert sentences(browser)[-1] == "Sekretaris (peragaan) started the case"

    def test_tells_of_a_unit_to_who_watches_it(self, office: Office) -> None:
        office.deploy(a=one_task("a"))
        seen = {
            user: any("memberlakukan SOP" in one for one in sentences(Browser(office).sign_in(user).open("/jejak")))
            for user in ("inspektorat", "admin", "sekretaris", "analis")
        }
        assert seen == {"inspektorat": True, "admin": True, "sekretaris": False, "analis": False}

    def test_is_given_to_an_act_that_nobody_foresaw(self, office: Office) -> None:
        instance = office.start()
        with owner(office.database) as connection:
            connection.execute(
                sa.update(event).where(event.c.chain_id == instance["id"]).values(type="lain.sama_sekali")
            )
        browser = Browser(office).sign_in("sekretaris").open("/jejak")
        assert sentences(browser) == ["Sekretaris (peragaan) mencatat “lain.sama_sekali”"]


class TestTheSearch:
    @pytest.mark.parametrize(
        ("query", "finds"),
        [
            ("q=500/7", True),
            ("q=iku+20", True),
            ("q=renstra", False),
            ("orang=sekretaris", True),
            ("orang=SEK", True),
            ("orang=nobody+at+all", False),
            ("jenis=mulai", True),
            ("jenis=gangguan", False),
            ("dari=2026-08-03&sampai=2026-08-03", True),
            ("sampai=2026-08-02", False),
            ("dari=2026-08-04", False),
            ("jenis=unknown", True),
        ],
    )
    def test_narrows(self, returned: tuple[Office, Json], query: str, finds: bool) -> None:
        browser = Browser(returned[0]).sign_in("sekretaris").open(f"/jejak?{query}")
        assert browser.status == 200
        assert bool(sentences(browser)) == finds
        assert finds or "Tidak ada yang cocok" in browser.text

    def test_says_what_is_no_date(self, returned: tuple[Office, Json]) -> None:
        for day in ("kemarin", "2026-02-30", "9999-12-31"):
            browser = Browser(returned[0]).sign_in("sekretaris").open(f"/jejak?sampai={day}")
            assert (browser.status, f"“{day}” bukan tanggal" in browser.text) == (422, True), day

    def test_goes_on_page_by_page(self, returned: tuple[Office, Json], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.web.trail._A_PAGE", 2)
        browser = Browser(returned[0]).sign_in("sekretaris").open("/jejak?q=iku")
        found = sentences(browser)
        while following := browser.tree.xpath("//a[@rel='next']/@href"):
            found += sentences(browser.open(following[0]))
        monkeypatch.undo()
        assert found == sentences(browser.open("/jejak?q=iku"))
        assert len(found) == 7


class TestTheProof:
    def test_says_how_many_acts_and_the_last_hash(self, returned: tuple[Office, Json]) -> None:
        office, instance = returned
        told = office.read(f"process-instances/{instance['id']}/audit/verify", "sekretaris")
        browser = Browser(office).sign_in("sekretaris").open(f"/jejak/{instance['id']}/periksa")
        assert "Jejak utuh" in browser.text
        assert told["head"] in browser.text
        assert f"{told['events']} perbuatan diperiksa" in browser.text

    def test_says_where_the_chain_breaks(self, office: Office) -> None:
        instance = office.advance(office.start(), 2)
        with owner(office.database) as connection:
            row = sa.and_(event.c.chain_id == instance["id"], event.c.sequence == 2)
            connection.execute(sa.update(event).where(row).values(actor="staf"))
        browser = Browser(office).sign_in("sekretaris").open(f"/jejak/{instance['id']}/periksa")
        assert "Jejak tidak utuh" in browser.text
        assert "act 2 (task.completed)" in browser.text

    def test_can_be_taken_elsewhere(self, returned: tuple[Office, Json]) -> None:
        office, instance = returned
        browser = Browser(office).sign_in("sekretaris").open(f"/jejak/{instance['id']}/unduh")
        assert browser.answer.headers["content-disposition"].startswith("attachment")
        assert check_export(browser.answer.content.splitlines()).valid


class TestTheSeal:
    def test_is_told_in_one_line_in_both_languages(self, office: Office) -> None:
        office.start()
        browser = Browser(office).sign_in("sekretaris").open("/jejak")
        assert "Segel terakhir" not in browser.text
        head = seal_all(office.database, TrailKey(Ed25519PrivateKey.generate()), office.clock.now())[-1]
        assert "Tanda tangannya tidak cocok" in browser.open("/jejak").text

        office.app.state.trail_key = head.key

        told = " ".join(browser.open("/jejak").text.split())
        assert f"Segel terakhir 3 Agu 2026, 10.00 WIB, atas {head.acts} perbuatan. Tanda tangannya cocok." in told
        browser.send("/bahasa", bahasa="en")
        assert f"over {head.acts} acts. Its signature is right." in " ".join(browser.open("/jejak").text.split())

    def test_says_when_nobody_signed_it(self, office: Office) -> None:
        seal_all(office.database, None, office.clock.now())
        assert "Segel belum ditandatangani." in Browser(office).sign_in("inspektorat").open("/jejak").text


class TestAStranger:
    def test_finds_nothing_and_opens_nothing(self, returned: tuple[Office, Json]) -> None:
        office, instance = returned
        browser = Browser(office).sign_in("analis")
        assert sentences(browser.open("/jejak")) == []
        assert "IKU 2027" not in browser.page
        for path in (
            f"/jejak?berkas={instance['id']}",
            f"/jejak/{instance['id']}/periksa",
            f"/jejak/{instance['id']}/unduh",
        ):
            assert browser.open(path).status == 404, path
        assert browser.open("/jejak?berkas=bukan-nomor").status == 404
