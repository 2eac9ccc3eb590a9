"""Columns as the numbers of sequences: finite, and within what an event may carry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nrti_cli.events import event_schema
from nrti_cli.tables.blocks import Block, Column
from nrti_cli.tables.faults import fault, quoted

_LISTS = (pa.ListArray, pa.LargeListArray, pa.FixedSizeListArray)
_HINT = "correct it, or leave the column out"
_HINT_MISSING = "fill it in, or remove the row"
_HINT_COMMA = "write numbers with points"
#: Whole numbers up to there are the same as floats.
_EXACT = 2**53


@cache
def _largest() -> float:
    return float(event_schema()["definitions"]["data"]["items"]["maximum"])


def matrix(block: Block, names: Sequence[str]) -> NDArray[np.float64]:
    """The values of some columns, a row each; those of lists lie side by side.

    Raises:
        NrtiError: one is missing, no number, or too large, or lists differ in length.
    """
    parts = []
    for name in names:
        ends = _ends(block, name)
        widths = np.diff(ends, prepend=0)
        if (other := widths != widths[0]).any():
            row = int(other.argmax())
            problem = f"{widths[row]} numbers, and {widths[0]} in the rows before"
            raise fault(_place(block, name, row), problem, "make all lists equally long")
        parts.append(_values(block, name, ends).reshape(block.rows, int(widths[0])))
    return np.column_stack(parts)


def sequences(block: Block, names: Sequence[str]) -> list[list[float]]:
    """The values of some columns, a row each, whole ones as such; one column of lists may hold any lengths.

    Raises:
        NrtiError: as `matrix`.
    """
    if len(names) == 1 and isinstance(block.columns[names[0]], _LISTS):
        ends = _ends(block, names[0])
        flat = _whole(_values(block, names[0], ends).tolist())
        return [flat[start:end] for start, end in pairwise([0, *ends.tolist()])]
    values = matrix(block, names)
    if ((values == np.trunc(values)) & (np.abs(values) < _EXACT)).all():
        return values.astype(np.int64).tolist()  # type: ignore[no-any-return]
    return [_whole(row) for row in values.tolist()]


def value_names(block: Block, names: Sequence[str]) -> list[str]:
    """The names of the columns of a `matrix`: those of a list get a number each, as `data[0]`."""
    found: list[str] = []
    for name in names:
        lists = isinstance(block.columns[name], _LISTS)
        found += [f"{name}[{place}]" for place in range(_ends(block, name)[0])] if lists else [name]
    return found


def require_all(block: Block, name: str) -> None:
    """Refuses a column in which a value is missing.

    Raises:
        NrtiError: one is; it names the first.
    """
    column = block.columns[name]
    if column.null_count:
        row = column.is_null().to_numpy(zero_copy_only=False).argmax()
        raise fault(_place(block, name, int(row)), "the value is missing", _HINT_MISSING)


def _ends(block: Block, name: str) -> NDArray[np.int64]:
    """Where the numbers of each row end among all of a column: one number a row, unless it holds lists."""
    require_all(block, name)
    column = block.columns[name]
    if not isinstance(column, _LISTS):
        return np.arange(1, block.rows + 1)
    return np.cumsum(pc.list_value_length(column).to_numpy(zero_copy_only=False), dtype=np.int64)


def _values(block: Block, name: str, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """All numbers of a column, one after another."""
    column = block.columns[name]
    column = column.flatten() if isinstance(column, _LISTS) else column
    if not _may_be_numbers(column.type):
        raise fault(_place(block, name, 0), f"it holds {column.type}, not numbers", _HINT)
    try:
        numbers: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        numbers = _spelled(block, name, column)
    wrong = ~(np.abs(numbers) <= _largest())
    if wrong.any():
        item = int(wrong.argmax())
        finite = np.isfinite(numbers[item])
        fits = (
            f"is beyond {_largest():.0e}, the most that an event may carry"
            if finite
            else "is not a finite number"
        )
        row = int(np.searchsorted(ends, item, side="right"))
        raise fault(_place(block, name, row), f"{quoted(column[item].as_py())} {fits}", _HINT)
    return numbers


def _may_be_numbers(kind: pa.DataType) -> bool:
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    return is_text or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _spelled(block: Block, name: str, column: Column) -> NDArray[np.float64]:
    """Numbers in all spellings that Python knows, such as `+1`, where Arrow does not know one."""
    numbers = np.empty(len(column))
    for row, text in enumerate(column.to_pylist()):
        try:
            numbers[row] = float(text or "")
        except ValueError:
            hint = _HINT_COMMA if "," in str(text) else _HINT
            raise fault(_place(block, name, row), f"{quoted(text)} is not a number", hint) from None
    return numbers


def _whole(numbers: list[float]) -> list[float]:
    return [int(number) if number.is_integer() and abs(number) < _EXACT else number for number in numbers]


def _place(block: Block, name: str, row: int) -> str:
    return f"{block.place(row)}, column {quoted(name)}"
