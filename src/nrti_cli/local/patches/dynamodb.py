"""Patches to ministack's DynamoDB: it looks at an item, a number and a condition once."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from nrti_cli.local.patches.patch import Patch

_MODULE = "ministack.services.dynamodb"
#: How many texts of numbers and conditions are remembered, and of how many characters at most.
_REMEMBERED, _LONGEST = 4096, 256

#: What was found of the items of the batch that is being written, by their identity; None outside of one.
#: The items are kept with it, so that no other object gets their identity meanwhile.
_valid: ContextVar[dict[int, Any] | None] = ContextVar("valid", default=None)
_sizes: ContextVar[dict[int, tuple[Any, int]] | None] = ContextVar("sizes", default=None)


def remembering(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wraps the answer to a request, so that what it finds of an item is remembered until it is given."""

    def write(data: Any) -> Any:
        valid, sizes = _valid.set({}), _sizes.set({})
        try:
            return original(data)
        finally:
            _valid.reset(valid)
            _sizes.reset(sizes)

    return write


def _once(original: Callable[..., Any]) -> Callable[..., Any]:
    def validate(item: Any, *keys: Any, **texts: Any) -> Any:
        valid = _valid.get()
        if valid is not None and id(item) in valid:
            return None
        error = original(item, *keys, **texts)
        if valid is not None and not error:
            valid[id(item)] = item
        return error

    return validate


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
        "_batch_write_item",
        "It validates each item twice, and measures it three times.",
        remembering,
    ),
    Patch(_MODULE, "_validate_item", "As _batch_write_item.", _once),
    Patch(_MODULE, "_item_size_bytes", "As _batch_write_item.", _measured_once),
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
