"""An array of JSON objects, parsed incrementally: it may exceed the memory, or still be written."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault, unfit
from nrti_cli.tables.formats.json_text import Numbered, not_json, refuse_constant

_LONGEST = 16 << 20
_HINT = "write an array of objects, or one object per line"
_FILLED = re.compile(r"\S")
#: The tokens that may follow a token; an object counts by its first character.
_FOLLOWING = {"": "[", "[": "{]", "{": ",]", ",": "{", "]": ""}


def objects_of_array(shown: str, chunks: Iterator[bytes]) -> Iterator[list[Numbered]]:
    """The objects of an array with their lines, as they arrive.

    Raises:
        NrtiError: it is not an array of objects.
    """
    array, decoder = _Array(shown), codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            found: list[Numbered] = []
            try:
                array.add(decoder.decode(chunk), found)
            except NrtiError:
                yield found
                raise
            yield found
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise unfit(shown, "is not UTF-8 text", "convert it") from error
    array.end()


class _Array:
    """The state of the parser."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._text = ""
        self._line = 1
        self._last = ""
        self._incomplete: ValueError | None = None
        self._decoder = json.JSONDecoder(parse_constant=refuse_constant)

    @property
    def _place(self) -> str:
        return f"{self._shown}, line {self._line}"

    def add(self, text: str, found: list[Numbered]) -> None:
        """Takes more text, and adds the objects that are complete."""
        self._text += text
        self._incomplete, start = None, 0
        while filled := _FILLED.search(self._text, start):
            self._line += self._text.count("\n", start, filled.start())
            start, mark = filled.start(), filled[0]
            if mark not in _FOLLOWING[self._last]:
                raise fault(self._place, f"{mark!r} instead of an object", _HINT)
            end = start + 1 if mark != "{" else self._object(start, found)
            if self._incomplete:
                break
            self._line += self._text.count("\n", start, end)
            start, self._last = end, mark
        self._text = self._text[start:]

    def _object(self, start: int, found: list[Numbered]) -> int:
        """Adds the object that begins here, if it is complete, and returns its end."""
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except (ValueError, RecursionError) as error:
            if not isinstance(error, json.JSONDecodeError) or len(self._text) - start > _LONGEST:
                raise not_json(self._place, error) from error
            self._incomplete = error
            return start
        found.append((self._line, value))
        return end

    def end(self) -> None:
        """Refuses an array that is not complete."""
        if self._incomplete:
            raise not_json(self._place, self._incomplete)
        if self._last != "]":
            raise fault(self._place, "the array does not end", _HINT)
