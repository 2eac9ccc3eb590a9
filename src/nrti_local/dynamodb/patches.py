"""Patches to ministack's DynamoDB: it measures an item, and looks at a number and a condition, once."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from nrti_local.ministack.patch import Patch

_MODULE = "ministack.services.dynamodb"
#: How many texts of numbers and conditions are remembered, and of how many characters at most.
_REMEMBERED, _LONGEST = 4096, 256

#: The sizes of the items that a request looks at, by their identity; None outside of one. The items are kept
#: with them, so that no other object gets their identity meanwhile.
_sizes: ContextVar[dict[int, tuple[Any, int]] | None] = ContextVar("sizes", default=None)


def remembering(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wraps the answer to a request, so that the size of an item is remembered until it is given."""

    def answer(data: Any) -> Any:
        sizes = _sizes.set({})
        try:
            return original(data)
        finally:
            _sizes.reset(sizes)

    return answer


def _measured_once(original: Callable[[Any], int]) -> Callable[[Any], int]:
    def size(item: Any) -> int:
        sizes = _sizes.get()
        if sizes is None:
            return original(item)
        if id(item) not in sizes:
            sizes[id(item)] = item, original(item)
        return sizes[id(item)][1]

    return size


def _known(original: Callable[..., Any]) -> Callable[..., Any]:
    known = lru_cache(_REMEMBERED)(original)

    def look(text: Any, *slot: str) -> Any:
        is_usual = isinstance(text, str) and len(text) <= _LONGEST
        return known(text, *slot) if is_usual else original(text, *slot)

    return look


def _known_tokens(original: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    known = _known(original)
    return lambda text: list(known(text))


PATCHES = (
    Patch(
        _MODULE,
        "_item_size_bytes",
        "A Query and a Scan measure an item three times.",
        _measured_once,
    ),
    Patch(
        _MODULE,
        "_number_error",
        "Each number of an item is taken apart five times, which is a third of the work on a small item.",
        _known,
    ),
    Patch(_MODULE, "_ddb_canonicalize_number", "As _number_error.", _known),
    Patch(_MODULE, "_number_size_bytes", "As _number_error.", _known),
    Patch(
        _MODULE, "_tokenize", "A condition is parsed again for each item that it is asked of.", _known_tokens
    ),
    Patch(_MODULE, "_condition_syntax_error", "As _tokenize.", _known),
)
