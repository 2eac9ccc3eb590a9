"""Packed items are the items that were put, and stay unchanged."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest

from nrti_local.durability.packed.items import Items, showing

ITEM: dict[str, Any] = {
    "k": {"S": "ä \ud800"},
    "b": {"B": "AAE="},
    "n": {"NULL": True},
    "l": {"L": [{"M": {"x": {"N": "1e-130"}}}, {"BOOL": False}]},
}


@pytest.fixture
def items() -> Items:
    return Items({"h": {"r": ITEM}})


def test_an_item_comes_back_as_it_was(items: Items) -> None:
    items.setdefault("h", {})["s"] = {"k": {"S": "2"}}
    items.setdefault("new", {})["t"] = {"k": {"S": "3"}}
    assert {h: dict(ranges) for h, ranges in items.items()} == {
        "h": {"r": ITEM, "s": {"k": {"S": "2"}}},
        "new": {"t": {"k": {"S": "3"}}},
    }
    assert items.get("h", {}).get("nothing") is None
    assert items.get("nothing", {}) == {}


def test_who_changes_what_it_read_changes_nothing(items: Items) -> None:
    items["h"]["r"]["l"]["L"].clear()
    assert items["h"]["r"] == ITEM


def test_an_item_goes_and_so_does_its_hash_key(items: Items) -> None:
    partition = items.setdefault("h", {})
    assert partition.pop("r") == ITEM
    assert partition.pop("r", None) is None
    assert not partition
    del items["h"]
    assert (list(items), len(items), "h" in items) == ([], 0, False)


def test_a_copy_as_ministack_makes_it_is_one_of_its_own(items: Items) -> None:
    copied = defaultdict(dict, copy.deepcopy(dict(items)))
    items.setdefault("h", {})["r"] = {}
    assert copied["h"]["r"] == ITEM


def test_only_some_are_shown_within_a_block(items: Items) -> None:
    other = Items({"h": {"r": ITEM}})
    with showing(lambda each: {"g": {"q": {}}} if each is items else each.partitions):
        assert sorted(items) == ["g"]
        assert items.get("h") is None
        assert list(items.partitions) == ["h"]
        assert list(other) == ["h"]
    assert list(items) == ["h"]
