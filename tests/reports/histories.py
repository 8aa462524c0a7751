"""An office with a past: cases of three SOPs that were worked on at random, and what their histories say of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tests.office import Json, Office

REASON = "Lampiran belum lengkap."
KEYS = ("iku", "lkj", "renstra")


def live(office: Office, seed: int, *, cases: int = 9, acts: int = 60) -> list[str]:
    """Start cases and let people act at random: agree, send back, cancel, while time goes by; returns the ids."""
    random = Random(seed)
    running: list[Json] = []
    for number in range(cases):
        key = KEYS[number % len(KEYS)]
        running.append(office.start("sekretaris", key, business_key=f"K-{number}", title=f"Berkas {number}"))
    ids = [one["id"] for one in running]
    for _ in range(acts):
        office.clock.advance(timedelta(minutes=random.choice((5, 50, 500, 3_000, 20_000))))
        if not running:
            break
        at = random.randrange(len(running))
        if random.random() < 0.04:
            gone = running.pop(at)
            answer = office.post(f"process-instances/{gone['id']}/cancel", "sekretaris", {"reason": "Salah tahun."})
            assert answer.status_code == 200, answer.text
            continue
        instance = _act(office, random, running[at])
        if instance["status"] == "active":
            running[at] = instance
        else:
            running.pop(at)
    return ids


def _act(office: Office, random: Random, instance: Json) -> Json:
    if not instance["open_tasks"]:
        (wait,) = instance["waiting_for"]
        body = {"name": wait["message_name"], "process_instance_id": instance["id"]}
        assert office.post("messages", "sekretaris", body).status_code == 200
        return office.instance(instance["id"])
    task = random.choice(instance["open_tasks"])
    answer = office.complete(task)
    if answer.status_code == 422:
        back = random.random() < 0.4
        given = {"keputusan": "dikembalikan", "alasan": REASON} if back else {"keputusan": "setuju"}
        answer = office.complete(task, **given)
    assert answer.status_code == 200, answer.text
    moved: Json = answer.json()["process_instance"]
    return moved


def completed_visits(office: Office, ids: list[str], start: datetime, end: datetime) -> Iterator[tuple[str, Json]]:
    """Yield each visit that was completed in a period, with the key of its SOP, as the histories tell it."""
    for one in ids:
        key = office.instance(one)["process_definition_key"]
        for item in office.read(f"process-instances/{one}/history", "inspektorat", limit=200)["items"]:
            at = item["completed_at"]
            if at is not None and start <= datetime.fromisoformat(at) < end:
                yield key, item


def minutes(item: Json) -> int:
    return int(item["working_time"].removeprefix("PT").removesuffix("M"))
