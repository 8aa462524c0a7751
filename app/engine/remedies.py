"""What to do about each kind of finding, apart from what is wrong.

Where a finding is written as several sentences, the first says what is wrong and the others what to do; where it is
one sentence, the remedy is found here by its code.
"""

import re
from collections.abc import Mapping

from app.core.text import Text
from app.engine.findings import IN_GENERAL, Finding, Severity

# What stands in quotes is the analyst's own and may hold any sign.
_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"")
_SENTENCE_END = re.compile(r"[.!?] +(?=[A-Z])")

_CONNECT = Text(
    "Tarik alur yang menghubungkannya, atau hapus unsur ini.", "Draw the flow that connects it, or remove the element."
)

REMEDIES: Mapping[str, Text] = {
    "too-long": Text("Persingkat id atau namanya.", "Shorten its id or its name."),
    "too-wide": Text(
        "Bagi percabangan ini atas beberapa gateway berurutan.", "Spread the branches over several gateways in a row."
    ),
    "incoming-refused": Text(
        "Tarik alur itu ke sebuah tugas atau gateway.", "Lead that flow to a task or a gateway instead."
    ),
    "outgoing-refused": Text(
        "Hapus alur keluarnya, atau ganti akhir ini dengan tugas atau peristiwa antara.",
        "Remove the flow that leaves it, or make the end a task or an intermediate event.",
    ),
    "dead-end": Text(
        "Tarik alur keluar ke langkah berikutnya atau ke akhir.", "Draw a flow from it to the next step or to an end."
    ),
    "not-attached": Text(
        "Letakkan peristiwa ini pada tepi sebuah tugas atau subproses.",
        "Place the event on the border of a task or a sub-process.",
    ),
    "unknown-reference": Text(
        "Hapus rujukan itu, atau tunjuk unsur yang ada, lalu simpan kembali di Camunda Modeler.",
        "Remove the reference or point it to an element that exists, and save the file again in Camunda Modeler.",
    ),
    "event-gateway-targets": Text(
        "Hubungkan gateway ini langsung dengan peristiwa tunggu, satu untuk setiap cabang.",
        "Connect the gateway directly with waiting events, one for each branch.",
    ),
    "event-gateway-messages": Text(
        "Beri setiap cabang pesannya sendiri, atau sisakan satu cabang.",
        "Give each branch a message of its own, or keep one of them.",
    ),
    "several-starts": Text(
        "Sisakan satu awal, lalu bedakan keadaannya dengan gateway sesudahnya.",
        "Keep one start and tell the cases apart with a gateway behind it.",
    ),
    "no-start": Text(
        "Tambahkan satu awal dan hubungkan dengan langkah pertama.",
        "Add a start event and connect it with the first step.",
    ),
    "given-twice": Text(
        "Hapus salah satunya, sebab tidak jelas mana yang berlaku.",
        "Remove one of the two, since nobody can tell which one holds.",
    ),
    "unreachable": _CONNECT,
    "no-way-out": Text("Tarik alur dari sini menuju akhir.", "Draw a flow that leads from here to an end."),
    "flow-across-scopes": Text(
        "Hubungkan subproses itu sendiri, bukan isinya.", "Connect the sub-process itself, not what is inside it."
    ),
    "form-without-task": Text(
        "Pindahkan bidangnya ke tugas pengguna atau ke awal proses.", "Move its fields to a user task or to the start."
    ),
    "priority-refused": Text("Tulis bilangan itu, misalnya 50.", "Write such a number, for example 50."),
    "message-without-name": Text(
        "Isi nama pesan itu pada panel 'Message'.", "Give the message its name in the 'Message' panel."
    ),
    "group-expression": Text(
        "Tulis satu kunci jabatan, misalnya staf.", "Write the key of one role, for example staf."
    ),
    "condition-language": Text(
        "Pilih jenis 'Expression' untuk syarat itu dan tulis ungkapannya.",
        "Choose the type 'Expression' for the condition and write it as one.",
    ),
    "expression-refused": Text(
        "Tulis perbandingan seperti ${keputusan == 'setuju'}.", "Write a comparison such as ${keputusan == 'setuju'}."
    ),
    "form-field-options": Text("Tambahkan pilihan-pilihannya.", "Add its values."),
    "form-field-default": Text(
        "Hapus nilai awal itu, atau ganti dengan nilai yang sesuai.", "Remove the default, or write one that fits."
    ),
    "xml-not-well-formed": Text(
        "Buka berkas di Camunda Modeler, simpan kembali, lalu unggah lagi.",
        "Open the file in Camunda Modeler, save it again and upload it once more.",
    ),
}


def parted(text: Text, code: str = "") -> tuple[Text, Text]:
    """Return what a finding's text says is wrong, and what to do about it."""
    what_id, remedy_id = _after_first_sentence(text.id)
    what_en, remedy_en = _after_first_sentence(text.en)
    if remedy_id and remedy_en:
        return Text(what_id, what_en), Text(remedy_id, remedy_en)
    return text, REMEDIES.get(code, IN_GENERAL)


def finding(severity: Severity, code: str, text: Text, element_id: str | None = None) -> Finding:
    """Return a finding without a place, of a text that holds what is wrong and what to do (`parted`)."""
    what, remedy = parted(text, code)
    return Finding(severity, code, what, element_id, remedy=remedy)


def _after_first_sentence(text: str) -> tuple[str, str]:
    masked = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), text)
    end = _SENTENCE_END.search(masked)
    return (text, "") if end is None else (text[: end.start() + 1], text[end.end() :])
