"""Strict JSON parsing: finite numbers, and short error messages."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault

Record = dict[str, Any]
#: A record, and the number of its first line.
Numbered = tuple[int, Record]


def refuse_constant(text: str) -> NoReturn:
    """For `parse_constant`: refuses NaN and Infinity, which are not JSON.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{text} is not a finite number")


def not_json(place: str, error: ValueError | RecursionError) -> NrtiError:
    """The error for a text that Python's JSON parser rejects."""
    if isinstance(error, json.JSONDecodeError):
        return fault(place, f"not JSON ({error.msg} at character {error.colno})")
    return fault(place, f"not JSON ({error})")
