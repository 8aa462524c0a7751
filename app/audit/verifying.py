"""Checks the whole trail in the database: every act, every chain against its end, and every head.

All acts are read once, in the order in which they were written, and the tree is built anew beside them: at the position
of each head it must have the root that the head says. So a chain that a head saw is still what it was then.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.heads import NO_HEAD, Head, heads_after
from app.audit.merkle import Tree, leaf_hash
from app.audit.models import event
from app.audit.stored_tree import stored_leaves
from app.audit.trail import NOTHING_YET, tells_its_content


class End(NamedTuple):
    """The end of a chain, as the row says that its acts change."""

    length: int
    head: bytes


class Found(NamedTuple):
    """What is wrong: of a chain, or null for heads; `said` names the act or the head."""

    chain: str | None
    said: str


class Verified(NamedTuple):
    """What checking the trail found; `unsealed` acts are behind the last head, `unsigned` heads have no signature."""

    valid: bool
    chains: int
    events: int
    broken: int
    heads: int
    unsealed: int
    unsigned: int
    faults: list[Found]


@dataclass(slots=True)
class _Chain:
    place: int
    length: int = 0
    head: bytes = NOTHING_YET
    # Whether its acts followed one another so far.
    is_whole: bool = True


def verify_trail(
    connection: Connection,
    ends: Mapping[str, End],
    *,
    keys: Collection[bytes] = (),
    noted: Iterable[Head] = (),
) -> Verified:
    """Check everything; the connection must see one moment, the one of `ends`.

    With `keys` a head that is signed with another one is a fault. `noted` are heads that were kept elsewhere.
    """
    heads = heads_after(connection, 0)
    faults = _faults_of_heads(heads, keys) + _faults_of_noted(heads, noted)
    replay = _Replay(heads)
    rows = connection.execute(sa.select(event).order_by(event.c.position).execution_options(yield_per=1000))
    for row in rows:
        replay.read(row)
    replay.finish(stored_leaves(connection))
    faults += replay.faults
    for chain_id, end in ends.items():
        chain = replay.chains.get(chain_id, _Chain(0))
        if chain.is_whole and (chain.length, chain.head) != end:
            said = f"the chain ends after {chain.length} acts, and {end.length} were written"
            if chain.length == end.length:
                said = f"act {chain.length} is not the one that the chain ends with"
            faults.append(Found(chain_id, said))
    faults += [
        Found(chain_id, "the chain has acts, and nothing that it is the trail of")
        for chain_id in replay.chains.keys() - ends.keys()
    ]
    broken = {found.chain for found in faults if found.chain is not None}
    return Verified(
        not faults,
        chains=len(ends),
        events=replay.acts,
        broken=len(broken),
        heads=len(heads),
        unsealed=replay.acts - (heads[-1].acts if heads else 0),
        unsigned=sum(head.key is None for head in heads),
        faults=faults,
    )


def _faults_of_heads(heads: list[Head], keys: Collection[bytes]) -> list[Found]:
    faults: list[str] = []
    number, previous, position, was_signed = 0, NO_HEAD, 0, False
    for head in heads:
        number += 1
        if head.number != number:
            faults.append(f"head {number} is missing")
            number = head.number
        elif head.previous != previous or head.position <= position:
            faults.append(f"head {number} does not follow from the one before")
        if head.key is None and head.signature is None:
            if was_signed:
                faults.append(f"head {number} is not signed, and an earlier one is")
        elif not head.is_rightly_signed:
            faults.append(f"head {number} is not signed by the key that it names")
        elif keys and head.key not in keys:
            faults.append(f"head {number} is signed with another key: if it was yours, give it with --key")
        previous, position, was_signed = head.hash, head.position, was_signed or head.key is not None
    return [Found(None, said) for said in faults]


def _faults_of_noted(heads: list[Head], noted: Iterable[Head]) -> list[Found]:
    numbered = {head.number: head for head in heads}
    return [
        Found(None, f"head {head.number} was noted, and is not in the database as it was then")
        for head in noted
        if numbered.get(head.number) != head
    ]


class _Replay:
    """The trail as it was written, act by act, with the tree over its chains."""

    def __init__(self, heads: list[Head]) -> None:
        self.chains: dict[str, _Chain] = {}
        self.acts = 0
        self.faults: list[Found] = []
        self._heads = heads
        self._reached = 0
        self._tree = Tree()
        self._changed: dict[str, _Chain] = {}
        self._differs = False
        # The leaves at the last head.
        self._sealed: list[bytes] = []

    def read(self, row: Any) -> None:
        while self._reached < len(self._heads) and row.position > self._heads[self._reached].position:
            self._compare(self._heads[self._reached])
        chain = self.chains.get(row.chain_id)
        if chain is None:
            chain = self.chains[row.chain_id] = _Chain(len(self.chains))
        digest = hashlib.sha256(chain.head + row.content.encode()).digest()
        follows = row.sequence == chain.length + 1 and digest == row.hash and tells_its_content(row)
        if chain.is_whole and not follows:
            chain.is_whole = False
            said = f"act {chain.length + 1} ({row.type}) does not follow from the one before"
            self.faults.append(Found(row.chain_id, said))
        # What was sealed is what stands there, even where it should not.
        chain.length, chain.head = row.sequence, bytes(row.hash)
        self.acts += 1
        self._changed[row.chain_id] = chain

    def finish(self, stored: list[bytes]) -> None:
        """Compare the heads that are left, and tell which chains are no longer what the last head saw.

        `stored` are the leaves of its tree, which tell only where to look: they are not signed.
        """
        while self._reached < len(self._heads):
            self._compare(self._heads[self._reached])
        sealed = self._sealed
        names = [chain_id for chain_id, _ in sorted(self.chains.items(), key=lambda one: one[1].place)]
        if sealed == stored:
            return
        differing = [place for place, leaf in enumerate(sealed) if place >= len(stored) or leaf != stored[place]]
        number = self._heads[-1].number if self._heads else 0
        faults = [
            Found(names[place], f"the chain is not what head {number} covers")
            for place in differing
            if self.chains[names[place]].is_whole
        ]
        if not faults and not self._differs:
            faults = [Found(None, "the tree that is kept for the next head is not that of the last one")]
        self.faults += faults

    def _compare(self, head: Head) -> None:
        for chain_id, chain in self._changed.items():
            self._tree.put(chain.place, leaf_hash(chain_id, chain.length, chain.head))
        self._changed.clear()
        self._reached += 1
        if self._reached == len(self._heads):
            self._sealed = list(self._tree.leaves)
        is_here = self._tree.root(), len(self._tree.leaves), self.acts
        if not self._differs and is_here != (head.root, head.chains, head.acts):
            # The heads behind it cover the same acts too.
            self._differs = True
            said = f"the acts up to position {head.position} are not those that head {head.number} covers"
            self.faults.append(Found(None, said))
