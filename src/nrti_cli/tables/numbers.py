"""Columns as values of sequences: finite, and within the limits of an event."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nrti_cli.events import event_schema
from nrti_cli.tables.faults import fault, missing_value, quoted
from nrti_cli.tables.formats.blocks import Block, Column

_LISTS = (pa.ListArray, pa.LargeListArray, pa.FixedSizeListArray)
_HINT = "correct it, or skip the column with --exclude"
_HINT_MISSING = "fill it in, or remove the row"
_HINT_TEXT = "correct it, or name its role with --time, --group or --exclude"
_HINT_NESTED = "write one list of numbers a row, or a row for each time step and add --window"
_HINT_COMMA = "write numbers with decimal points"
#: Spellings of missing values, in addition to empty ones.
_MISSING = ("NA", "N/A", "n/a", "na", "null", "NULL", "None", "?", "-")
#: Up to this limit, integers are exact as floats.
_EXACT = 2**53


@cache
def _largest() -> float:
    return float(event_schema()["definitions"]["data"]["items"]["maximum"])


def matrix(block: Block, names: Sequence[str], *, missing: bool = False) -> NDArray[np.float64]:
    """The values of columns as a matrix with a row each; lists are flattened.

    Args:
        block: some rows.
        names: of the columns.
        missing: whether missing values are allowed, as NaN.

    Raises:
        NrtiError: a value is missing, not a number or too large, or lists differ in length.
    """
    parts = []
    for name in names:
        ends = _ends(block, name)
        widths = np.diff(ends, prepend=0)
        if (other := widths != widths[0]).any():
            row = int(other.argmax())
            problem = f"a list of {widths[row]}, but of {widths[0]} in the rows before"
            raise fault(_place(block, name, row), problem, "make all lists the same length")
        parts.append(_values(block, name, ends, missing=missing).reshape(block.rows, int(widths[0])))
    return np.column_stack(parts)


def sequences(values: NDArray[np.float64]) -> list[list[float]]:
    """The rows of a matrix as lists; integers if all values are."""
    if ((values == np.trunc(values)) & (np.abs(values) < _EXACT)).all():
        return values.astype(np.int64).tolist()  # type: ignore[no-any-return]
    return [_whole(row) for row in values.tolist()]


def lists(block: Block, name: str) -> list[list[float]]:
    """The lists of a column, which may differ in length.

    Raises:
        NrtiError: as `matrix`.
    """
    ends = _ends(block, name)
    flat = _whole(_values(block, name, ends, missing=False).tolist())
    return [flat[start:end] for start, end in pairwise([0, *ends.tolist()])]


def holds_lists(block: Block, name: str) -> bool:
    """Whether the values of a column are lists."""
    return isinstance(block.columns[name], _LISTS)


def value_names(block: Block, names: Sequence[str]) -> list[str]:
    """The names of the columns of a `matrix`; those of a list are numbered, as `data[0]`."""
    found: list[str] = []
    for name in names:
        places = range(_ends(block, name)[0])
        found += [f"{name}[{place}]" for place in places] if holds_lists(block, name) else [name]
    return found


def require_all(block: Block, name: str) -> None:
    """Refuses a column with missing values.

    Raises:
        NrtiError: a value is missing; the message names the first.
    """
    column = block.columns[name]
    if column.null_count:
        row = column.is_null().to_numpy(zero_copy_only=False).argmax()
        raise fault(_place(block, name, int(row)), "the value is missing", _HINT_MISSING)


def _ends(block: Block, name: str) -> NDArray[np.int64]:
    """Where the numbers of each row end in a column: one number per row, or the length of its list."""
    if not holds_lists(block, name):
        return np.arange(1, block.rows + 1)
    require_all(block, name)
    lengths = pc.list_value_length(block.columns[name])
    return np.cumsum(lengths.to_numpy(zero_copy_only=False), dtype=np.int64)


def _values(block: Block, name: str, ends: NDArray[np.int64], *, missing: bool) -> NDArray[np.float64]:
    """All numbers of a column, one after another."""
    column = block.columns[name]
    column = column.flatten() if isinstance(column, _LISTS) else column
    if not _may_be_numbers(column.type):
        raise fault(_place(block, name, 0), *_unfit(block, name, column))
    try:
        numbers = _cast(column)
    except pa.ArrowInvalid:
        numbers = _spelled(block, name, column)
    _refuse(block, name, ends, column, numbers, missing=missing)
    return numbers


def _unfit(block: Block, name: str, column: Column) -> tuple[str, str]:
    """What a column has instead of numbers, and what to do."""
    if isinstance(column, _LISTS):
        return "its lists have lists, not numbers", _HINT_NESTED
    kind = "objects" if pa.types.is_nested(column.type) else str(column.type)
    return f"{'its lists have' if holds_lists(block, name) else 'it has'} {kind}, not numbers", _HINT


def _cast(column: Column) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _refuse(
    block: Block,
    name: str,
    ends: NDArray[np.int64],
    column: Column,
    numbers: NDArray[np.float64],
    *,
    missing: bool,
) -> None:
    """Refuses values that events cannot have, and missing ones unless they are allowed."""
    wrong = ~(np.abs(numbers) <= _largest())
    if missing:
        wrong &= ~np.isnan(numbers)
    if not wrong.any():
        return
    item = int(wrong.argmax())
    place = _place(block, name, int(np.searchsorted(ends, item, side="right")))
    if np.isnan(numbers[item]):
        raise missing_value(place)
    beyond = f"is beyond {_largest():.0e}, the limit of an event"
    fits = beyond if np.isfinite(numbers[item]) else "is not a finite number"
    raise fault(place, f"{quoted(column[item].as_py())} {fits}", _HINT)


def _may_be_numbers(kind: pa.DataType) -> bool:
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    return is_text or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _spelled(block: Block, name: str, column: Column) -> NDArray[np.float64]:
    """Numbers in all spellings of Python, such as `+1`, if Arrow does not know one."""
    texts = column.cast(pa.string())
    column = pc.if_else(pc.is_in(texts, pa.array(_MISSING)), None, texts)
    with suppress(pa.ArrowInvalid):
        return _cast(column)
    numbers = np.full(len(column), np.nan)
    for row, text in enumerate(column.to_pylist()):
        try:
            if text is not None:
                numbers[row] = float(text)
        except ValueError:
            hint = _HINT_COMMA if "," in str(text) else _HINT_TEXT
            raise fault(_place(block, name, row), f"{quoted(text)} is not a number", hint) from None
    return numbers


def _whole(numbers: list[float]) -> list[float]:
    return [int(number) if number.is_integer() and abs(number) < _EXACT else number for number in numbers]


def _place(block: Block, name: str, row: int) -> str:
    return f"{block.place(row)}, column {quoted(name)}"
