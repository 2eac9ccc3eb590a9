"""What kind of statement a query is, by how it begins."""

from __future__ import annotations

import re

from nrti_cli.errors import UsageError

_BLANKS_AND_COMMENTS = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"
#: The first word; a query may stand in brackets, and after EXPLAIN, whose options stand in brackets too.
_FIRST_WORD = re.compile(
    rf"(?:{_BLANKS_AND_COMMENTS}|\(|explain\b(?:{_BLANKS_AND_COMMENTS}+analyze\b)?"
    rf"(?:{_BLANKS_AND_COMMENTS}+verbose\b)?(?:{_BLANKS_AND_COMMENTS}*\((?:type|format)\b[^)]*\))?)*([^\s(;]*)",
    re.IGNORECASE | re.DOTALL,
)
_READING = {"select", "with", "values", "table", "show", "describe", "desc"}


def require_reading(sql: str) -> None:
    """Refuses a statement that could change something; Athena runs one only, so the first word tells.

    This is for mistakes. What keeps people out is the reader's role, which docs/security.md describes.

    Raises:
        UsageError: it is not one that only reads.
    """
    found = _FIRST_WORD.match(sql)
    word = found[1] if found else ""
    if word.lower() not in _READING:
        raise UsageError(
            f"nrti query only reads, and {word or 'this'!r} begins no SELECT, WITH, VALUES, SHOW or DESCRIBE",
            hint="run other statements with aws athena start-query-execution",
        )
