"""Checks the syntax of a condition once, not once for each item that it is evaluated for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from nrti_local.ministack.patch import Patch

#: How many conditions are remembered, and of how many characters at most.
_REMEMBERED, _LONGEST = 1024, 1024

#: From a condition and the name of its parameter to what is wrong with it.
Check = Callable[[str, str], str | None]


def _remembering(original: Check) -> Check:
    remembered = lru_cache(_REMEMBERED)(original)

    def check(condition: str, parameter: str) -> str | None:
        return (remembered if len(condition) <= _LONGEST else original)(condition, parameter)

    return check


PATCHES = (
    Patch(
        "ministack.services.dynamodb",
        "_condition_syntax_error",
        "It is called for each item, which is half of the work of a Query with a filter.",
        _remembering,
    ),
)
