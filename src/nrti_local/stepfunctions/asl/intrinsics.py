"""Parses calls of intrinsic functions, such as `States.Format('{} of {}', $.a, States.MathAdd($.b, 1))`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nrti_local.stepfunctions.asl.errors import INTRINSIC_FAILURE, RUNTIME, EvaluationError
from nrti_local.stepfunctions.asl.functions import FUNCTIONS
from nrti_local.stepfunctions.asl.paths import Read, path

_NAME = re.compile(r"\s*(States\.\w+)\s*\(\s*")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORD = re.compile(r"(true|false|null)\b")
_WORDS = {"true": True, "false": False, "null": None}
_SEPARATOR = re.compile(r"\s*([,)])\s*")
_ESCAPE = re.compile(r"\\([\\'{}])")
#: Reads the escapes of its template itself, since an escaped brace is no placeholder.
_FORMAT = "States.Format"


@lru_cache(maxsize=4096)
def function(text: str) -> Read:
    """Compiles a call.

    Raises:
        EvaluationError: the text is not a call of an intrinsic function.
    """
    read, end = _call(text, 0)
    if text[end:].strip():
        raise _invalid(text)
    return read


def _call(text: str, position: int) -> tuple[Read, int]:
    name = _NAME.match(text, position)
    apply = FUNCTIONS.get(name[1]) if name else None
    if name is None or apply is None:
        raise _invalid(text)
    label = name[1]
    arguments, end = _arguments(text, name.end(), raw=label == _FORMAT)

    def call(data: Any, context: Any) -> Any:
        values = [argument(data, context) for argument in arguments]
        try:
            return apply(*values)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise EvaluationError(INTRINSIC_FAILURE, f"The function '{label}' failed: {error}") from error

    return call, end


def _arguments(text: str, position: int, *, raw: bool) -> tuple[list[Read], int]:
    arguments: list[Read] = []
    if text[position : position + 1] == ")":
        return arguments, position + 1
    while True:
        argument, position = _argument(text, position, raw=raw and not arguments)
        arguments.append(argument)
        separator = _SEPARATOR.match(text, position)
        if separator is None:
            raise _invalid(text)
        position = separator.end()
        if separator[1] == ")":
            return arguments, position


def _argument(text: str, position: int, *, raw: bool) -> tuple[Read, int]:
    if text.startswith("$", position):
        end = _path_end(text, position)
        return path(text[position:end].rstrip()).read, end
    if quoted := _TEXT.match(text, position):
        return _constant(quoted[1] if raw else _ESCAPE.sub(r"\1", quoted[1])), quoted.end()
    if number := _NUMBER.match(text, position):
        value = float(number[0]) if number[1] or number[2] else int(number[0])
        return _constant(value), number.end()
    if word := _WORD.match(text, position):
        return _constant(_WORDS[word[1]]), word.end()
    return _call(text, position)


def _constant(value: Any) -> Read:
    return lambda _data, _context: value


def _path_end(text: str, position: int) -> int:
    """Where a path ends: at a comma or bracket that is not inside its own brackets or quotes."""
    depth, quote = 0, ""
    while position < len(text):
        character = text[position]
        if quote:
            position += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            if depth == 0:
                return position
            depth -= 1
        elif character == "," and depth == 0:
            return position
        position += 1
    raise _invalid(text)


def _invalid(text: str) -> EvaluationError:
    return EvaluationError(RUNTIME, f"Invalid intrinsic function: {text}")
