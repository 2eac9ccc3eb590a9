"""Comments of SQL."""

from __future__ import annotations

import re

_COMMENT = r"--[^\n]*|/\*.*?\*/"
_LEADING = re.compile(rf"(?:\s+|{_COMMENT})*", re.DOTALL)
_ANY = re.compile(_COMMENT, re.DOTALL)


def without_leading(sql: str) -> str:
    """Returns a statement with blanks in place of the comments before it, which dbt and others write."""
    before = _LEADING.match(sql)
    end = before.end() if before else 0
    return re.sub(r"[^\n]", " ", sql[:end]) + sql[end:]


def without(sql: str) -> str:
    """Returns a statement that has no texts with comments in them, without its comments."""
    return _ANY.sub(" ", sql)
