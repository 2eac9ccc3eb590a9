"""Follows the JSONPath of a mapping template or expression."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_MEMBERS = re.compile(r"\$(?:\.[A-Za-z_]\w*)*")


def find(path: str, document: Any) -> Any:
    """Returns what a path names: one value, or the list of all if it may name several; None for nothing.

    Raises:
        ValueError: it is not a path.
    """
    names = _members(path)
    if names is None:
        return _query(path, document)
    for name in names:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


@lru_cache(maxsize=1024)
def _members(path: str) -> tuple[str, ...] | None:
    """The members that a path names one within the other, as most paths do; None for any other path."""
    return tuple(path.split(".")[1:]) if _MEMBERS.fullmatch(path) else None


def _query(path: str, document: Any) -> Any:
    query = _compiled(path)
    values = query.findall(document)
    if query.singular_query():
        return values[0] if values else None
    return values


@lru_cache(maxsize=1024)
def _compiled(path: str) -> Any:
    import jsonpath  # few templates need it

    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"{path!r} is not a JSONPath: {error}") from None
