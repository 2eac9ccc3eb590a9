"""What kind of statement a query is, by how it begins."""

from __future__ import annotations

import codecs
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


def decoded(content: bytes) -> str:
    """The text of a file with a statement: UTF-8, or what its mark says.

    Raises:
        UnicodeError: it is neither.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig")


def require_reading(sql: str) -> None:
    """Refuses a statement that could change something; Athena runs one only, so the first word tells.

    This is for mistakes. What keeps people out is the reader's role, which docs/security.md describes.

    Raises:
        UsageError: it is not one that only reads, or there is none.
    """
    found = _FIRST_WORD.match(sql)
    word = found[1] if found else ""
    if not word and not re.sub(_BLANKS_AND_COMMENTS, "", sql, flags=re.DOTALL):
        said = "holds nothing but comments" if sql.strip() else "is empty"
        raise UsageError(f"the query {said}", hint='write one, as "select * from predictions"')
    if word.lower() not in _READING:
        raise UsageError(
            f"nrti query only reads, and {word or 'this'!r} begins no SELECT, WITH, VALUES, SHOW or DESCRIBE",
            hint="run other statements with aws athena start-query-execution",
        )
