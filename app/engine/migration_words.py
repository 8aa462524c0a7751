"""What is said of a migration: every refusal with its remedy, and what will be otherwise than before."""

from datetime import datetime

from app.core.text import Text
from app.engine.expressions import Expression
from app.engine.model import Flow, Loop, Node


def named(node: Node) -> str:
    """Return how an element is called: its name and its id."""
    return f"'{node.name}' ({node.id})" if node.name else f"'{node.id}'"


def no_counterpart(here: Node) -> Text:
    return Text(
        f"Proses ini sedang berada di {named(here)}, yang tidak ada pada versi tujuan. "
        f"Sebutkan padanannya dalam mapping, misalnya {{'{here.id}': 'id unsur pada versi tujuan'}}, "
        "atau migrasikan setelah bagian itu selesai.",
        f"The instance is now at {named(here)}, which the target version does not have. "
        f"Name its counterpart in the mapping, such as {{'{here.id}': 'id of an element of the target version'}}, "
        "or migrate once that part is done.",
    )


def other_kind(here: Node, there: Node) -> Text:
    return Text(
        f"{named(here)} dan padanannya {named(there)} berbeda jenis: tugas hanya dapat menjadi tugas, "
        "pesan menjadi pesan, sinyal menjadi sinyal, pewaktu menjadi pewaktu, panggilan menjadi panggilan. "
        "Sebutkan padanan sejenis dalam mapping.",
        f"{named(here)} and its counterpart {named(there)} are of different kinds: a task can only become a task, "
        "a message a message, a signal a signal, a timer a timer, a call a call. "
        "Name a counterpart of the same kind in the mapping.",
    )


def other_loop(here: Node, there: Node) -> Text:
    return Text(
        f"{named(here)} sudah dibuka sebagai {_looped_id(here)}, sedangkan padanannya {named(there)} adalah "
        f"{_looped_id(there)}. Sebutkan padanan dengan pengulangan yang sama dalam mapping, atau migrasikan setelah "
        "tugas itu selesai.",
        f"{named(here)} has been opened as {_looped(here)}, while its counterpart {named(there)} is {_looped(there)}. "
        "Name a counterpart with the same repetition in the mapping, or migrate once that task is done.",
    )


def _looped_id(node: Node) -> str:
    if node.loop is None:
        return "tugas yang dikerjakan sekali"
    way = "berurutan" if node.loop.sequential else "serentak"
    if node.loop.collection is None:
        return f"tugas berulang {way}"
    item = f" sebagai '{node.loop.element_variable}'" if node.loop.element_variable is not None else ""
    return f"tugas berulang {way} untuk setiap butir '{node.loop.collection}'{item}"


def _looped(node: Node) -> str:
    if node.loop is None:
        return "a task that is done once"
    way = "one by one" if node.loop.sequential else "side by side"
    if node.loop.collection is None:
        return f"a task repeated {way}"
    item = f" as '{node.loop.element_variable}'" if node.loop.element_variable is not None else ""
    return f"a task repeated {way} for each item of '{node.loop.collection}'{item}"


def times_kept(here: Node, loop: Loop, of: int, done: int) -> Text:
    times = loop.cardinality.source if isinstance(loop.cardinality, Expression) else loop.cardinality
    return Text(
        f"{named(here)} sudah dimulai untuk {of} kali pengerjaan ({done} selesai) dan tetap demikian; jumlah pada "
        f"versi tujuan, {times}, baru dipakai bila tugas itu dimulai lagi.",
        f"{named(here)} has been begun to be done {of} times ({done} done), and that stays; the number of the target "
        f"version, {times}, counts when it is begun again.",
    )


def ends_otherwise(here: Node, loop: Loop) -> Text:
    if loop.completion is None:
        return Text(
            f"{named(here)} pada versi tujuan tidak berakhir lebih awal: setiap pengerjaan yang sudah dimulai harus "
            "diselesaikan.",
            f"{named(here)} does not end early in the target version: all that was begun of it has to be done.",
        )
    return Text(
        f"{named(here)} pada versi tujuan berakhir bila {loop.completion.source}; itu diperiksa setiap kali satu "
        "pengerjaan selesai sesudah migrasi.",
        f"{named(here)} ends in the target version as soon as {loop.completion.source}; that is asked whenever it is "
        "done once more after the migration.",
    )


def other_scope(here: Node, there: Node) -> Text:
    return Text(
        f"{named(here)} berada di subproses lain daripada padanannya {named(there)}. "
        "Sebutkan dalam mapping padanan di subproses yang sama, atau migrasikan setelah bagian itu selesai.",
        f"{named(here)} is in another sub-process than its counterpart {named(there)}. "
        "Name in the mapping a counterpart within the same sub-process, or migrate once that part is done.",
    )


