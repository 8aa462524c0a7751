"""Random tamperings of an exported trail, by somebody who knows the format and can compute every hash, but not sign.

Nothing here uses the code that checks: lines are JSON, hashes are computed anew.
"""

import copy
import hashlib
import json
import random
from collections.abc import Callable
from typing import Any, NamedTuple

Section = list[dict[str, Any]]


def dumps(said: Any) -> str:
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


class File:
    """An export taken apart: its first line, and a section for each chain, the line of the chain first."""

    def __init__(self, text: str) -> None:
        first, *lines = (json.loads(line) for line in text.splitlines())
        self.first: dict[str, Any] = first
        self.sections: list[Section] = []
        for line in lines:
            if "chain" in line:
                self.sections.append([])
            self.sections[-1].append(line)

    def text(self) -> str:
        lines = [self.first, *(line for section in self.sections for line in section)]
        return "".join(dumps(line) + "\n" for line in lines)

    def count(self) -> None:
        """Let the first line say what there is."""
        self.first["chains"] = len(self.sections)
        self.first["acts"] = sum(len(section) - 1 for section in self.sections)


class Tampered(NamedTuple):
    """A changed export, and where: the chain, and the acts one of which must be named; null where none can be."""

    text: str
    chain: str | None
    acts: range | None


def chained(section: Section, start: int, *, end: bool = True) -> None:
    """Give the acts from one on new numbers and right hashes, and the chain its new end."""
    chain = section[0]
    last = bytes.fromhex(section[start - 1]["hash"]) if start > 1 else bytes(32)
    for number, act in enumerate(section[start:], start=start):
        content = json.loads(act["content"])
        content["sequence"] = number
        act["content"] = json.dumps(content, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        last = hashlib.sha256(last + act["content"].encode()).digest()
        act["hash"] = last.hex()
    if end:
        chain["events"], chain["head"] = len(section) - 1, last.hex()


def _forged(chance: random.Random, act: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(act["content"])
    content["actor"] = f"penyusup-{chance.randrange(1000)}"
    said = json.dumps(content, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return {"hash": act["hash"], "content": said}


def _pick(chance: random.Random, file: File, least: int = 2) -> tuple[Section, int]:
    section = chance.choice([one for one in file.sections if len(one) > least])
    return section, chance.randrange(1, len(section))


def edit_a_byte(chance: random.Random, file: File) -> Tampered:
    text = bytearray(file.text().encode())
    place = chance.randrange(len(text))
    while text[place] == 10:
        place = chance.randrange(len(text))
    before = text[place]
    while text[place] in (before, 10):
        text[place] = chance.randrange(32, 127)
    return Tampered(text.decode(errors="replace"), None, None)


def edit_an_act(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section[place]["content"] = _forged(chance, section[place])["content"]
    return Tampered(file.text(), section[0]["chain"], range(place, place + 1))


def edit_an_act_and_its_hash(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    rest = section[place + 1 :]
    section[place] = _forged(chance, section[place])
    chained(section[: place + 1], place, end=False)
    if not rest:
        section[0]["head"] = section[place]["hash"]
    return Tampered(file.text(), section[0]["chain"], range(place, place + 2))


def delete_an_act(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    del section[place]
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place - 1, place + 1))


def insert_an_act(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section.insert(place, _forged(chance, section[place]))
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place, place + 1))


def insert_an_act_with_its_hash(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section.insert(place, _forged(chance, section[place]))
    chained(section[: place + 1], place, end=False)
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place, place + 2))


def duplicate_an_act(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section.insert(place, copy.deepcopy(section[place]))
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place, place + 2))


def reorder_acts(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file, least=3)
    other = chance.choice([one for one in range(1, len(section)) if one != place])
    section[place], section[other] = section[other], section[place]
    first = min(place, other)
    return Tampered(file.text(), section[0]["chain"], range(first, first + 1))


def cut_the_tail(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    del section[place:]
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place - 1, place + 1))


def cut_the_tail_and_say_so(chance: random.Random, file: File) -> Tampered:
    """The end and the proof's length are rewritten too: only the root knows better."""
    section, place = _pick(chance, file)
    place = max(place, 2)
    del section[place:]
    section[0]["events"], section[0]["head"] = place - 1, section[place - 1]["hash"]
    section[0]["leaf"]["length"] = place - 1
    file.count()
    return Tampered(file.text(), section[0]["chain"], range(place - 1, place))


