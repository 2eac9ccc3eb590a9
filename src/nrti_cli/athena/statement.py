"""Classifies a statement by its first words."""

from __future__ import annotations

import codecs
import re

from nrti_cli.errors import UsageError

_BLANKS_AND_COMMENTS = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"
#: The first word. A query may be in parentheses, and follow EXPLAIN with options in parentheses.
_FIRST_WORD = re.compile(
    rf"(?:{_BLANKS_AND_COMMENTS}|\(|explain\b(?:{_BLANKS_AND_COMMENTS}+analyze\b)?"
    rf"(?:{_BLANKS_AND_COMMENTS}+verbose\b)?(?:{_BLANKS_AND_COMMENTS}*\((?:type|format)\b[^)]*\))?)*([^\s(;]*)",
    re.IGNORECASE | re.DOTALL,
)
_READING = {"select", "with", "values", "table", "show", "describe", "desc"}


def decoded(content: bytes) -> str:
    """Decodes a file with a statement: UTF-8, or the encoding of its byte order mark.

    Raises:
        UnicodeError: it is neither.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig")


def require_reading(sql: str) -> None:
    """Refuses statements that could change something; Athena runs a single one, so its first word decides.

    This is for mistakes. Access control is the task of the reader's role; see docs/security.md.

    Raises:
        UsageError: it is not a read-only statement, or it is empty.
    """
    found = _FIRST_WORD.match(sql)
    word = found[1] if found else ""
    if not word and not re.sub(_BLANKS_AND_COMMENTS, "", sql, flags=re.DOTALL):
        problem = "holds nothing but comments" if sql.strip() else "is empty"
        raise UsageError(f"the query {problem}", hint='write one, as "select * from predictions"')
    if word.lower() not in _READING:
        raise UsageError(
            f"nrti query only reads: {word or 'this'!r} is not SELECT, WITH, VALUES, SHOW or DESCRIBE",
            hint="run other statements with aws athena start-query-execution",
        )
