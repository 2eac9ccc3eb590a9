"""Reads a query from left to right: words, texts, numbers, and regular expressions where one can stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from nrti_local.cloudwatch.insights.values import MalformedQueryError

_Item = TypeVar("_Item")
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<period>\d+(?:ms|mo|[smhdw])\b)
      | (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
      | `(?P<quoted>[^`]+)`
      | (?P<word>[A-Za-z_@$][\w@$.]*)
      | (?P<sign>=~|!=|<=|>=|[-+*/%^=<>(),|\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"\s*/((?:[^/\\\n]|\\.)+)/")
_SPACE = re.compile(r"(?:^[ \t]*#[^\n]*|\s)*", re.MULTILINE)


@dataclass(frozen=True)
class Token:
    """A part of a query: `text`, `period`, `number`, `quoted`, `word`, `sign` or `end`, and where it ends."""

    kind: str
    text: str
    end: int


class Reader:
    """The place in a query up to which it is read.

    Attributes:
        fields: the names that were read.
    """

    def __init__(self, query: str) -> None:
        self.fields: set[str] = set()
        self._query = query
        self._place = self._after_space(0)
        self._end = self._place

    @property
    def place(self) -> int:
        """The place, to pass to `since`."""
        return self._place

    def since(self, place: int) -> str:
        """What was read since then."""
        return self._query[place : self._end]

    @property
    def next(self) -> Token:
        """The token that is read next."""
        found = _TOKEN.match(self._query, self._place)
        if found is None:
            if self._place < len(self._query):
                raise MalformedQueryError(f"token recognition error at: '{self._query[self._place :][:20]}'")
            return Token("end", "<EOF>", self._place)
        kind = str(found.lastgroup)
        return Token(kind, found[kind], found.end())

    def token(self) -> Token:
        """Reads the next token."""
        token = self.next
        self._read_to(token.end)
        return token

    def take(self, *texts: str) -> str:
        """Reads the next token if it is one of these words or signs, in lower case; else returns ''."""
        token = self.next
        found = token.text.lower()
        if token.kind in {"word", "sign"} and found in texts:
            self.token()
            return found
        return ""

    def expect(self, *texts: str) -> str:
        """Reads one of these words or signs."""
        found = self.take(*texts)
        if not found:
            raise self.unexpected(", ".join(texts))
        return found

    def of_kind(self, *kinds: str) -> str:
        """Reads a token of one of these kinds; a text comes without its quotes."""
        if self.next.kind not in kinds:
            raise self.unexpected(" or ".join(kinds))
        token = self.token()
        return re.sub(r"\\(.)", r"\1", token.text[1:-1]) if token.kind == "text" else token.text

    def field(self) -> str:
        """Reads the name of a field."""
        name = self.of_kind("word", "quoted")
        self.fields.add(name)
        return name

    def listed(self, read: Callable[[], _Item]) -> list[_Item]:
        """Reads one or more things between commas."""
        found = [read()]
        while self.take(","):
            found.append(read())
        return found

    def regex(self) -> re.Pattern[str] | None:
        """Reads a regular expression between slashes, if there is one."""
        found = _REGEX.match(self._query, self._place)
        if found is None:
            return None
        self._read_to(found.end())
        expression = found[1].replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
        try:
            return re.compile(expression.replace("(?i)", ""), re.IGNORECASE * ("(?i)" in expression))
        except re.error as error:
            raise MalformedQueryError(f"invalid regular expression /{found[1]}/: {error}") from None

    def unexpected(self, expected: str) -> MalformedQueryError:
        """The error that the next token cannot stand there."""
        token = self.next
        message = f"mismatched input '{token.text}' expecting {expected}"
        return MalformedQueryError(message, (self._place, token.end))

    def _read_to(self, end: int) -> None:
        self._end = end
        self._place = self._after_space(end)

    def _after_space(self, place: int) -> int:
        """Behind white space and lines of comments."""
        found = _SPACE.match(self._query, place)
        return found.end() if found else place
