"""What is typed into a form and what it is worth: numbers, dates and answers as officials write them."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from app.core.problems import Invalid
from app.core.text import is_blank
from app.instances.variables import DECISION, REASON
from app.web import form_fields
from app.web.form_fields import Unreadable, read_value, read_values, typed_in
from app.web.language import ENGLISH, INDONESIAN, Speech

SPEECH = Speech(INDONESIAN, "Asia/Jakarta")
MONTHS = ["Januari", "Februari", "Maret", "April", "Mei", "Juni"]
MONTHS += ["Juli", "Agustus", "September", "Oktober", "November", "Desember"]
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


def field(name: str, kind: str = "string", **more: object) -> dict[str, object]:
    usual = {"required": False, "options": [], "default": None, "minimum": None, "maximum": None}
    return {"id": name, "label": name.capitalize(), "type": kind, **usual, **more}


class TestANumber:
    @given(st.integers(-(10**18), 10**18))
    def test_is_read_as_it_is_written_with_or_without_dots(self, number: int) -> None:
        assert read_value("long", f" {number} ") == number
        assert read_value("long", f"{number:,}".replace(",", ".")) == number

    @given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: one != int(one)))
    def test_with_a_part_is_no_whole_number(self, number: float) -> None:
        # With a comma, as Indonesian writes it: 1.250 is one thousand two hundred and fifty.
        with pytest.raises(Unreadable):
            read_value("long", f"{number}".replace(".", ","))

    @pytest.mark.parametrize(
        "text", ["dua", "1 000", "1.00", "1,250", "12.50", "1.2500", "--1", "1e3", "٣", "½", "9" * 5000]
    )
    def test_that_could_mean_something_else_is_refused(self, text: str) -> None:
        with pytest.raises(Unreadable):
            read_value("long", text)

    def test_may_have_a_printed_minus(self) -> None:
        assert read_value("long", "\N{MINUS SIGN}7") == -7


class TestADate:
    @given(DAYS)
    @example(date(2024, 2, 29))
    def test_is_read_as_a_browser_sends_it_and_as_people_write_it(self, day: date) -> None:
        year = f"{day.year:04}"
        written = [day.isoformat(), f"{day.day} {MONTHS[day.month - 1]} {year}"]
        written += [f"{day.day}{mark}{day.month:02}{mark}{year}" for mark in "-/. "]
        assert {read_value("date", text) for text in written} == {day.isoformat()}

    @pytest.mark.parametrize(
        ("text", "day"), [("17 agu 2026", "2026-08-17"), ("1 May 2026", "2026-05-01"), ("3 des. 2026", "2026-12-03")]
    )
    def test_may_have_its_month_in_short_or_in_english(self, text: str, day: str) -> None:
        assert read_value("date", text) == day

    @pytest.mark.parametrize(
        "text", ["31-02-2026", "besok", "2026-13-01", "11/23/2026", "1-1-26", "2026", "0000-01-01"]
    )
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(Unreadable):
            read_value("date", text)


class TestAnAnswer:
    @pytest.mark.parametrize(("text", "value"), [("true", True), ("Ya", True), ("false", False), ("tidak", False)])
    def test_is_yes_or_no(self, text: str, value: bool) -> None:
        assert read_value("boolean", text) is value

    def test_is_nothing_else(self) -> None:
        with pytest.raises(Unreadable):
            read_value("boolean", "mungkin")


class TestAText:
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1))
    def test_stays_as_it_is_but_for_the_space_around_it(self, text: str) -> None:
        assert read_value("string", text) == text.strip()

    def test_has_the_line_ends_of_everybody(self) -> None:
        sent = FormData({"isi_uraian": "satu\r\ndua\rtiga"})
        assert typed_in([field("uraian")], sent) == {"uraian": "satu\ndua\ntiga"}

    def test_with_what_no_database_keeps_is_refused(self) -> None:
        with pytest.raises(Unreadable):
            read_value("string", "a\0b")


class TestAForm:
    FIELDS = (field("uraian", required=True), field("jumlah", "long"), field("mulai", "date"))

    @given(st.dictionaries(st.sampled_from(["uraian", "jumlah", "mulai"]), st.text(max_size=30)))
    def test_gives_each_field_a_value_or_a_fault_or_nothing(self, sent: dict[str, str]) -> None:
        typed = typed_in(self.FIELDS, FormData({f"isi_{name}": text for name, text in sent.items()}))
        values, wrong = read_values(self.FIELDS, typed, SPEECH)
        assert values.keys().isdisjoint(wrong)
        for name in typed.keys() - values.keys() - wrong.keys():
            assert is_blank(typed[name])

    def test_leaves_out_what_is_blank(self) -> None:
        typed = typed_in(self.FIELDS, FormData({"isi_uraian": "isi", "isi_jumlah": "  ", "isi_mulai": "\u200b"}))
        assert read_values(self.FIELDS, typed, SPEECH) == ({"uraian": "isi"}, {})

    def test_says_that_a_field_with_a_default_was_emptied(self) -> None:
        fields = [{**field("catatan"), "default": "biasa"}]
        typed = typed_in(fields, FormData({"isi_catatan": ""}))
        assert read_values(fields, typed, SPEECH) == ({"catatan": None}, {})

    def test_tells_all_faults_at_once_in_the_language_of_the_reader(self) -> None:
        typed = typed_in(self.FIELDS, FormData({"isi_jumlah": "banyak", "isi_mulai": "besok"}))
        assert read_values(self.FIELDS, typed, SPEECH)[1] == {
            "uraian": "Uraian wajib diisi.",
            "jumlah": "Isi dengan bilangan bulat, angka saja.",
            "mulai": "Isi dengan tanggal yang ada, misalnya 23-11-2026.",
        }
        english = read_values(self.FIELDS, typed, Speech(ENGLISH, "Asia/Jakarta"))[1]
        assert english["uraian"] == "Uraian is required."

    def test_keeps_a_field_apart_that_is_called_as_the_page_calls_its_own(self) -> None:
        fields = [field("csrf")]
        assert typed_in(fields, FormData({"csrf": "of the page", form_fields.input_name(fields[0]): "isi"})) == {
            "csrf": "isi"
        }

    @given(st.one_of(st.booleans(), st.integers(), st.text(), st.none()))
    def test_shows_any_value_of_a_draft_as_text(self, value: object) -> None:
        assert isinstance(form_fields.as_typed({"a": value})["a"], str)


class TestARefusal:
    def test_is_said_at_its_field_in_words(self) -> None:
        fields = [field("a/b", "long", minimum=1, maximum=1000), field(REASON), field(DECISION, "enum")]
        errors = [{"pointer": f"/variables/{name}", "message": "no"} for name in ("a~1b", REASON, DECISION, "lain")]
        typed = {"a/b": "5000", REASON: "", DECISION: "ragu"}

        assert form_fields.faults_of(Invalid("no", errors=errors), fields, typed, SPEECH) == {
            "a/b": "Isi dengan bilangan bulat dari 1 sampai 1.000.",
            REASON: "Tulis alasannya: orang yang memperbaiki bekerja dari kalimat ini.",
            DECISION: "Pilih salah satu.",
        }

    @pytest.mark.parametrize(
        ("kind", "bounds", "said"),
        [
            ("long", {"minimum": 5}, "Isi dengan bilangan bulat, paling kecil 5."),
            ("long", {"maximum": 5}, "Isi dengan bilangan bulat, paling besar 5."),
            ("string", {"minimum": 5, "maximum": 9}, "Tulis antara 5 dan 9 karakter."),
            ("string", {"minimum": 5}, "Tulis paling sedikit 5 karakter."),
            ("string", {"maximum": 9}, "Tulis paling banyak 9 karakter."),
            ("boolean", {}, "Pilih ya atau tidak."),
        ],
    )
    def test_says_what_the_field_takes(self, kind: str, bounds: dict[str, int], said: str) -> None:
        assert form_fields.asked(field("isi", kind, **bounds), SPEECH) == said

    def test_names_its_field_in_a_list(self) -> None:
        lines = [form_fields.fault_line(field("tahun"), fault) for fault in ("Pilih salah satu.", "Tahun wajib diisi.")]
        assert lines == ["Tahun: Pilih salah satu.", "Tahun wajib diisi."]


class TestAValue:
    def test_is_told_as_people_read_it(self) -> None:
        options = [{"id": "setuju", "label": "Setuju"}]
        told = [
            form_fields.told(field("a", "boolean"), False, SPEECH),
            form_fields.told(field("a", "date"), "2026-08-17", SPEECH),
            form_fields.told(field("a", "enum", options=options), "setuju", SPEECH),
            form_fields.told(field("a", "enum", options=options), "dicabut", SPEECH),
            form_fields.told(field("a", "long"), 3, SPEECH),
        ]
        assert told == ["Tidak", "17 Agustus 2026", "Setuju", "dicabut", "3"]
