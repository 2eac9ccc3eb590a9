"""JSON by paths."""

from __future__ import annotations

import re

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, constant, form, invalid, literal
from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type

_PATH_STEP = re.compile(r'\.([^.\[\]"*\s]+)|\["((?:[^"\\]|\\["\\])*)"\]|\[([A-Za-z0-9_]+)\]|\.\*|\[\*\]|\.\.')


def json_path(call: Call, index: int) -> str:
    """Returns DuckDB's path for a JSON path of Trino, as a literal.

    Raises:
        RefusalError: it is no literal, is invalid, or has a wildcard.
    """
    path = constant(call, index, "A JSON path")
    steps, at = ["$"], 1
    if not path.startswith("$"):
        raise invalid(f"Invalid JSON path: '{path}'", call)
    while at < len(path):
        step = _PATH_STEP.match(path, at)
        if step is None:
            raise invalid(f"Invalid JSON path: '{path}'", call)
        name = next((group for group in step.groups() if group is not None), None)
        if name is None:
            raise absent(f"The JSON path '{path}'", call.node)
        steps.append(f"[{name}]" if step[3] and name.isdigit() else _member(step, name))
        at = step.end()
    return literal("".join(steps))


def _member(step: re.Match[str], name: str) -> str:
    plain = name.replace('\\"', '"').replace("\\\\", "\\") if step[2] is not None else name
    return f'."{plain}"'


@form
def json_extract(call: Call, result: Type) -> Value:
    """A part of a JSON document; NULL if the document is no JSON."""
    value = arguments(call)[0].sql
    return Value(f"trino_json_extract({value}, {json_path(call, 1)})", result)


@form
def json_extract_scalar(call: Call, result: Type) -> Value:
    """A string, number or boolean of a JSON document, as text."""
    value = arguments(call)[0].sql
    return Value(f"trino_json_extract_scalar({value}, {json_path(call, 1)})", result)


@form
def json_size(call: Call, result: Type) -> Value:
    """The number of members or elements."""
    value = arguments(call)[0].sql
    return Value(f"trino_json_size({value}, {json_path(call, 1)})", result)
