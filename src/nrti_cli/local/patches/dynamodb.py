"""Patches to ministack's DynamoDB: a batch looks at each of its items once."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from nrti_cli.local.patches.patch import Patch

_MODULE = "ministack.services.dynamodb"

#: What was found of the items of the batch that is being written, by their identity; None outside of one.
#: The items are kept with it, so that no other object gets their identity meanwhile.
_valid: ContextVar[dict[int, Any] | None] = ContextVar("valid", default=None)
_sizes: ContextVar[dict[int, tuple[Any, int]] | None] = ContextVar("sizes", default=None)


def _remembering(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
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


PATCHES = (
    Patch(
        _MODULE,
        "_batch_write_item",
        "It validates each item twice, and measures it three times.",
        _remembering,
    ),
    Patch(_MODULE, "_validate_item", "As _batch_write_item.", _once),
    Patch(_MODULE, "_item_size_bytes", "As _batch_write_item.", _measured_once),
)
