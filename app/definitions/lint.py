"""What bpmnlint's recommended rules say of a file: style, never a reason to refuse it."""

import re
from typing import Final

import structlog

from app import engine
from app.core.text import Text
from app.engine import Finding

_log = structlog.get_logger("alur.definitions")


def lint(data: bytes) -> tuple[Finding, ...]:
    """Return the warnings of bpmnlint's recommended rules for a file that the engine has read, in document order.

    `code` is the name of the rule and the English text is its own message, so that an analyst can look both up. A lint
    that fails or takes too long (some seconds) raises nothing: a warning `lint-failed` says what was not looked at.
    """
    # Loaded at the first lint: it costs memory that a process which lints nothing need not spend.
    from app.definitions import bpmnlint

    try:
        remarks, failed = bpmnlint.remarks(data)
        places = engine.places_of(data, {remark.element_id for remark in remarks if remark.element_id is not None})
    except (Exception, bpmnlint.LintStopped) as reason:
        _log.warning("lint_failed", bytes=len(data), exc_info=reason)
        return (_finding("lint-failed", _NOT_RUN, line=1, column=1),)
    findings = []
    for remark in remarks:
        # What has no id cannot be found again in the file, so the remark stands at its beginning.
        line, column = places.get(remark.element_id or "", (1, 1))
        text = Text(_in_indonesian(remark.message), remark.message)
        findings.append(_finding(remark.rule, text, remark.element_id, line, column))
    findings.sort(key=lambda finding: (finding.line, finding.column))
    for rule, error in failed.items():
        _log.warning("lint_rule_failed", rule=rule, exc_info=error)
        findings.append(_finding("lint-failed", _rule_not_run(rule), line=1, column=1))
    return tuple(findings)


def _finding(
    code: str, text: Text, element_id: str | None = None, line: int | None = None, column: int | None = None
) -> Finding:
    what, remedy = engine.parted(text, code)
    return Finding("warning", code, what, element_id, line, column, remedy=remedy)


_NOT_RUN: Final = Text(
    "Gaya diagram tidak diperiksa, karena berkas terlalu besar atau susunannya tidak terbaca oleh pemeriksa. "
    "Berkas tetap dapat dipakai.",
    "The style of the diagram was not checked: the file is too large, or the lint could not read it. "
    "The file can be used all the same.",
)


def _rule_not_run(rule: str) -> Text:
    return Text(
        f"Aturan gaya '{rule}' gagal diperiksa. Berkas tetap dapat dipakai.",
        f"The rule of style '{rule}' could not be checked. The file can be used all the same.",
    )


# The name that a rule quotes, always the name of a link.
_QUOTED: Final = re.compile(r"(?<=link name )<(.*)>", re.DOTALL)


def _in_indonesian(message: str) -> str:
    """Return the message of a rule in Indonesian; one that a later version words anew stays as it is."""
    quoted = _QUOTED.search(message)
    if quoted is None:
        return _INDONESIAN.get(message, message)
    sentence = _INDONESIAN.get(_QUOTED.sub("<{}>", message))
    return message if sentence is None else sentence.replace("{}", quoted[1])


