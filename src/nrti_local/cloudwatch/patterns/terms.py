"""Patterns of terms: all, `?any` of them, `-none`, a `"quoted phrase"`, or one `%regular expression%`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nrti_local.cloudwatch.patterns import regexes
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

_TERM = re.compile(r'\s*(?P<sign>[?-]?)\s*(?P<term>"(?:[^"\\]|\\.)+"|[^\s"]+|"")', re.DOTALL)
_PLAIN = re.compile(r"\w+")


class _Nameless:
    """A pattern that names no values."""

    def value(self, message: str, selector: str) -> object:  # noqa: ARG002 (there is nothing to select)
        """None: there are no fields."""
        return None


class Terms(_Nameless):
    """Matches messages by the terms in them; upper and lower case count.

    Args:
        text: the pattern. As on AWS, `?` means nothing beside terms that have none.

    Raises:
        InvalidPatternError: a term with other characters than letters, digits and underscores has no quotes.
    """

    def __init__(self, text: str) -> None:
        found = _split(text)
        self._all = [term for sign, term in found if not sign]
        self._none = [term for sign, term in found if sign == "-"]
        self._any = [term for sign, term in found if sign == "?"] if not self._all + self._none else []

    def extracted(self, message: str) -> Mapping[str, str] | None:
        """Nothing, if the message matches: terms have no names."""
        matches = (
            all(term in message for term in self._all)
            and not any(term in message for term in self._none)
            and (not self._any or any(term in message for term in self._any))
        )
        return {} if matches else None


class Regex(_Nameless):
    """Matches messages by one regular expression, anywhere in them."""

    def __init__(self, text: str) -> None:
        self._expression = regexes.compiled(text)

    def extracted(self, message: str) -> Mapping[str, str] | None:
        """Nothing, if the message matches."""
        return {} if self._expression.search(message) else None


def _split(text: str) -> list[tuple[str, str]]:
    """The terms with their signs."""
    found, position = [], 0
    while text[position:].strip():
        match = _TERM.match(text, position)
        if match is None:
            raise InvalidPatternError("Invalid filter pattern")
        found.append((match["sign"], _term(match["term"])))
        position = match.end()
    return found


def _term(term: str) -> str:
    if term.startswith('"') and len(term) > 2:
        return re.sub(r"\\(.)", r"\1", term[1:-1])
    if not _PLAIN.fullmatch(term):
        raise InvalidPatternError(f"Invalid character(s) in term '{term}'")
    return term
