"""The limit on the input and output of a state: 256 KiB of JSON in UTF-8.

To measure data exactly they have to be serialized. The interpreter carries an upper bound of their size along
instead, and measures only when the bound exceeds the limit.
"""

from __future__ import annotations

import json
from typing import Any

from nrti_local.stepfunctions.asl.errors import DATA_LIMIT_EXCEEDED, EvaluationError

#: In bytes.
LIMIT = 262_144
#: The bound of data whose size nothing is known of.
UNKNOWN = float("inf")

serialize = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def size(value: Any) -> int:
    """The bytes of a value as compact JSON in UTF-8."""
    return len(serialize(value).encode("utf-8", "surrogatepass"))


def check(value: Any, bound: float, what: str) -> float:
    """Returns an upper bound of the size of a value, at most the limit.

    Args:
        value: the data.
        bound: an upper bound of their size.
        what: for the error, such as `output`.

    Raises:
        EvaluationError: the data exceed the limit.
    """
    if bound <= LIMIT:
        return bound
    exact = size(value)
    if exact > LIMIT:
        raise EvaluationError(
            DATA_LIMIT_EXCEEDED, f"The {what} exceeds the maximum of {LIMIT} bytes: it has {exact}"
        )
    return exact
