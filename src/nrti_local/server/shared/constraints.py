"""Checks requests against the constraints in botocore's API models; the error texts are AWS's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from nrti_local.server.shared.errors import ServiceError

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
#: The longest value that an error shows, in characters.
_SHOWN = 1_000
#: Parts of character classes in Java's regular expressions that Python's do not have.
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": "",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\uD800\uDC00-\uDBFF\uDFFF": "\U00010000-\U0010ffff",
}


def violations(shape: Shape, value: Any) -> str:
    """Describes every constraint of a shape that a value violates, or returns an empty text.

    Members that the shape does not know are ignored, as AWS does.

    Raises:
        ServiceError: SerializationException for a wrong JSON type.
    """
    found = list(_violations(shape, value, ""))
    errors = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {errors} detected: {'; '.join(found)}" if found else ""


def violation(value: Any, path: str, constraint: str) -> str:
    """Describes one violation; `path` is in the API's spelling, such as `RoleArn`."""
    text = value if isinstance(value, str) else json.dumps(value)
    shown = "null" if value is None else f"'{text[:_SHOWN]}'"
    return f"Value {shown} at '{_camel(path)}' failed to satisfy constraint: Member must {constraint}"


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _check_type(shape, value)
    yield from (violation(value, path, constraint) for constraint in _violated(shape, value))
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        for position, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{path}.{position}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _violations(shape.key, key, path)
            yield from _violations(shape.value, item, f"{path}.{key}.member")


def _structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield violation(None, prefix + name, "not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _violations(member, value[name], prefix + name)


def _check_type(shape: Shape, value: Any) -> None:
    allowed = _JSON_TYPES[shape.type_name]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        found = "NULL" if value is None else type(value).__name__.upper()
        raise ServiceError(
            "SerializationException", f"{found}_VALUE can not be converted to a {shape.type_name.title()}"
        )


def _violated(shape: Shape, value: Any) -> Iterator[str]:
    """The shape's own constraints that the value violates."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    measured = "value" if isinstance(value, int | float) else "length"
    size = value if measured == "value" else len(value)
    if high is not None and size > high:
        yield f"have {measured} less than or equal to {high}"
    if low is not None and size < low:
        yield f"have {measured} greater than or equal to {low}"
    pattern = shape.metadata.get("pattern")
    if pattern and not _expression(pattern).fullmatch(value):
        yield f"satisfy regular expression pattern: {pattern}"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"satisfy enum value set: [{', '.join(shape.enum)}]"


@lru_cache(maxsize=512)
def _expression(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


def _camel(path: str) -> str:
    return ".".join(part[:1].lower() + part[1:] for part in path.split("."))
