"""Judges a run: what the clients wrote down against what stands in the database, without a line of the service's code.

- Every task that a client was told is completed is completed, once, by him; and nothing else is.
- Of all who went for one task one was told that he did it; the others were told who did, and when.
- A case was started once for each client that was told so.
- An answer that was kept is the answer that was heard, byte for byte.
- Every trail is whole: its hashes are computed here again.
- The trail of every case is a play of the token model, which ends where the case stands.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from tests.engine.process_net import Net
from tests.engine.token_model import TokenGame
from tests.faults.journal import Asked, Heard, Intent
from tests.faults.observed import Act, Case, Observed
from tests.office import MONDAY

COMPLETED = "task.completed"


def judge(asked: Asked, observed: Observed, processes: Mapping[str, bytes]) -> list[str]:
    """Return everything that is wrong with a run, as sentences; `processes` are the files of what was run, by key."""
    nets = {key: Net(data) for key, data in processes.items()}
    return list(
        chain(
            _unanswered(asked),
            _starts(asked, observed),
            _completions(asked, observed),
            _races(asked),
            _kept(asked, observed),
            _chains(observed),
            _plays(asked, observed, nets),
        )
    )


def judge_copy(before: Asked, asked: Asked, observed: Observed, processes: Mapping[str, bytes]) -> list[str]:
    """Return what is wrong with a copy of the database: all that was acknowledged `before` it must stand in it.

    What was done while it was made may be there or not, but only whole.
    """
    nets = {key: Net(data) for key, data in processes.items()}
    completed = {task.id for task in observed.tasks.values() if task.state == "completed"}
    faults = [
        f"lost: case {answer['id']} was started before the copy, and is not in it"
        for _, answer in before.answered(201, starts=True)
        if answer["id"] not in observed.cases
    ]
    faults += [
        f"lost: task {intent.about} was completed before the copy, and is not in it"
        for intent, _ in before.answered(200, starts=False)
        if intent.about not in completed
    ]
    return [*faults, *_chains(observed), *_plays(asked, observed, nets)]


def still_open(observed: Observed) -> list[str]:
    """Return what has not come to its end, as sentences; to be asked when everything was driven there."""
    return [f"stuck: case {case.id} is {case.status}" for case in observed.cases.values() if case.status != "completed"]


def _unanswered(asked: Asked) -> Iterator[str]:
    for key in asked.intents.keys() - asked.answers.keys():
        yield f"unanswered: {asked.intents[key].path} with key {key}"


def _starts(asked: Asked, observed: Observed) -> Iterator[str]:
    cases = defaultdict(list)
    for case in observed.cases.values():
        cases[case.business_key].append(case.id)
    told = {intent.key: answer["id"] for intent, answer in asked.answered(201, starts=True)}
    for key, case_id in told.items():
        if case_id not in cases[key]:
            yield f"lost: case {case_id} was started with key {key}, and is not there"
    for business_key, ids in cases.items():
        if len(ids) > 1:
            yield f"doubled: {len(ids)} cases were started with key {business_key}"
        if business_key not in told:
            yield f"unasked: case {ids[0]} was started, and no client was told so"


def _completions(asked: Asked, observed: Observed) -> Iterator[str]:
    told: dict[str, list[Intent]] = defaultdict(list)
    for intent, answer in asked.answered(200, starts=False):
        assert intent.about is not None
        told[intent.about].append(intent)
        if answer["task"]["completed_by"] != intent.user:
            yield f"inconsistent: {intent.user} was told that {answer['task']['completed_by']} did {intent.about}"
    acts: dict[str, list[Act]] = defaultdict(list)
    for act in chain.from_iterable(observed.acts.values()):
        if act.type == COMPLETED:
            acts[act.data["task_id"]].append(act)
    completed = {task.id for task in observed.tasks.values() if task.state == "completed"}
    for task_id, intents in told.items():
        if len(intents) > 1:
            yield f"doubled: {len(intents)} clients were told that they completed task {task_id}"
        if task_id not in completed:
            yield f"lost: {intents[0].user} was told that task {task_id} is completed, and it is not"
        if not acts[task_id]:
            yield f"lost: the completion of task {task_id} is not in the trail"
        elif [act.actor for act in acts[task_id]] != [intents[0].user]:
            yield f"doubled: task {task_id} is completed {len(acts[task_id])} times in the trail"
    for task_id in completed | {task_id for task_id, found in acts.items() if found}:
        if task_id not in told:
            yield f"unasked: task {task_id} is completed, and no client was told so"


def _races(asked: Asked) -> Iterator[str]:
    """The answers about one task must be those of one completion at one moment, whichever way they went."""
    answers: dict[str, list[Heard]] = defaultdict(list)
    for key, heard in asked.answers.items():
        about = asked.intents[key].about
        if about is not None:
            answers[about].append(heard)
    for task_id, found in answers.items():
        won = [json.loads(heard.body)["task"] for heard in found if heard.status == 200]
        lost = [json.loads(heard.body) for heard in found if heard.status == 409]
        others = [heard.status for heard in found if heard.status not in (200, 409)]
        if others:
            yield f"inconsistent: task {task_id} was answered {others}"
        if len(won) != 1:
            yield f"inconsistent: {len(won)} of {len(found)} clients were told that they completed task {task_id}"
            continue
        truth = won[0]["completed_by"], datetime.fromisoformat(won[0]["completed_at"])
        for answer in lost:
            said = answer.get("completed_by"), answer.get("completed_at")
            if said[1] is None or (said[0], datetime.fromisoformat(said[1])) != truth:
                yield f"inconsistent: task {task_id} was completed by {truth}, and a client was told {said}"


def _kept(asked: Asked, observed: Observed) -> Iterator[str]:
    for key, heard in asked.answers.items():
        if heard.status >= 300:
            continue
        kept = observed.kept.get(key)
        if kept != (heard.status, heard.body.encode()):
            yield f"forgotten: the answer to key {key} is not kept as it was given"


def _chains(observed: Observed) -> Iterator[str]:
    for case_id, acts in observed.acts.items():
        last = bytes(32)
        for number, act in enumerate(acts, start=1):
            if act.sequence != number or hashlib.sha256(last + act.content.encode()).digest() != act.hash:
                yield f"broken: act {act.sequence} of case {case_id} does not follow from the one before"
            last = act.hash
        case = observed.cases[case_id]
        if (len(acts), last) != (case.chain_length, case.chain_head):
            yield f"broken: the trail of case {case_id} has {len(acts)} acts, and its end says {case.chain_length}"


def _plays(asked: Asked, observed: Observed, nets: Mapping[str, Net]) -> Iterator[str]:
    variables = {intent.about: json.loads(intent.body)["variables"] for intent, _ in asked.answered(200, starts=False)}
    open_now: dict[str, Counter[str]] = defaultdict(Counter)
    for task in observed.tasks.values():
        if task.state == "open":
            open_now[task.case][task.element] += 1
    for case in observed.cases.values():
        fault = _play(case, observed.acts[case.id], nets[case.definition_key], variables, open_now[case.id])
        if fault is not None:
            yield f"wrong way: case {case.id} {fault}"


def _play(
    case: Case, acts: list[Act], net: Net, variables: Mapping[str | None, dict[str, object]], open_now: Counter[str]
) -> str | None:
    """Play what the trail tells with the token model; returns where they part, null if they do not."""
    game = TokenGame(net, {}, MONDAY)
    for act in acts:
        if act.type != COMPLETED:
            continue
        element = act.data["element_id"]
        token = next((token for token in game.open_tasks() if token.node == element), None)
        if token is None:
            return f"completed {element} (act {act.sequence}), which was not open"
        before = game.enabled() - Counter([element])
        game.complete(token.number, variables.get(act.data["task_id"], act.data["variables"]), MONDAY)
        if game.enabled() - before != Counter(act.data["opened"]):
            return f"opened {act.data['opened']} (act {act.sequence}) instead of {game.enabled() - before}"
    if game.enabled() != open_now:
        return f"has {dict(open_now)} open instead of {dict(game.enabled())}"
    if game.finished != (case.status == "completed"):
        return f"is {case.status}"
    return None
