"""Hash trees: as RFC 6962 defines them, however they are built."""

import hashlib
import random

import pytest

from app.audit import merkle
from app.audit.merkle import Tree, leaf_hash


def rfc_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, from above; leaves are hashed already."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:split]) + rfc_root(leaves[split:])).digest()


def some(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


class TestARoot:
    @pytest.mark.parametrize("count", [*range(18), 63, 64, 65, 129, 1000])
    def test_is_that_of_the_rfc(self, count: int) -> None:
        assert merkle.root_of(some(count)) == rfc_root(some(count))

    def test_of_groups_is_that_of_all_leaves(self) -> None:
        for count in (1, 63, 64, 65, 128, 200, 4096, 4097):
            leaves = some(count)
            groups = [merkle.root_of(leaves[start : start + 64]) for start in range(0, count, 64)]
            assert merkle.root_of(groups) == merkle.root_of(leaves), count

    def test_of_a_tree_that_grows_and_changes_is_that_of_its_leaves(self) -> None:
        chance, tree, leaves = random.Random(7), Tree(), list[bytes]()
        for step in range(300):
            for _ in range(chance.randrange(4)):
                place = chance.randrange(len(leaves) + 1)
                leaf = hashlib.sha256(f"{step} {place}".encode()).digest()
                leaves[place : place + 1] = [leaf]
                tree.put(place, leaf)
            assert tree.root() == rfc_root(leaves)


class TestAPath:
    def test_leads_from_every_leaf_to_the_root_and_from_nothing_else(self) -> None:
        for count in range(1, 35):
            leaves = some(count)
            levels = merkle.levels_of(leaves)
            root = rfc_root(leaves)
            for place, leaf in enumerate(leaves):
                path = merkle.path_in(levels, place)
                assert merkle.root_from(leaf, place, count, path) == root
                assert merkle.root_from(hashlib.sha256(leaf).digest(), place, count, path) != root
                assert merkle.root_from(leaf, (place + 1) % count, count, path) != root or count == 1
                assert merkle.root_from(leaf, place, count, [*path, leaf]) is None
                assert path == [] or merkle.root_from(leaf, place, count, path[:-1]) is None
            assert merkle.root_from(leaves[0], count, count, []) is None


class TestALeaf:
    def test_says_chain_length_and_head_and_is_no_node(self) -> None:
        head = bytes(range(32))
        said = b'{"chain":"unit:x","head":"' + head.hex().encode() + b'","length":3}'

        assert leaf_hash("unit:x", 3, head) == hashlib.sha256(b"\x00" + said).digest()
