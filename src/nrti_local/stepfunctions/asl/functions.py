"""The intrinsic functions of the Amazon States Language.

Each takes the values of its arguments. What it raises (TypeError, ValueError, LookupError, ArithmeticError)
becomes States.IntrinsicFailure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from nrti_local.stepfunctions.asl.limits import serialize

#: The longest text that Base64 and Hash take, and the longest array that ArrayRange makes.
_LONGEST_TEXT, _LONGEST_RANGE = 10_000, 1_000
_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}
_FORMAT = re.compile(r"\\([\\{}'])|\{\}|([{}])")


def _format(template: Any, *values: Any) -> str:
    text, rest = _text(template), list(values)

    def fill(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        if match[2]:
            raise ValueError("a brace in the template must be escaped or be part of {}")
        if not rest:
            raise ValueError("the template has more {} than there are values")
        return _rendered(rest.pop(0))

    filled = _FORMAT.sub(fill, text)
    if rest:
        raise ValueError("there are more values than {} in the template")
    return filled


def _rendered(value: Any) -> str:
    """What AWS prints, which is not JSON but as in Java: `{a=[1, b], c=null}`."""
    if isinstance(value, dict):
        members = [f"{name}={_rendered(member)}" for name, member in value.items()]
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_rendered, value))}]"
    return value if isinstance(value, str) else serialize(value)


def _string_to_json(text: Any) -> Any:
    if not _text(text).strip():
        return None
    return json.loads(text, parse_constant=_not_json)


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _json_to_string(value: Any) -> str:
    return serialize(value)


def _array(*values: Any) -> list[Any]:
    return list(values)


def _partition(values: Any, length: Any) -> list[list[Any]]:
    items, step = _list(values), _whole(length)
    if step < 1:
        raise ValueError("the length of the parts must be positive")
    return [items[first : first + step] for first in range(0, len(items), step)]


def _contains(values: Any, sought: Any) -> bool:
    return _key(sought) in map(_key, _list(values))


def _range(first: Any, last: Any, step: Any) -> list[int]:
    begin, end, by = _whole(first), _whole(last), _whole(step)
    if by == 0:
        raise ValueError("the step must not be 0")
    numbers = range(begin, end + (1 if by > 0 else -1), by)
    if len(numbers) > _LONGEST_RANGE:
        raise ValueError(f"the array would have more than {_LONGEST_RANGE} items")
    return list(numbers)


def _item(values: Any, index: Any) -> Any:
    items, at = _list(values), _whole(index)
    if at < 0:
        raise IndexError("the index must not be negative")
    return items[at]


def _length(values: Any) -> int:
    return len(_list(values))


def _unique(values: Any) -> list[Any]:
    return list({_key(value): value for value in _list(values)}.values())


def _base64_encode(text: Any) -> str:
    return base64.b64encode(_short(text).encode()).decode()


def _base64_decode(text: Any) -> str:
    try:
        return base64.b64decode(_short(text), validate=True).decode()
    except binascii.Error as error:
        raise ValueError("the text is not Base64") from error


def _hash(value: Any, algorithm: Any) -> str:
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"the algorithm must be one of {', '.join(_ALGORITHMS)}")
    text = value if isinstance(value, str) else serialize(value)
    return _ALGORITHMS[algorithm](_short(text).encode()).hexdigest()


def _merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    if deep is not False:
        raise ValueError("only a shallow merge is supported: the third argument must be false")
    return {**_object(first), **_object(second)}


def _random(first: Any, end: Any, seed: Any = None) -> int:
    source = random if seed is None else random.Random(_whole(seed))  # noqa: S311 - the language's own
    return source.randrange(_whole(first), _whole(end))


def _add(first: Any, second: Any) -> int:
    return _whole(first) + _whole(second)


def _split(text: Any, delimiters: Any) -> list[str]:
    if not _text(delimiters):
        raise ValueError("there must be a delimiter")
    return [part for part in re.split(f"[{re.escape(delimiters)}]", _text(text)) if part]


def _uuid() -> str:
    return str(uuid4())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is expected")
    return value


def _short(value: Any) -> str:
    if len(_text(value)) > _LONGEST_TEXT:
        raise ValueError(f"the text is longer than {_LONGEST_TEXT} characters")
    return str(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("an array is expected")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected")
    return value


def _whole(value: Any) -> int:
    """A number, rounded to the nearest integer, and a half upwards: -1.5 is -1."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is expected")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _key(value: Any) -> str:
    """The same for equal JSON values only; 1 and true differ."""
    return json.dumps(value, sort_keys=True)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "States.Array": _array,
    "States.ArrayContains": _contains,
    "States.ArrayGetItem": _item,
    "States.ArrayLength": _length,
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": _base64_decode,
    "States.Base64Encode": _base64_encode,
    "States.Format": _format,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.JsonToString": _json_to_string,
    "States.MathAdd": _add,
    "States.MathRandom": _random,
    "States.StringSplit": _split,
    "States.StringToJson": _string_to_json,
    "States.UUID": _uuid,
}
