"""Converts a label column to 0 and 1, however it is spelled."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault, listed, quoted
from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.numbers import require_all

#: The known pairs; the first that contains all values of a column is used.
_TRUTHS = (
    {"0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1},
    {"-1": 0, "1": 1},
    {"1": 0, "2": 1},
)
_RULE = "labels are 0 and 1, false and true, no and yes, -1 and 1, 1 and 2, or pass --positive VALUE"
#: More values than any pair has, with all spellings; a column with so many is not a label.
_TOO_MANY = 64


class Labels:
    """Collects a label column block by block; its meaning is known after the last one.

    Args:
        name: of the column.
        positive: the values that mean a failure; empty for the known pairs.
    """

    def __init__(self, name: str, positive: Collection[str] = ()) -> None:
        self._name = name
        self._positive = {_text(value): value for value in positive}
        self._codes: list[NDArray[np.int32]] = []
        #: The code of each spelling, and its first position.
        self._spelled: dict[object, int] = {}
        self._places: list[str] = []

    def add(self, block: Block) -> None:
        """Adds the labels of some rows.

        Raises:
            NrtiError: one is missing, or there are too many values for a label.
        """
        require_all(block, self._name)
        encoded = block.columns[self._name].dictionary_encode()
        indices = encoded.indices.to_numpy()
        codes = [
            self._code(value, block, indices, number)
            for number, value in enumerate(encoded.dictionary.to_pylist())
        ]
        self._codes.append(np.array(codes, dtype=np.int32)[indices])

    def _code(self, value: object, block: Block, indices: NDArray[np.int32], number: int) -> int:
        if value not in self._spelled:
            self._spelled[value] = len(self._spelled)
            row = int((indices == number).argmax())
            self._places.append(f"{block.place(row)}, column {quoted(self._name)}")
            if len(self._spelled) > _TOO_MANY and not self._positive:
                raise self._refusal()
        return self._spelled[value]

    def truths(self) -> tuple[NDArray[np.int8], str]:
        """The labels, and how they were interpreted if it is not obvious.

        Raises:
            NrtiError: they are not one of the known pairs.
        """
        texts = [_text(value) for value in self._spelled]
        if self._positive:
            return self._chosen(texts)
        truth = next((pair for pair in _TRUTHS if pair.keys() >= set(texts)), None)
        if truth is None:
            raise self._refusal()
        meaning = np.array([truth[text] for text in texts], dtype=np.int8)
        return meaning[np.concatenate(self._codes)], _reading(truth, set(texts))

    def _chosen(self, texts: list[str]) -> tuple[NDArray[np.int8], str]:
        """The labels if the failures were named."""
        absent = [value for text, value in self._positive.items() if text not in texts]
        if absent:
            problem = f"{quoted(absent[0])} is neither here nor below, only {listed(self._spelled, 3)}"
            raise fault(self._places[0], problem, "use an existing value with --positive")
        meaning = np.array([text in self._positive for text in texts], dtype=np.int8)
        none = [value for value, text in zip(self._spelled, texts, strict=True) if text not in self._positive]
        reading = f"a failure is {listed(self._positive.values())}, none is {listed(none)}"
        return meaning[np.concatenate(self._codes)], reading

    def _refusal(self) -> NrtiError:
        """The error for the first value that does not form a pair with those before it."""
        values, texts = list(self._spelled), [_text(value) for value in self._spelled]
        last = next(
            number
            for number in range(len(texts))
            if not any(pair.keys() >= {*texts[: number + 1]} for pair in _TRUTHS)
        )
        beside = f" next to {listed(texts[:last], 3)}" if last else ""
        return fault(self._places[last], f"{quoted(values[last])} is not a label{beside}", _RULE)


def _reading(truth: dict[str, int], found: set[str]) -> str:
    """Which spelling means a failure; empty for 0 and 1."""
    if found <= {"0", "1"}:
        return ""
    spelled = [
        " and ".join(text for text in truth if text in found and truth[text] == number) for number in (1, 0)
    ]
    return ", ".join(
        f"{text} is {word}" for text, word in zip(spelled, ("a failure", "none"), strict=True) if text
    )


def _text(value: object) -> str:
    """A value as in the pairs: `1` for 1.0, and words in lower case."""
    text = str(value).strip().lower()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text
