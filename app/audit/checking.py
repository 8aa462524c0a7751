"""Checks an exported trail without a server or a database, and says where it was changed."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

import orjson

from app.audit.export import FORM
from app.audit.heads import Head, head_from
from app.audit.merkle import leaf_hash, root_from
from app.audit.trail import NOTHING_YET

_MOST_FAULTS = 100


class NoExport(ValueError):
    """A file is not one that was exported."""


class Fault(NamedTuple):
    """Where an export was changed, as near as can be told: a chain, the number of an act, and the line of the file.

    Null where it is about the whole file.
    """

    chain: str | None
    act: int | None
    line: int | None
    said: str


class Checked(NamedTuple):
    """What checking an export found.

    `of` is how many chains the head covers, so fewer `chains` are a part of the trail. `unsealed` acts of a single
    chain lie behind the head: for them only their chain speaks. `trusted` is whether the head is signed with a key that
    the reader brought; null where he brought none. `head` is the hash of the last act, where the file is of one chain.
    """

    valid: bool
    chains: int
    of: int | None
    events: int
    unsealed: int
    head: str | None
    seal: Head | None
    trusted: bool | None
    faults: list[Fault]


def check_export(lines: Iterable[bytes], keys: Collection[bytes] = ()) -> Checked:
    """Check every chain of an export, act by act, against its end and against the signed head.

    Whoever has rewritten all of a file can sign it with a key of his own: bring the public key, or compare the head's
    hash with one that was noted elsewhere. The first fault of a chain is told, of at most 100 chains.

    Raises:
        NoExport: the first line is not one of an export.
    """
    check = _Check(lines, keys)
    check.run()
    return check.found()


class _Check:
    """An export while it is read: the chain that is being read, and what was found so far."""

    def __init__(self, lines: Iterable[bytes], keys: Collection[bytes]) -> None:
        self._lines = iter(lines)
        self._keys = keys
        self._chains = self._events = self._unsealed = 0
        self._is_alone = False
        self._place, self._line = -1, 1
        self._faults: list[Fault] = []
        self._seal: Head | None = None
        # The chain that is being read; `_doubted` once a fault of it was told.
        self._chain: dict[str, Any] | None = None
        self._count, self._last = 0, NOTHING_YET
        self._doubted = False

    def run(self) -> None:
        first = _parse(next(self._lines, b""), _is_first)
        if first is None:
            raise NoExport("Line 1 is not one of an exported trail.")
        if first["seal"] is not None:
            self._seal = head_from(first["seal"])
            self._check_signature(self._seal)
        elif self._keys:
            self._fault("there is no head, so nothing here is signed")
        # Only a chain by itself is exported with what lies behind the head.
        self._is_alone = first["chains"] == 1
        for line in self._lines:
            self._line += 1
            self._read(line)
        self._end_chain()
        if (self._chains, self._events) != (first["chains"], first["acts"]):
            said = (
                f"{first['chains']} chains with {first['acts']} acts were exported; "
                f"{self._chains} with {self._events} are here"
            )
            self._fault(said)
        elif self._seal is not None and self._chains == self._seal.chains:
            sealed = self._events - self._unsealed
            if not self._faults and sealed != self._seal.acts:
                self._fault(f"head {self._seal.number} covers {self._seal.acts} acts, and not {sealed}")

    def found(self) -> Checked:
        seal = self._seal
        trusted = None if seal is None or not self._keys else seal.key in self._keys
        head = self._last.hex() if self._chains == 1 else None
        of = None if seal is None else seal.chains
        return Checked(
            not self._faults,
            *(self._chains, of, self._events, self._unsealed, head, seal, trusted),
            self._faults[:_MOST_FAULTS],
        )

    def _check_signature(self, seal: Head) -> None:
        if (seal.key is not None or seal.signature is not None) and not seal.is_rightly_signed:
            self._fault(f"head {seal.number} is not signed by the key that it names")
        elif self._keys and seal.key is None:
            self._fault(f"head {seal.number} is not signed")
        elif self._keys and seal.key not in self._keys:
            self._fault(f"head {seal.number} is signed with another key than those that were given")

    def _read(self, line: bytes) -> None:
        act = _parse(line, _is_act)
        if act is not None:
            self._events += 1
            self._read_act(act)
            return
        chain = _parse(line, _is_chain)
        if chain is not None:
            self._end_chain()
            self._begin_chain(chain)
        else:
            self._doubt("is not written as an export writes it")

    def _begin_chain(self, chain: dict[str, Any]) -> None:
        self._chain, self._count, self._last, self._doubted = chain, 0, NOTHING_YET, False
        self._chains += 1
        leaf = chain["leaf"]
        if leaf is not None:
            if self._seal is None or leaf["place"] <= self._place:
                self._doubt("does not stand in its place")
            self._place = leaf["place"]
            if leaf["length"] > chain["events"]:
                self._doubt(f"the head covers {leaf['length']} acts, and the chain says that it has {chain['events']}")

    def _read_act(self, act: dict[str, Any]) -> None:
        if self._chain is None:
            self._doubt("is an act before the first chain")
            return
        digest = hashlib.sha256(self._last + act["content"].encode()).digest()
        if digest.hex() != act["hash"] or not _is_next(act["content"], self._count + 1, self._chain["chain"]):
            self._doubt("does not follow from the one before")
        self._count, self._last = self._count + 1, digest
        leaf = self._chain["leaf"]
        if leaf is None or self._count > leaf["length"]:
            self._unsealed += 1
            if not self._is_alone:
                self._doubt("is not covered by the head", back=1)
        elif self._count == leaf["length"]:
            self._check_leaf(leaf, self._chain["chain"])

    def _check_leaf(self, leaf: dict[str, Any], chain_id: str) -> None:
        if self._seal is None or self._doubted:
            return
        hashed = leaf_hash(chain_id, self._count, self._last)
        path = [bytes.fromhex(one) for one in leaf["path"]]
        if root_from(hashed, leaf["place"], self._seal.chains, path) != self._seal.root:
            self._doubt(f"is not the one that head {self._seal.number} covers; it or one before was rewritten", back=1)

    def _end_chain(self) -> None:
        if self._chain is not None and (self._count, self._last.hex()) != (self._chain["events"], self._chain["head"]):
            self._doubt(f"is where the chain ends, and {self._chain['events']} acts were written", back=1)

    def _doubt(self, said: str, *, back: int = 0) -> None:
        """Tell the first fault of the present chain, at the act that is being read or at the one before."""
        if not self._doubted:
            chain = None if self._chain is None else self._chain["chain"]
            act = None if chain is None else self._count + 1 - back
            self._faults.append(Fault(chain, act, self._line, said))
        self._doubted = True

    def _fault(self, said: str) -> None:
        self._faults.append(Fault(None, None, None, said))


def _parse(line: bytes, is_right: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Return what a line holds; null unless it is written exactly as an export writes it."""
    text = line.rstrip(b"\n")
    try:
        said = orjson.loads(text)
        if isinstance(said, dict) and is_right(said) and orjson.dumps(said) == text:
            return said
    except (ValueError, TypeError):
        pass
    return None


