"""What was typed into a form that could not be taken yet, shown to be read and sent once more."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from app.web.form_fields import FIELD_PREFIX
from app.web.language import Speech
from app.web.visit import ONCE_FIELD, typed_in

Pairs = Sequence[tuple[str, str]]


def _(text: str) -> str:
    return text


# What the fields of our own forms are called by those who fill them in.
WORDS: Mapping[str, str] = {
    "alasan": _("Alasan"),
    "judul": _("Judul berkas"),
    "kelengkapan": _("Kelengkapan"),
    "keluaran": _("Output"),
    "kepada": _("Diserahkan kepada"),
    "kind": _("Cara memegang"),
    "langkah": _("Langkah"),
    "letter": _("Nomor surat perintah"),
    "name": _("Nama"),
    "nomor": _("Nomor berkas"),
    "permission": _("Wewenang"),
    "pesan": _("Kabar dari luar"),
    "role": _("Jabatan"),
    "unit": _("Unit"),
    "username": _("Nama pengguna"),
    "valid_from": _("Hari pertama"),
    "valid_to": _("Hari terakhir"),
}
# What a page sends for itself; it goes along unseen.
_TECHNICAL = frozenset({ONCE_FIELD, "lanjut", "tab", "urut", "cursor", "ke_jabatan", "tugas", "sesi", "sidik", "what"})
_SECRET = frozenset({"password", "lama", "baru", "ulang"})


class Line(NamedTuple):
    """A field of the form as it is sent again: `label` is what a reader calls it, null where he does not see it."""

    name: str
    value: str
    label: str | None


def lines_of(pairs: Pairs, speech: Speech) -> list[Line]:
    """Return the lines of a form to be sent again; what was left empty goes along unseen, and so does a password."""
    return [Line(name, value, _label(name, speech) if value.strip() else None) for name, value in pairs]


def kept_lines(sent: FormData, speech: Speech) -> list[Line]:
    """Return the lines of a form that its page can send again, none if it held a file or a password.

    A page that is shown to anybody holds no password, and no page can hold a file.
    """
    if any(isinstance(value, UploadFile) or name in _SECRET for name, value in sent.multi_items()):
        return []
    return lines_of(typed_in(sent), speech)


def _label(name: str, speech: Speech) -> str | None:
    if name in _TECHNICAL or name in _SECRET:
        return None
    if name in WORDS:
        return speech(WORDS[name])
    readable = name.removeprefix(FIELD_PREFIX).replace("_", " ").replace("-", " ").strip()
    return readable[:1].upper() + readable[1:] or name
