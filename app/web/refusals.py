"""Refusals of commands as officials read them: a sentence in their language for each code that a page can meet.

The commands speak to programs, in English; a code without a sentence here is shown with those words (or with its own
Indonesian ones, where it has them), which is right for what only an analyst or an administrator meets.
"""

from collections.abc import Mapping

from app.core.problems import Problem
from app.core.text import Text
from app.web.language import INDONESIAN, Speech


def said(problem: Problem, speech: Speech, people: Mapping[str, str] | None = None) -> str:
    """Return a refusal as one sentence or two; `people` are the names of those it may tell of, by user names."""
    _ = speech

    def who(member: str) -> str:
        username = str(problem.members.get(member, "?"))
        return (people or {}).get(username, username)

    match problem.code:
        case "not-found":
            return _("Tidak ada yang bisa dibuka di alamat ini, atau bukan bagian Anda.")
        case "forbidden" | "not-your-task" if not problem.detail_id:
            return _("Anda boleh melihatnya, tetapi tindakan ini bukan wewenang jabatan Anda.")
        case "foreign-form":
            return _("Formulir ini bukan dari halaman Anda yang terakhir. Buka kembali halamannya, lalu ulangi.")
        case "file-changed":
            return _("Berkas ini tidak sama dengan yang tadi diperiksa. Pilih kembali berkasnya.")
        case "wrong-credentials":
            return _("Nama pengguna atau kata sandi keliru.")
        case "unavailable" if not problem.detail_id:
            return _("Basis data tidak menjawab. Tidak ada yang berubah; coba lagi sebentar.")
        case "too-large":
            return _("Yang dikirim terlalu besar.")
        case "task-claimed":
            return _("Tugas ini sudah diambil oleh %(who)s.", who=who("assignee"))
        case "task-already-completed":
            at = problem.members.get("completed_at")
            return _(
                "Tugas ini sudah diselesaikan oleh %(who)s pada %(at)s.",
                who=who("completed_by"),
                at="?" if at is None else speech.moment(at),
            )
        case "task-not-open":
            return _("Tugas ini sudah ditarik: berkasnya menempuh jalan lain atau dibatalkan.")
        case "instance-not-active":
            return _("Berkas ini sedang tidak berjalan, jadi tugasnya belum dapat dikerjakan.")
        case "no-incident":
            return _("Berkas ini sudah tidak terkendala.")
        case "message-not-awaited":
            return _("Kabar ini sudah tidak ditunggu; mungkin sudah dicatat orang lain.")
        case "cannot-move":
            return _("Dengan ini berkas tidak dapat maju: tidak ada jalan di SOP yang cocok.")
        case "move-refused":
            told = problem.errors[0]
            return str(told["message" if speech.language == INDONESIAN else "message_en"])
        case "not-yet-in-force" | "cannot-call":
            return _("SOP ini belum dapat dimulai: ada yang belum berlaku. Hubungi analis SOP.")
        case _:
            return speech.of(Text(problem.detail_id or problem.detail, problem.detail))
