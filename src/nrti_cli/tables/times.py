"""Times of events, as epoch milliseconds."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nrti_cli.tables.faults import fault, quoted
from nrti_cli.tables.formats.blocks import Block, Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The numbers from which an epoch time is in milliseconds, microseconds, nanoseconds. As milliseconds, the
#: first is March 1973; as seconds, the year 5138; and so on.
_UNITS = ((1e17, 1_000_000), (1e14, 1_000), (1e11, 1))
#: Not an epoch time in any unit.
_BEYOND = 2**63


def milliseconds(value: object, form: str | None = None) -> int:
    """Parses ISO 8601 or an epoch time in s, ms, µs or ns, by its magnitude, into epoch milliseconds.

    Args:
        value: a time without a zone is in UTC.
        form: a format for `strptime`.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, datetime):
        return _since_1970(value)
    text = str(value).strip()
    try:
        if form is not None:
            return _since_1970(datetime.strptime(text, form))
        number = _number(text)
        return _since_1970(datetime.fromisoformat(text)) if number is None else _scaled(number)
    except (ValueError, OverflowError):
        wanted = f"not as --time-format {form}" if form else "neither an epoch time nor ISO 8601"
        raise ValueError(f"{quoted(value)} is {wanted}") from None


def _number(text: str) -> float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _scaled(number: float) -> int:
    if abs(number) >= _BEYOND:
        raise OverflowError
    for least, divisor in _UNITS:
        if abs(number) >= least:
            return round(number / divisor) if isinstance(number, float) else number // divisor
    return round(number * 1000)


def _since_1970(time: datetime) -> int:
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def times(block: Block, name: str, form: str | None = None) -> NDArray[np.int64]:
    """The times of a column.

    Raises:
        NrtiError: one is missing or cannot be parsed; the message names the place.
    """
    import numpy as np
    import pyarrow as pa

    from nrti_cli.tables.numbers import require_all

    require_all(block, name)
    column = block.columns[name]
    with suppress(pa.ArrowException, ValueError):
        return _at_once(column, form)
    found = np.empty(block.rows, dtype=np.int64)
    for row, value in enumerate(column.to_pylist()):
        try:
            found[row] = milliseconds(value, form)
        except (ValueError, OverflowError) as error:
            raise fault(f"{block.place(row)}, column {quoted(name)}", str(error), _HINT) from None
    return found


#: Directives that Arrow's `strptime` treats differently from Python's: fractions and zones.
_SLOW = {"f", "z", "Z"}
_HINT = "correct it, or pass its format with --time-format"


def _at_once(column: Column, form: str | None) -> NDArray[np.int64]:
    """Parses a whole column with Arrow, which supports the usual formats.

    Raises:
        ArrowException, ValueError: it does not support this one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        return _epoch(column)
    if form is not None and not _SLOW.intersection(form):
        return _epoch(pc.strptime(column.cast(pa.string()), form, "ms"))
    if pa.types.is_date(column.type):
        return _epoch(column.cast(pa.timestamp("ms")))
    if form is None and (pa.types.is_integer(column.type) or pa.types.is_string(column.type)):
        with suppress(pa.ArrowInvalid):
            return _in_milliseconds(column.cast(pa.int64()).to_numpy(zero_copy_only=False))
    if form is None and pa.types.is_string(column.type):
        with suppress(pa.ArrowInvalid):
            return _epoch(column.cast(pa.timestamp("ns")))
        return _epoch(column.cast(pa.timestamp("ns", "UTC")))
    raise ValueError("one by one")


def _epoch(column: Column) -> NDArray[np.int64]:
    import pyarrow as pa

    milliseconds_ = column.cast(pa.timestamp("ms", column.type.tz), safe=False).cast(pa.int64())
    found: NDArray[np.int64] = milliseconds_.to_numpy(zero_copy_only=False)
    return found


def _in_milliseconds(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    import numpy as np

    sizes = np.abs(numbers)
    return np.select(
        [sizes >= least for least, _ in _UNITS],
        [numbers // divisor for _, divisor in _UNITS],
        default=numbers * 1000,
    )
