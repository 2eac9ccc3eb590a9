"""Numbers in requests to DynamoDB in the form that it stores: 100, 100.0 and 1E2 are one number, and one key.

ministack rewrites them in one form when it stores an item, but not when it looks for one.
"""

from __future__ import annotations

import json
import re
from decimal import Context, InvalidOperation, Overflow, Subnormal
from typing import Any

#: A number that may be in another form than DynamoDB's.
_ODD = re.compile(rb'"N"\s*:\s*"(?!(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])")')
#: More than DynamoDB's digits and magnitudes: a number beyond these is none of its numbers.
_EXACT = Context(prec=300, Emax=200, Emin=-200, traps=[InvalidOperation, Overflow, Subnormal])


def normalised(body: bytes) -> bytes:
    """A request with its numbers in DynamoDB's form; unchanged if they have it, or if it is not JSON."""
    if not _ODD.search(body):
        return body
    try:
        return json.dumps(_rewritten(json.loads(body))).encode()
    except ValueError:
        return body


def _rewritten(value: Any) -> Any:
    if isinstance(value, list):
        return [_rewritten(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"N"} and isinstance(value["N"], str):
        return {"N": canonical(value["N"])}
    return {name: _rewritten(item) for name, item in value.items()}


def canonical(text: str) -> str:
    """A number without an exponent and without insignificant zeros; a text that is no number is unchanged."""
    try:
        number = _EXACT.create_decimal(text)
    except (InvalidOperation, Overflow, Subnormal):
        return text
    if not number.is_finite() or not text.isascii() or "_" in text or text != text.strip():
        return text
    return format(number.normalize(_EXACT), "f") if number else "0"
