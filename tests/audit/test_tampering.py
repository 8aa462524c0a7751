"""A thousand random tamperings of an exported trail: each is found, and located where it can be."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit import checking
from app.audit.checking import NoExport, check_export
from app.audit.keys import TrailKey
from app.audit.sealing import seal_all
from tests.audit.tampering import TAMPERINGS, File, Tampered
from tests.audit.written import KEY, NOON, Written, check, writing

SEED = 20_260_803
TIMES = 1_000


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """Five chains of three to nine acts, sealed twice in the meantime."""
    folder: Path = tmp_path_factory.mktemp("trail")
    with writing(f"sqlite:///{folder / 'alur.db'}") as written:
        for number, length in enumerate((3, 9, 4, 6, 7)):
            written.act(f"chain-{number}", 2)
            seal_all(written.database, KEY, NOON)
            written.act(f"chain-{number}", length - 2)
        seal_all(written.database, KEY, NOON)
        yield written


def is_found(tampered: Tampered) -> bool:
    """Whether checking finds a tampering, and says where if that can be said."""
    try:
        found = check(tampered.text.encode())
    except NoExport:
        # Nothing but the first line makes a file none that was exported.
        return tampered.chain is None
    if found.valid or not found.faults:
        return False
    located = [fault for fault in found.faults if fault.chain == tampered.chain]
    if tampered.chain is not None and not located:
        return False
    return tampered.acts is None or any(fault.act in tampered.acts for fault in located)


def tampered_with(export: str, times: int) -> Iterator[tuple[str, bool]]:
    """Yield the names of random tamperings, and whether each was found."""
    chance, done = random.Random(SEED), 0
    while done < times:
        tamper = chance.choice(TAMPERINGS)
        tampered = tamper(chance, File(export))
        # Otherwise two acts that are alike have changed places.
        if tampered.text != export:
            done += 1
            yield tamper.__name__, is_found(tampered)


class TestTheThousand:
    @pytest.mark.parametrize(
        ("check_left_out", "misses"),
        [
            ("_check_leaf", {"cut_the_tail_and_say_so", "rewrite_a_suffix", "rename_two_chains"}),
            ("_check_signature", {"change_the_head"}),
        ],
    )
    def test_would_notice_a_check_that_is_left_out(
        self, trail: Written, monkeypatch: pytest.MonkeyPatch, check_left_out: str, misses: set[str]
    ) -> None:
        monkeypatch.setattr(checking._Check, check_left_out, lambda *_: None)

        missed = {name for name, found in tampered_with(trail.export().decode(), 300) if not found}

        assert misses <= missed


class TestAnExportThatWasTamperedWith:
    def test_is_found_out_a_thousand_times_of_a_thousand(self, trail: Written) -> None:
        done = list(tampered_with(trail.export().decode(), TIMES))

        assert [(place, name) for place, (name, found) in enumerate(done) if not found] == []
        assert {name for name, _ in done} == {tamper.__name__ for tamper in TAMPERINGS}

    def test_and_signed_anew_is_found_by_who_brings_the_key(self, trail: Written, tmp_path: Path) -> None:
        other = TrailKey(Ed25519PrivateKey.generate())
        with writing(f"sqlite:///{tmp_path / 'other.db'}") as forged:
            for chain in trail.chains.values():
                forged.act(chain.id, chain.length)
            seal_all(forged.database, other, NOON)
            export = forged.export()

        assert check(export, other.public).valid
        (fault,) = check(export).faults
        assert "another key" in fault.said

    def test_to_be_of_fewer_chains_is_a_part_and_says_so(self, trail: Written) -> None:
        file = File(trail.export().decode())
        del file.sections[1]
        file.count()

        found = check(file.text().encode())

        assert (found.valid, found.chains, found.of) == (True, 4, 5)

    def test_by_an_older_head_is_found_out(self, trail: Written, tmp_path: Path) -> None:
        with writing(f"sqlite:///{tmp_path / 'older.db'}") as older:
            older.act("chain-0", 2)
            seal_all(older.database, KEY, NOON)
            old = File(older.export().decode())
        file = File(trail.export().decode())
        file.first["seal"] = old.first["seal"]

        assert not check(file.text().encode()).valid


class TestAnExportThatNobodyTouched:
    def test_is_whole_and_signed(self, trail: Written) -> None:
        export = trail.export()
        found = check(export)

        assert (found.valid, found.chains, found.of, found.unsealed, found.trusted) == (True, 5, 5, 0, True)
        assert found.events == sum(chain.length for chain in trail.chains.values())
        assert File(export.decode()).text().encode() == export

    def test_of_one_chain_proves_it_alone(self, trail: Written) -> None:
        found = check(trail.export("chain-3"))

        assert (found.valid, found.chains, found.of, found.events) == (True, 1, 5, 6)
        assert found.head == trail.chains["chain-3"].head.hex()

    def test_is_checked_without_a_key_and_says_that_nobody_was_trusted(self, trail: Written) -> None:
        found = check_export(trail.export().splitlines())

        assert (found.valid, found.trusted) == (True, None)
        assert json.loads(trail.export().splitlines()[0])["seal"]["key"] == KEY.public.hex()