def rewrite_a_suffix(chance: random.Random, file: File) -> Tampered:
    """Every hash and the end are right: only the root knows better."""
    section, place = _pick(chance, file)
    section[place] = _forged(chance, section[place])
    chained(section, place)
    return Tampered(file.text(), section[0]["chain"], None)


def rewrite_with_an_act_more(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section.insert(place, _forged(chance, section[place]))
    chained(section, place)
    section[0]["leaf"]["length"] = section[0]["events"]
    file.count()
    return Tampered(file.text(), section[0]["chain"], None)


def swap_two_chains(chance: random.Random, file: File) -> Tampered:
    one, other = sorted(chance.sample(range(len(file.sections)), 2))
    file.sections[one], file.sections[other] = file.sections[other], file.sections[one]
    return Tampered(file.text(), None, None)


def swap_what_two_chains_did(chance: random.Random, file: File) -> Tampered:
    one, other = chance.sample(file.sections, 2)
    one[1:], other[1:] = other[1:], one[1:]
    return Tampered(file.text(), None, None)


def rename_two_chains(chance: random.Random, file: File) -> Tampered:
    """Two chains change names everywhere, with right hashes."""
    one, other = chance.sample(file.sections, 2)
    names = one[0]["chain"], other[0]["chain"]
    for section, name in ((one, names[1]), (other, names[0])):
        for act in section[1:]:
            act["content"] = act["content"].replace(section[0]["chain"], name)
        section[0]["chain"] = name
        chained(section, 1)
    return Tampered(file.text(), None, None)


def leave_a_chain_out(chance: random.Random, file: File) -> Tampered:
    del file.sections[chance.randrange(len(file.sections))]
    return Tampered(file.text(), None, None)


def add_a_chain(chance: random.Random, file: File) -> Tampered:
    section = copy.deepcopy(chance.choice(file.sections))
    name = f"unit:{chance.randrange(10**9)}"
    for act in section[1:]:
        act["content"] = act["content"].replace(section[0]["chain"], name)
    section[0]["chain"] = name
    section[0]["leaf"] = None
    chained(section, 1)
    file.sections.append(section)
    file.count()
    return Tampered(file.text(), None, None)


def change_the_head(chance: random.Random, file: File) -> Tampered:
    seal = file.first["seal"]
    name = chance.choice(["number", "at", "position", "chains", "acts", "root", "previous"])
    value = seal[name]
    if isinstance(value, int):
        seal[name] = value + chance.choice([-1, 1])
    elif name == "at":
        seal[name] = value.replace("2026-", "2025-")
    else:
        seal[name] = hashlib.sha256(value.encode()).hexdigest()
    assert seal[name] != value
    return Tampered(file.text(), None, None)


def take_the_signature_off(chance: random.Random, file: File) -> Tampered:
    section, place = _pick(chance, file)
    section[place] = _forged(chance, section[place])
    chained(section, place)
    file.first["seal"] |= {"key": None, "signature": None}
    return Tampered(file.text(), None, None)


def take_the_head_off(chance: random.Random, file: File) -> Tampered:
    """Nothing says any more that there ever was a head, and the rest is rewritten."""
    section, place = _pick(chance, file)
    section[place] = _forged(chance, section[place])
    chained(section, place)
    file.first["seal"] = None
    for one in file.sections:
        one[0]["leaf"] = None
    return Tampered(file.text(), None, None)


TAMPERINGS: list[Callable[[random.Random, File], Tampered]] = [
    *(edit_a_byte, edit_a_byte, edit_a_byte, edit_an_act, edit_an_act_and_its_hash),
    *(delete_an_act, insert_an_act, insert_an_act_with_its_hash, duplicate_an_act, reorder_acts),
    *(cut_the_tail, cut_the_tail_and_say_so, rewrite_a_suffix, rewrite_with_an_act_more),
    *(swap_two_chains, swap_what_two_chains_did, rename_two_chains, leave_a_chain_out, add_a_chain),
    *(change_the_head, take_the_signature_off, take_the_head_off),
]