_INDONESIAN: Final = {
    # ad-hoc-sub-process
    "A <Start Event> is not allowed in <Ad Hoc Sub Process>": (
        "Sub-proses ad hoc tidak boleh memuat peristiwa awal. Hapus peristiwa ini."
    ),
    "An <End Event> is not allowed in <Ad Hoc Sub Process>": (
        "Sub-proses ad hoc tidak boleh memuat peristiwa akhir. Hapus peristiwa ini."
    ),
    # conditional-flows
    "Sequence flow is missing condition": (
        "Alur ini belum bersyarat, padahal alur lain dari unsur yang sama bersyarat. "
        "Isi syaratnya, atau jadikan alur baku."
    ),
    # end-event-required, start-event-required
    "Process is missing end event": "Proses belum punya peristiwa akhir. Tambahkan.",
    "Sub process is missing end event": "Sub-proses belum punya peristiwa akhir. Tambahkan.",
    "Process is missing start event": "Proses belum punya peristiwa awal. Tambahkan.",
    "Sub process is missing start event": "Sub-proses belum punya peristiwa awal. Tambahkan.",
    # event-based-gateway
    "An <Event-based Gateway> must have at least 2 outgoing <Sequence Flows>": (
        "Gateway peristiwa harus punya paling sedikit dua alur keluar."
    ),
    "A <Sequence Flow> outgoing from an <Event-based Gateway> must not be conditional": (
        "Alur keluar dari gateway peristiwa tidak boleh bersyarat. Hapus syaratnya."
    ),
    # event-sub-process-typed-start-event
    "Start event is missing event definition": (
        "Peristiwa awal sub-proses peristiwa belum berjenis. Pilih jenisnya, misalnya pesan atau waktu."
    ),
    # fake-join
    "Incoming flows do not join": (
        "Beberapa alur masuk ke unsur ini tanpa digabung, sehingga tiap alur menjalankannya lagi. "
        "Gabungkan dahulu dengan gateway."
    ),
    # global
    "Element is missing name": "Unsur bersama ini (pesan, sinyal, galat, atau eskalasi) belum bernama. Beri nama.",
    "Element is unused": "Unsur bersama ini (pesan, sinyal, galat, atau eskalasi) tidak dipakai di mana pun. Hapus.",
    "Element name is not unique": (
        "Nama unsur bersama ini (pesan, sinyal, galat, atau eskalasi) dipakai lebih dari sekali. Bedakan namanya."
    ),
    # label-required
    "Element is missing label/name": "Unsur ini belum bernama. Beri nama agar diagram dapat dibaca.",
    # link-event
    "Link event is missing link name": "Peristiwa tautan ini belum punya nama tautan. Isi namanya.",
    "Link catch event with link name <{}> missing in scope": (
        "Tautan '{}' tidak punya peristiwa penerima di tingkat yang sama. Tambahkan, atau samakan namanya."
    ),
    "Link throw event with link name <{}> missing in scope": (
        "Tautan '{}' tidak punya peristiwa pengirim di tingkat yang sama. Tambahkan, atau samakan namanya."
    ),
    "Duplicate link catch event with link name <{}> in scope": (
        "Tautan '{}' punya lebih dari satu peristiwa penerima di tingkat yang sama. Sisakan satu."
    ),
    # no-bpmndi
    "Element is missing bpmndi": "Unsur ini ada dalam proses tetapi tidak tergambar pada diagram. Gambar, atau hapus.",
    # no-complex-gateway, no-inclusive-gateway
    "Element type <bpmn:ComplexGateway> is discouraged": (
        "Gateway kompleks sebaiknya tidak dipakai, karena sulit dipahami. Pakai gateway eksklusif atau paralel."
    ),
    "Element type <bpmn:InclusiveGateway> is discouraged": (
        "Gateway inklusif sebaiknya tidak dipakai, karena sulit dipahami. Pakai gateway eksklusif atau paralel."
    ),
    # no-disconnected
    "Element is not connected": "Unsur ini tidak terhubung dengan apa pun. Hubungkan, atau hapus.",
    # no-duplicate-sequence-flows
    "SequenceFlow is a duplicate": "Asal, tujuan, dan syarat alur ini sama dengan alur lain. Hapus salah satunya.",
    "Duplicate outgoing sequence flows": "Beberapa alur keluar dari unsur ini sama. Sisakan satu.",
    "Duplicate incoming sequence flows": "Beberapa alur masuk ke unsur ini sama. Sisakan satu.",
    # no-gateway-join-fork
    "Gateway forks and joins": "Gateway ini menggabung sekaligus memecah alur. Pakai dua gateway.",
    # no-implicit-end, no-implicit-split, no-implicit-start
    "Element is an implicit end": "Unsur ini tidak punya alur keluar. Lanjutkan ke peristiwa akhir atau unsur lain.",
    "Flow splits implicitly": (
        "Beberapa alur tanpa syarat keluar dari unsur ini, sehingga semuanya berjalan bersamaan. "
        "Pecah dengan gateway paralel."
    ),
    "Element is an implicit start": "Unsur ini tidak punya alur masuk. Hubungkan dari peristiwa awal atau unsur lain.",
    # no-overlapping-elements
    "Element overlaps with other element": "Unsur ini bertumpang tindih dengan unsur lain pada diagram. Geser.",
    "Element is outside of parent boundary": "Unsur ini berada di luar batas pool atau sub-prosesnya. Geser ke dalam.",
    # single-blank-start-event, single-event-definition, sub-process-blank-start-event
    "Process has multiple blank start events": "Proses punya beberapa peristiwa awal polos. Sisakan satu.",
    "Sub process has multiple blank start events": "Sub-proses punya beberapa peristiwa awal polos. Sisakan satu.",
    "Event has multiple event definitions": "Peristiwa ini punya lebih dari satu jenis. Sisakan satu.",
    "Start event must be blank": "Peristiwa awal sub-proses biasa tidak boleh berjenis. Jadikan peristiwa awal polos.",
    # superfluous-gateway, superfluous-label, superfluous-termination
    "Gateway is superfluous. It only has one source and target.": (
        "Gateway ini tidak perlu, karena hanya satu alur masuk dan satu alur keluar. Hapus."
    ),
    "Sequence flow has superfluous label": (
        "Alur ini bernama padahal bukan pilihan: tidak bersyarat dan tidak keluar dari gateway yang memecah. "
        "Hapus namanya."
    ),
    "Termination is superfluous.": (
        "Akhir yang menghentikan semuanya tidak perlu, karena tidak ada jalan lain yang berjalan. "
        "Pakai peristiwa akhir biasa."
    ),
}