def _is_first(said: dict[str, Any]) -> bool:
    if list(said) != ["trail", "chains", "acts", "seal"] or said["trail"] != FORM:
        return False
    if said["seal"] is not None:
        head_from(said["seal"])
    return _are_counts(said["chains"], said["acts"])


def _is_chain(said: dict[str, Any]) -> bool:
    if list(said) != ["chain", "events", "head", "leaf"] or not _are_counts(said["events"]):
        return False
    leaf = said["leaf"]
    if leaf is not None and (
        list(leaf) != ["place", "length", "path"]
        or not _are_counts(leaf["place"], leaf["length"])
        or leaf["length"] == 0
        or not all(_is_hash(one) for one in leaf["path"])
    ):
        return False
    return isinstance(said["chain"], str) and _is_hash(said["head"])


def _is_act(said: dict[str, Any]) -> bool:
    return list(said) == ["hash", "content"] and _is_hash(said["hash"]) and isinstance(said["content"], str)


def _is_next(content: str, sequence: int, chain_id: str) -> bool:
    try:
        held = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return isinstance(held, dict) and (held.get("sequence"), held.get("chain")) == (sequence, chain_id)


def _are_counts(*counts: Any) -> bool:
    return all(type(one) is int and one >= 0 for one in counts)


def _is_hash(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and bytes.fromhex(text).hex() == text
