"""The plan of a migration as a page that a person reads before deciding, in Indonesian and in English."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.core.text import Text

_KINDS: Mapping[str, Text] = {
    "message": Text("pesan", "the message"),
    "signal": Text("sinyal", "the signal"),
    "external": Text("sistem lain, topik", "another system, topic"),
    "timer": Text("waktu", "the time"),
}
_BECOMES: Mapping[str, Text] = {
    "kept": Text("tetap ditunggu, tenggatnya tetap", "still waited for, its due time stays"),
    "ended": Text("tidak ditunggu lagi", "no longer waited for"),
    "begun": Text("mulai ditunggu", "waited for from now on"),
}

Plan = Mapping[str, Any]


def as_text(plan: Plan, roles: Mapping[str, str]) -> Text:
    """Return the plan as lines of text, as `plan_json` holds it: what is refused and why stands before the rest.

    `roles` are the names of the office's roles: who performs a task is its role, wherever it is drawn.
    """
    sections = list(_sections(plan, roles))
    return Text(*("\n".join(line[language] for line in sections) for language in range(2)))


def _sections(plan: Plan, roles: Mapping[str, str]) -> Iterator[Text]:
    before, after = (plan[side]["process_definition_version"] for side in ("before", "after"))
    yield Text(
        f"Berkas '{plan['title']}': dari versi {before} ke versi {after}.",
        f"The case '{plan['title']}': from version {before} to version {after}.",
    )
    if plan["allowed"]:
        yield Text("Dapat dipindahkan.", "It can be migrated.")
    refusals = [finding for finding in plan["findings"] if finding["severity"] == "error"]
    yield from _section(
        Text("Belum dapat dipindahkan:", "It cannot be migrated yet:"),
        (Text(f"{one['message']} {one['remedy']}", f"{one['message_en']} {one['remedy_en']}") for one in refusals),
    )
    yield from _section(Text("Tugas yang terbuka:", "Open tasks:"), (_task(one, roles) for one in plan["tasks"]))
    yield from _section(
        Text("Tugas yang dibuka:", "Tasks that are opened:"), (_row(one, roles) for one in plan["tasks_opened"])
    )
    yield from _section(Text("Yang ditunggu:", "What is waited for:"), map(_wait, plan["waits"]))
    yield from _section(
        Text("Perlu diketahui:", "To be known:"),
        (
            Text(finding["message"], finding["message_en"])
            for finding in plan["findings"]
            if finding["severity"] == "warning"
        ),
    )
    yield from _section(
        Text("Kegiatan yang hanya ada pada versi tujuan:", "Activities of the target version alone:"),
        (_row(one, roles) for one in plan["rows_added"]),
    )
    yield from _section(
        Text("Kegiatan yang hanya ada pada versi sekarang:", "Activities of the present version alone:"),
        (_row(one, roles) for one in plan["rows_removed"]),
    )
    yield from _section(
        Text(
            "Isian yang tidak dipakai lagi, tetapi tetap dapat dibaca:", "Values that are used no more, still readable:"
        ),
        (Text(name, name) for name in plan["variables_lost"]),
    )
    yield from _section(
        Text("Isian awal versi tujuan yang belum ada nilainya:", "Fields of the target's start form without a value:"),
        (Text(name, name) for name in plan["variables_missing"]),
    )


def _section(heading: Text, items: Iterable[Text]) -> Iterator[Text]:
    lines = [Text(f"- {item.id}", f"- {item.en}") for item in items]
    if lines:
        yield heading
        yield from lines


def _row(row: Mapping[str, Any], roles: Mapping[str, str]) -> Text:
    """Return what a task is called: its number in the table, its name, and who performs it, as far as they are told."""
    number, name = row["activity_no"], row["name"] or row["element_id"]
    role = roles.get(row.get("role") or "", row.get("lane"))
    performer = f" ({role})" if role else ""
    if number is None:
        return Text(f"tugas '{name}'{performer}", f"the task '{name}'{performer}")
    return Text(f"kegiatan {number} '{name}'{performer}", f"activity {number} '{name}'{performer}")


def _task(task: Mapping[str, Any], roles: Mapping[str, str]) -> Text:
    was = _row(task["before"], roles)
    if task["after"] is None:
        return Text(f"{was.id} tidak ada padanannya", f"{was.en} has no counterpart")
    now, stays = _row(task["after"], roles), Text("", "")
    if task["due_at"] is not None:
        stays = Text(", tenggatnya tetap", ", its due time stays")
    if was == now:
        return Text(f"{was.id} tetap{stays.id}", f"{was.en} stays{stays.en}")
    return Text(f"{was.id} menjadi {now.id}{stays.id}", f"{was.en} becomes {now.en}{stays.en}")


def _wait(wait: Mapping[str, Any]) -> Text:
    kind, becomes = _KINDS[wait["kind"]], _BECOMES[wait["becomes"]]
    awaited = f" '{wait['awaited']}'" if wait["awaited"] else ""
    was = wait["awaited_before"]
    if wait["becomes"] == "kept" and was != wait["awaited"]:
        return Text(
            f"{kind.id} '{was}' pada '{wait['name']}': menjadi '{wait['awaited']}', tetap ditunggu",
            f"{kind.en} '{was}' at '{wait['name']}': becomes '{wait['awaited']}', still waited for",
        )
    return Text(
        f"{kind.id}{awaited} pada '{wait['name']}': {becomes.id}",
        f"{kind.en}{awaited} at '{wait['name']}': {becomes.en}",
    )