def flow_unknown(here: Node, flow: Flow | None) -> Text:
    id_ = flow.id if flow is not None else ""
    source = flow.source if flow is not None else ""
    return Text(
        f"Di {named(here)} cabang dari '{source}' sudah sampai melalui alur '{id_}' dan menunggu cabang lain, "
        "tetapi tidak jelas alur masuk mana yang menjadi padanannya. "
        f"Sebutkan dalam mapping, misalnya {{'{id_}': 'id alur masuk pada versi tujuan'}}.",
        f"At {named(here)} the branch from '{source}' has arrived by the flow '{id_}' and waits for others, "
        "but it is not clear which incoming flow stands for it. "
        f"Name it in the mapping, such as {{'{id_}': 'id of an incoming flow of the target version'}}.",
    )


def flows_merged(here: Node, there: Node) -> Text:
    return Text(
        f"Di {named(here)} dua cabang yang menunggu menjadi satu alur masuk {named(there)}, sehingga satu di antaranya "
        "akan menunggu selamanya. "
        "Sebutkan alur yang berbeda dalam mapping, atau migrasikan setelah cabang-cabang itu bertemu.",
        f"At {named(here)} two waiting branches become one incoming flow of {named(there)}, so that one of them would "
        "wait for ever. "
        "Name different flows in the mapping, or migrate once the branches have met.",
    )


def no_event_gateway(here: Node) -> Text:
    return Text(
        f"{named(here)} ditunggu bersama peristiwa lain di satu gateway peristiwa; pada versi tujuan "
        "peristiwa-peristiwa itu harus tetap berbeda dan berada di belakang satu gateway peristiwa. "
        "Sebutkan padanan yang demikian dalam mapping, atau migrasikan setelah salah satunya terjadi.",
        f"{named(here)} is awaited with other events of one event-based gateway; in the target version "
        "they must still be different ones behind one event-based gateway. "
        "Name such counterparts in the mapping, or migrate once one of them has happened.",
    )


def not_attached(here: Node, host: Node) -> Text:
    return Text(
        f"Padanan {named(here)} dalam mapping bukan peristiwa tepi sejenis pada {named(host)}. "
        "Sebutkan yang menempel di sana, atau hapus dari mapping agar peristiwa itu tidak ditunggu lagi.",
        f"The counterpart of {named(here)} in the mapping is no boundary event of the same kind at {named(host)}. "
        "Name one that is attached there, or leave it out so that the event is not waited for any more.",
    )


def never_ends(there: Node) -> Text:
    return Text(
        f"Sesudah migrasi, {named(there)} akan menunggu selamanya: dari keadaan sekarang tidak semua cabang yang "
        "ditunggunya dapat sampai ke sana. Migrasikan setelah cabang-cabang itu bertemu, atau sebutkan padanan lain.",
        f"After the migration, {named(there)} would wait for ever: from where the instance is, not every branch that "
        "it waits for can come. Migrate once the branches have met, or name other counterparts.",
    )


def cannot_go_on(reason: str) -> Text:
    return Text(
        f"Proses tidak dapat berjalan pada versi tujuan. Pesan mesin: {reason} "
        "Perbaiki modelnya sebelum migrasi, atau pilih versi lain.",
        f"The instance cannot go on in the target version: {reason} Mend the model, or choose another version.",
    )


def not_together(one: Node, other: Node) -> Text:
    return Text(
        f"{named(one)} dan {named(other)} akan terbuka bersamaan, padahal pada versi tujuan keduanya berurutan: "
        "yang kemudian akan dikerjakan dua kali.",
        f"{named(one)} and {named(other)} will be open together, but in the target version one follows the other: "
        "the later one will be done twice.",
    )


def armed(event: Node, host: Node, now: datetime) -> Text:
    begins = Text("mulai ditunggu sejak migrasi", "it is waited for from the migration on")
    if event.timer is not None and event.timer.kind == "date":
        due = event.timer.first_due(now)
        begins = Text(f"waktunya tetap {event.timer.source}", f"its time is {event.timer.source}")
        if due <= now:
            begins = Text(
                f"waktunya, {event.timer.source}, sudah lewat, sehingga langsung terjadi sesudah migrasi",
                f"its time, {event.timer.source}, has passed, so it happens right after the migration",
            )
    elif event.timer is not None:
        begins = Text("waktunya dihitung sejak migrasi", "its time is counted from the migration on")
    return Text(
        f"{named(event)} pada {named(host)} baru pada versi tujuan; {begins.id}.",
        f"{named(event)} at {named(host)} is new in the target version; {begins.en}.",
    )


def awaited_too(event: Node) -> Text:
    return Text(
        f"{named(event)} baru pada versi tujuan dan ikut ditunggu sejak migrasi.",
        f"{named(event)} is new in the target version and is waited for too, from the migration on.",
    )


def disarmed(event: Node) -> Text:
    return Text(
        f"{named(event)} tidak ada lagi di tempatnya pada versi tujuan dan tidak ditunggu lagi.",
        f"{named(event)} is no longer at its place in the target version and is not waited for any more.",
    )
