"""Regular expressions in filter patterns, between percent signs: CloudWatch allows a part of the syntax."""

from __future__ import annotations

import re

from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

#: What AWS's page lists: letters, digits, symbols, operators, and a backslash before any of ASCII.
_ALLOWED = re.compile(r"(?:[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|*+.]|\\[\x21-\x7e])+")


def compiled(quoted: str) -> re.Pattern[str]:
    """Compiles an expression that stands between percent signs.

    Raises:
        InvalidPatternError: it has other characters than CloudWatch allows, or it is no regular expression.
    """
    expression = quoted[1:-1]
    if not _ALLOWED.fullmatch(expression):
        raise InvalidPatternError(f"Invalid character(s) in term '{quoted}'")
    try:
        return re.compile(expression, re.ASCII)
    except re.error as error:
        raise InvalidPatternError(f"Invalid regular expression '{quoted}': {error}") from None
