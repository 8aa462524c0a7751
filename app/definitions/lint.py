"""What bpmnlint's recommended rules say of a file: style, never a reason to refuse it."""

import re
from collections.abc import Mapping
from typing import Final

import structlog

from app import engine
from app.core.text import Text
from app.engine import Finding
from app.engine.findings import IN_GENERAL

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
        return (_failed(_NOT_RUN),)
    findings = []
    for remark in remarks:
        # What has no id cannot be found again in the file, so the remark stands at its beginning.
        line, column = places.get(remark.element_id or "", (1, 1))
        text, remedy = _said(remark.message)
        findings.append(Finding("warning", remark.rule, text, remark.element_id, line, column, remedy=remedy))
    findings.sort(key=lambda finding: (finding.line, finding.column))
    for rule, error in failed.items():
        _log.warning("lint_rule_failed", rule=rule, exc_info=error)
        findings.append(_failed(_rule_not_run(rule)))
    return tuple(findings)


def _failed(text: Text) -> Finding:
    return Finding("warning", "lint-failed", text, line=1, column=1, remedy=_USABLE)


_USABLE: Final = Text("Berkas tetap dapat dipakai.", "The file can be used all the same.")
_NOT_RUN: Final = Text(
    "Gaya diagram tidak diperiksa, karena berkas terlalu besar atau susunannya tidak terbaca oleh pemeriksa.",
    "The style of the diagram was not checked: the file is too large, or the lint could not read it.",
)


def _rule_not_run(rule: str) -> Text:
    return Text(f"Aturan gaya '{rule}' gagal diperiksa.", f"The rule of style '{rule}' could not be checked.")


# The name that a rule quotes, always the name of a link.
_QUOTED: Final = re.compile(r"(?<=link name )<(.*)>", re.DOTALL)


def _said(message: str) -> tuple[Text, Text]:
    """Return the message of a rule in both languages and its remedy; one that a later version words anew stays so."""
    quoted = _QUOTED.search(message)
    known = _INDONESIAN.get(message if quoted is None else _QUOTED.sub("<{}>", message))
    if known is None:
        return Text(message, message), IN_GENERAL
    sentence, remedy = known
    return Text(sentence if quoted is None else sentence.replace("{}", quoted[1]), message), remedy


