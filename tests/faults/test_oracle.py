"""The oracle accepts a run in which all is well, and names what is wrong with one in which something is."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.faults.journal import Asked, Heard, Intent
from tests.faults.observed import Act, Observed, observe
from tests.faults.oracle import judge, still_open
from tests.faults.processes import LOAD, load_process
from tests.office import Json, Office

Run = tuple[Asked, Observed]
FILES = {LOAD: load_process()}


@pytest.fixture(scope="module")
def run(shared_office: Office) -> Run:
    """A case with one task done, and a second client who came too late."""
    office = shared_office
    office.deploy(beban=load_process())
    office.hire("rekan", "staf@disnaker")
    intents, answers = {}, {}

    def act(key: str, user: str, path: str, body: Json, about: str | None) -> Json:
        answer = office.post(path, user, body, key=key)
        intents[key] = Intent(key, user, path, json.dumps(body), about)
        answers[key] = Heard(key, answer.status_code, answer.text, 0, False)
        content: Json = answer.json()
        return content

    body = {"process_definition_key": LOAD, "business_key": "mulai", "variables": {}}
    case = act("mulai", "staf", "process-instances", body, None)
    task = case["open_tasks"][0]["id"]
    for key, user in (("kesatu", "staf"), ("kedua", "rekan")):
        act(key, user, f"tasks/{task}/complete", {"variables": {}}, task)
    return Asked(intents, answers), observe(office.url)


def unheard(asked: Asked, observed: Observed) -> Run:
    return replace(asked, answers={key: heard for key, heard in asked.answers.items() if key != "kesatu"}), observed


def told_twice(asked: Asked, observed: Observed) -> Run:
    return replace(asked, answers=asked.answers | {"kedua": replace(asked.answers["kesatu"], key="kedua")}), observed


def told_another_winner(asked: Asked, observed: Observed) -> Run:
    lost = asked.answers["kedua"]
    other = replace(lost, body=lost.body.replace('"staf"', '"orang"').replace("staf", "orang"))
    return replace(asked, answers=asked.answers | {"kedua": other}), observed


def rolled_back(asked: Asked, observed: Observed) -> Run:
    tasks = {key: replace(task, state="open", completed_by=None) for key, task in observed.tasks.items()}
    return asked, replace(observed, tasks=tasks)


def forgotten(asked: Asked, observed: Observed) -> Run:
    return asked, replace(observed, kept={})


def acts_changed(change: Callable[[list[Act]], list[Act]]) -> Callable[[Asked, Observed], Run]:
    def changed(asked: Asked, observed: Observed) -> Run:
        return asked, replace(observed, acts={case: change(acts) for case, acts in observed.acts.items()})

    return changed


def rewritten(acts: list[Act]) -> list[Act]:
    """Another branch was opened than the drawing says, and whoever did it knew how to hash."""
    last = replace(acts[-1], content=acts[-1].content.replace('"opened":["periksa"]', '"opened":["akhir"]'))
    return [*acts[:-1], replace(last, hash=sha256(acts[-2].hash + last.content.encode()).digest())]


def second_start(asked: Asked, observed: Observed) -> Run:
    (case,) = observed.cases.values()
    twin = replace(case, id="lain")
    return asked, replace(
        observed, cases=observed.cases | {"lain": twin}, acts=observed.acts | {"lain": observed.acts[case.id]}
    )


class TestTheOracle:
    def test_accepts_what_is_right(self, run: Run) -> None:
        assert judge(*run, FILES) == []

    def test_says_what_has_not_come_to_its_end(self, run: Run) -> None:
        assert [fault.partition(":")[0] for fault in still_open(run[1])] == ["stuck"]

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            (unheard, "unasked"),
            (unheard, "unanswered"),
            (told_twice, "doubled"),
            (told_another_winner, "inconsistent"),
            (rolled_back, "lost"),
            (forgotten, "forgotten"),
            (acts_changed(lambda acts: acts[:-1]), "broken"),
            (acts_changed(lambda acts: acts[::-1]), "broken"),
            (acts_changed(lambda acts: [*acts, acts[-1]]), "doubled"),
            (acts_changed(rewritten), "wrong way"),
            (second_start, "doubled"),
        ],
    )
    def test_names_what_is_wrong(self, run: Run, change: Callable[[Asked, Observed], Run], word: str) -> None:
        faults = judge(*change(*run), FILES)

        assert word in {fault.partition(":")[0] for fault in faults}
