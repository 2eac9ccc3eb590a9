"""Regular expressions, from Java's notation into that of RE2."""

from __future__ import annotations

import re

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, constant, form, invalid, literal, number_of
from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import BOOLEAN, Type


@form
def regexp_replace(call: Call, result: Type) -> Value:
    """Replaces all matches; `$1` in the replacement is a group."""
    text = arguments(call)[0].sql
    if len(call.arguments) == 2:
        return Value(f"REGEXP_REPLACE({text}, {_pattern(call)}, '', 'g')", result)
    replacement = constant(call, 2, "A replacement")
    regex = call.literal(1)
    groups = re.compile(_groups_only(regex)).groups if regex is not None else 9
    names = re.findall(r"\(\?<([A-Za-z]\w*)>", regex or "")
    rewritten = literal(_replacement(call, replacement, groups, names))
    return Value(f"REGEXP_REPLACE({text}, {_pattern(call)}, {rewritten}, 'g')", result)


def _groups_only(regex: str) -> str:
    """Returns a pattern with the same groups, which Python can read whatever else is in it."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "x", regex)
    return "()" * len(re.findall(r"\((?!\?)|\(\?P?<(?![=!])", bare))


def _pattern(call: Call) -> str:
    """Returns a regular expression for DuckDB's RE2, which writes named groups as Python does."""
    regex = call.literal(1)
    if regex is None:
        return arguments(call)[1].sql
    return literal(re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", regex))


def _replacement(call: Call, text: str, groups: int, names: list[str]) -> str:
    r"""Translates `$1`, `${name}` and `\\$` into RE2's notation."""
    written, at = "", 0
    while at < len(text):
        if text[at] == "\\":
            if at + 1 == len(text):
                raise invalid("Illegal replacement sequence: " + text, call)
            written, at = written + text[at + 1].replace("\\", "\\\\"), at + 2
        elif text[at] == "$":
            group, at = _group(call, text, at, groups, names)
            written += f"\\{group}"
        else:
            written, at = written + text[at], at + 1
    return written


def _group(call: Call, text: str, at: int, groups: int, names: list[str]) -> tuple[int, int]:
    """Reads a reference to a group as Java does: as many digits as make a group that exists."""
    if named := re.compile(r"\$\{(\w+)\}").match(text, at):
        if named[1] not in names:
            raise invalid(f"Illegal replacement sequence: unknown group {{{named[1]}}}", call)
        return names.index(named[1]) + 1, named.end()
    digits = re.compile(r"\$(\d+)").match(text, at)
    if digits is None:
        raise invalid("Illegal replacement sequence: " + text, call)
    number, end = int(digits[1][0]), at + 2
    if number > groups:
        raise invalid(f"Illegal replacement sequence: unknown group {number}", call)
    while end < digits.end() and number * 10 + int(text[end]) <= groups:
        number, end = number * 10 + int(text[end]), end + 1
    if number > 9:
        raise absent("More than nine groups in a replacement", call.node)
    return number, end


@form
def regexp(call: Call, result: Type) -> Value:
    """A function whose first arguments are a text and a pattern, by the macro of its name."""
    texts = [each.sql for each in arguments(call)]
    texts[1] = _pattern(call)
    return Value(f"trino_{call.name}({', '.join(texts)})", result)


@form
def regexp_like(call: Call, _result: Type) -> Value:
    """Whether a pattern is found."""
    return Value(f"REGEXP_MATCHES({arguments(call)[0].sql}, {_pattern(call)})", BOOLEAN)


@form
def regexp_group(call: Call, result: Type) -> Value:
    """A group of the first match, or of all matches."""
    text, _, group = (each.sql for each in arguments(call))
    if wrong := _wrong_group(call.literal(1), number_of(group)):
        failing = f"CASE WHEN {text} IS NOT NULL THEN trino_invalid({literal(wrong)}) END"
        return Value(f"CAST({failing} AS {result.duckdb})", result)
    if call.name == "regexp_extract":
        return Value(f"trino_regexp_group({text}, {_pattern(call)}, {group})", result)
    return Value(f"REGEXP_EXTRACT_ALL({text}, {_pattern(call)}, CAST({group} AS INTEGER))", result)


def _wrong_group(regex: str | None, number: str) -> str:
    """Returns what is wrong with the number of a group; only literals are checked."""
    if re.fullmatch(r"-\d+", number):
        return "Group cannot be negative"
    groups = re.compile(_groups_only(regex)).groups if regex is not None else 0
    if regex is None or not number.isdigit() or int(number) <= groups:
        return ""
    return f"Pattern has {groups} groups. Cannot access group {number}"