_INDONESIAN: Final[Mapping[str, tuple[str, Text]]] = {
    # ad-hoc-sub-process
    "A <Start Event> is not allowed in <Ad Hoc Sub Process>": (
        "Sub-proses ad hoc tidak boleh memuat peristiwa awal.",
        Text("Hapus peristiwa ini.", "Remove this event."),
    ),
    "An <End Event> is not allowed in <Ad Hoc Sub Process>": (
        "Sub-proses ad hoc tidak boleh memuat peristiwa akhir.",
        Text("Hapus peristiwa ini.", "Remove this event."),
    ),
    # conditional-flows
    "Sequence flow is missing condition": (
        "Alur ini belum bersyarat, padahal alur lain dari unsur yang sama bersyarat.",
        Text("Isi syaratnya, atau jadikan alur baku.", "Give it a condition, or make it the default flow."),
    ),
    # end-event-required, start-event-required
    "Process is missing end event": (
        "Proses belum punya peristiwa akhir.",
        Text("Tambahkan peristiwa akhir.", "Add an end event."),
    ),
    "Sub process is missing end event": (
        "Sub-proses belum punya peristiwa akhir.",
        Text("Tambahkan peristiwa akhir di dalamnya.", "Add an end event inside it."),
    ),
    "Process is missing start event": (
        "Proses belum punya peristiwa awal.",
        Text("Tambahkan peristiwa awal.", "Add a start event."),
    ),
    "Sub process is missing start event": (
        "Sub-proses belum punya peristiwa awal.",
        Text("Tambahkan peristiwa awal di dalamnya.", "Add a start event inside it."),
    ),
    # event-based-gateway
    "An <Event-based Gateway> must have at least 2 outgoing <Sequence Flows>": (
        "Gateway peristiwa harus punya paling sedikit dua alur keluar.",
        Text(
            "Tarik alur ke peristiwa tunggu lain, atau hapus gateway ini.",
            "Draw a flow to another waiting event, or remove the gateway.",
        ),
    ),
    "A <Sequence Flow> outgoing from an <Event-based Gateway> must not be conditional": (
        "Alur keluar dari gateway peristiwa tidak boleh bersyarat.",
        Text("Hapus syaratnya.", "Remove the condition."),
    ),
    # event-sub-process-typed-start-event
    "Start event is missing event definition": (
        "Peristiwa awal sub-proses peristiwa belum berjenis.",
        Text("Pilih jenisnya, misalnya pesan atau waktu.", "Choose its type, such as message or timer."),
    ),
    # fake-join
    "Incoming flows do not join": (
        "Beberapa alur masuk ke unsur ini tanpa digabung, sehingga tiap alur menjalankannya lagi.",
        Text("Gabungkan dahulu dengan gateway.", "Join them with a gateway first."),
    ),
    # global
    "Element is missing name": (
        "Unsur bersama ini (pesan, sinyal, galat, atau eskalasi) belum bernama.",
        Text("Beri nama.", "Give it a name."),
    ),
    "Element is unused": (
        "Unsur bersama ini (pesan, sinyal, galat, atau eskalasi) tidak dipakai di mana pun.",
        Text("Hapus, atau pakai pada sebuah peristiwa.", "Remove it, or use it in an event."),
    ),
    "Element name is not unique": (
        "Nama unsur bersama ini (pesan, sinyal, galat, atau eskalasi) dipakai lebih dari sekali.",
        Text("Bedakan namanya.", "Give each a name of its own."),
    ),
    # label-required
    "Element is missing label/name": (
        "Unsur ini belum bernama.",
        Text("Beri nama agar diagram dapat dibaca.", "Name it, so that the diagram can be read."),
    ),
    # link-event
    "Link event is missing link name": (
        "Peristiwa tautan ini belum punya nama tautan.",
        Text("Isi namanya.", "Write its link name."),
    ),
    "Link catch event with link name <{}> missing in scope": (
        "Tautan '{}' tidak punya peristiwa penerima di tingkat yang sama.",
        Text("Tambahkan, atau samakan namanya.", "Add it, or make the two names the same."),
    ),
    "Link throw event with link name <{}> missing in scope": (
        "Tautan '{}' tidak punya peristiwa pengirim di tingkat yang sama.",
        Text("Tambahkan, atau samakan namanya.", "Add it, or make the two names the same."),
    ),
    "Duplicate link catch event with link name <{}> in scope": (
        "Tautan '{}' punya lebih dari satu peristiwa penerima di tingkat yang sama.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    # no-bpmndi
    "Element is missing bpmndi": (
        "Unsur ini ada dalam proses tetapi tidak tergambar pada diagram.",
        Text("Gambar, atau hapus.", "Draw it, or remove it."),
    ),
    # no-complex-gateway, no-inclusive-gateway
    "Element type <bpmn:ComplexGateway> is discouraged": (
        "Gateway kompleks sebaiknya tidak dipakai, karena sulit dipahami.",
        Text("Pakai gateway eksklusif atau paralel.", "Use an exclusive or a parallel gateway."),
    ),
    "Element type <bpmn:InclusiveGateway> is discouraged": (
        "Gateway inklusif sebaiknya tidak dipakai, karena sulit dipahami.",
        Text("Pakai gateway eksklusif atau paralel.", "Use an exclusive or a parallel gateway."),
    ),
    # no-disconnected
    "Element is not connected": (
        "Unsur ini tidak terhubung dengan apa pun.",
        Text("Hubungkan, atau hapus.", "Connect it, or remove it."),
    ),
    # no-duplicate-sequence-flows
    "SequenceFlow is a duplicate": (
        "Asal, tujuan, dan syarat alur ini sama dengan alur lain.",
        Text("Hapus salah satunya.", "Remove one of the two."),
    ),
    "Duplicate outgoing sequence flows": (
        "Beberapa alur keluar dari unsur ini sama.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    "Duplicate incoming sequence flows": (
        "Beberapa alur masuk ke unsur ini sama.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    # no-gateway-join-fork
    "Gateway forks and joins": (
        "Gateway ini menggabung sekaligus memecah alur.",
        Text("Pakai dua gateway.", "Use two gateways."),
    ),
    # no-implicit-end, no-implicit-split, no-implicit-start
    "Element is an implicit end": (
        "Unsur ini tidak punya alur keluar.",
        Text("Lanjutkan ke peristiwa akhir atau unsur lain.", "Lead it on to an end event or another element."),
    ),
    "Flow splits implicitly": (
        "Beberapa alur tanpa syarat keluar dari unsur ini, sehingga semuanya berjalan bersamaan.",
        Text("Pecah dengan gateway paralel.", "Split them with a parallel gateway."),
    ),
    "Element is an implicit start": (
        "Unsur ini tidak punya alur masuk.",
        Text("Hubungkan dari peristiwa awal atau unsur lain.", "Connect it from a start event or another element."),
    ),
    # no-overlapping-elements
    "Element overlaps with other element": (
        "Unsur ini bertumpang tindih dengan unsur lain pada diagram.",
        Text("Geser salah satunya.", "Move one of the two."),
    ),
    "Element is outside of parent boundary": (
        "Unsur ini berada di luar batas pool atau sub-prosesnya.",
        Text("Geser ke dalam.", "Move it inside."),
    ),
    # single-blank-start-event, single-event-definition, sub-process-blank-start-event
    "Process has multiple blank start events": (
        "Proses punya beberapa peristiwa awal polos.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    "Sub process has multiple blank start events": (
        "Sub-proses punya beberapa peristiwa awal polos.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    "Event has multiple event definitions": (
        "Peristiwa ini punya lebih dari satu jenis.",
        Text("Sisakan satu.", "Keep one of them."),
    ),
    "Start event must be blank": (
        "Peristiwa awal sub-proses biasa tidak boleh berjenis.",
        Text("Jadikan peristiwa awal polos.", "Make it a blank start event."),
    ),
    # superfluous-gateway, superfluous-label, superfluous-termination
    "Gateway is superfluous. It only has one source and target.": (
        "Gateway ini tidak perlu, karena hanya satu alur masuk dan satu alur keluar.",
        Text("Hapus, lalu hubungkan langsung.", "Remove it and connect its two sides directly."),
    ),
    "Sequence flow has superfluous label": (
        "Alur ini bernama padahal bukan pilihan: tidak bersyarat dan tidak keluar dari gateway yang memecah.",
        Text("Hapus namanya.", "Remove its name."),
    ),
    "Termination is superfluous.": (
        "Akhir yang menghentikan semuanya tidak perlu, karena tidak ada jalan lain yang berjalan.",
        Text("Pakai peristiwa akhir biasa.", "Use a plain end event."),
    ),
}
"""What a rule says, in Indonesian, and what to do about it, by the message of the rule."""
