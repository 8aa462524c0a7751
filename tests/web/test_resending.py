"""What was typed is shown in words and can be sent again, after a session has ended and when the database is gone."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from starlette.datastructures import FormData, UploadFile

from app.core.database import Database
from app.core.problems import Unavailable
from app.web.language import ENGLISH, INDONESIAN, Speech
from app.web.resending import kept_lines, lines_of
from tests.office import Json, Office
from tests.web.browser import Browser

SPEECH = Speech(INDONESIAN, "Asia/Jakarta")


def _gone(*_: object, **__: object) -> None:
    raise sa.exc.OperationalError("", None, Exception("gone"))


def _busy(*_: object, **__: object) -> None:
    raise Unavailable("The database is too busy.")


class TestALine:
    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("alasan", "Alasan"),
            ("nomor", "Nomor berkas"),
            ("isi_alasan", "Alasan"),
            ("isi_tanggal_rapat", "Tanggal rapat"),
            ("isi_", "isi_"),
            *((name, None) for name in ("sekali", "lanjut", "tab", "urut", "cursor", "lama", "baru", "password")),
        ],
    )
    def test_is_called_as_a_reader_calls_it(self, name: str, label: str | None) -> None:
        assert lines_of([(name, "isi")], SPEECH) == [(name, "isi", label)]

    def test_is_called_so_in_english_too(self) -> None:
        assert lines_of([("letter", "7")], Speech(ENGLISH, "Asia/Jakarta"))[0].label == "Number of the letter of order"

    def test_without_a_text_goes_along_unseen(self) -> None:
        assert lines_of([("alasan", " ")], SPEECH) == [("alasan", " ", None)]

    @pytest.mark.parametrize("more", [("password", "rahasia"), ("berkas", UploadFile(None, filename="a.bpmn"))])  # type: ignore[arg-type]
    def test_is_none_where_a_page_cannot_send_the_form_again(self, more: tuple[str, str | UploadFile]) -> None:
        assert kept_lines(FormData([("alasan", "isi"), more]), SPEECH) == []


class TestADatabaseThatIsGone:
    @pytest.fixture
    def task(self, office: Office) -> Json:
        found: Json = office.advance(office.start(), 4)["open_tasks"][0]
        return found

    @pytest.mark.parametrize("act", ["read", "write"])
    @pytest.mark.parametrize("trouble", [_gone, _busy])
    def test_leaves_what_was_typed_to_be_sent_again(
        self, office: Office, task: Json, act: str, trouble: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = f"/tugas/{task['id']}"
        browser = Browser(office).sign_in("tim_sakip").open(place + "?tab=tim")
        with monkeypatch.context() as patch:
            patch.setattr(Database, act, trouble)
            typed = {"isi_keputusan": "dikembalikan", "isi_alasan": "Target TW III kosong."}
            browser.send(f"{place}/selesaikan?tab=tim", **typed)
        assert browser.status == 503
        assert "Yang Anda ketik tidak hilang" in browser.text
        shown = [one.text_content() for one in browser.tree.xpath("//dl[@class='facts']//*[self::dt or self::dd]")]
        assert dict(zip(shown[::2], shown[1::2], strict=True)) == {
            "Keputusan": "dikembalikan",
            "Alasan": "Target TW III kosong.",
        }

        browser.send(f"{place}/selesaikan?tab=tim")

        assert browser.status == 200
        assert "Dikembalikan. Berikutnya:" in browser.text

    def test_shows_no_password_and_nothing_of_another_site(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = Browser(office).open("/masuk")
        foreign = {"Origin": "https://elsewhere.test"}
        with monkeypatch.context() as patch:
            patch.setattr(Database, "read", _gone)
            browser.send("/masuk", username="staf", password="sangat rahasia")
            assert (browser.status, "sangat rahasia" in browser.page) == (503, False)
            patch.undo()
            browser.open("/masuk").send("/masuk", username="staf", password="demo")
            patch.setattr(Database, "read", _gone)
            answer = browser.client.post("/berkas/mulai/iku", data={"judul": "Titipan"}, headers=foreign)
        assert (answer.status_code, "Titipan" in answer.text) == (503, False)
