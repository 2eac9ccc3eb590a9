"""The rows of a Parquet file that belong to a sensor, and the file without them."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from nrti_cli.forgetting.records import Scope

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_SENSOR, _EVENT = "sensor", "event_id"
#: The column with the time that a row is about, and the one with the time at which it was written.
_ABOUT, _WRITTEN = ("event_time", "end_time"), ("predicted_time", "labelled_time")


@dataclass(frozen=True)
class Wanted:
    """Which rows are wanted.

    Attributes:
        scope: of the sensor.
        events: the ids of its events: a row without a sensor belongs to the sensor of its event.
    """

    scope: Scope
    events: Collection[str] = ()

    def mask(self, table: pa.Table) -> Any:
        """For each row whether it is wanted; `table` has the columns of `read`."""
        sensors = table.column(_SENSOR)
        named = _true(pc.equal(sensors, pa.scalar(self.scope.sensor)))
        if (about := _first(table, _ABOUT)) is not None:
            named = _and(named, about, pc.less, self.scope.before)
        orphans = pc.is_null(sensors)
        if self.events and _EVENT in table.column_names and pc.any(orphans).as_py():
            ids = pa.array(self.events, table.column(_EVENT).type)
            named = pc.or_(named, pc.and_(orphans, _true(pc.is_in(table.column(_EVENT), ids))))
        if (written := _first(table, _WRITTEN)) is not None:
            named = _and(named, written, pc.less_equal, self.scope.at)
        return named


def _first(table: pa.Table, names: Collection[str]) -> Any:
    return next((table.column(name) for name in names if name in table.column_names), None)


def _and(mask: Any, times: Any, compare: Any, milliseconds: int | None) -> Any:
    """The mask, restricted to rows whose time compares so; rows without a time stay in it."""
    if milliseconds is None:
        return mask
    bound = pa.scalar(datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None), times.type)
    return pc.and_(mask, pc.fill_null(compare(times, bound), True))


def _true(mask: Any) -> Any:
    return pc.fill_null(mask, False)


def _opened(source: Any) -> ParquetFile:
    # In nanoseconds, times end in 2262.
    return parquet.ParquetFile(source, coerce_int96_timestamp_unit="ms")


def found(source: Any, wanted: Wanted) -> list[str | None]:
    """The event ids of the wanted rows of a Parquet file; only a few of its columns are read.

    Args:
        source: a file that is open for reading.
        wanted: the rows.
    """
    file = _opened(source)
    columns = [name for name in (_SENSOR, _EVENT, *_ABOUT, *_WRITTEN) if name in file.schema_arrow.names]
    ids: list[str | None] = []
    for number in range(file.num_row_groups):
        if _may_hold(file, number, wanted):
            group = file.read_row_group(number, columns)
            kept = group.filter(wanted.mask(group))
            ids += kept.column(_EVENT).to_pylist() if _EVENT in columns else [None] * len(kept)
    return ids


def _may_hold(file: ParquetFile, group: int, wanted: Wanted) -> bool:
    """Whether a row group may have wanted rows, by the lowest and the highest sensor in it."""
    chunk = file.metadata.row_group(group).column(_leaf(file, _SENSOR))
    statistics = chunk.statistics
    if statistics is None or not statistics.has_min_max:
        return True
    if wanted.events and statistics.null_count != 0:
        return True
    low, high, sensor = str(statistics.min), str(statistics.max), wanted.scope.sensor
    return low <= sensor and sensor[: len(high)] <= high  # some writers shorten the bounds of long texts


def _leaf(file: ParquetFile, name: str) -> int:
    """The position of a column among the leaves of the file, where a list has its elements."""
    group = file.metadata.row_group(0)
    return next(at for at in range(group.num_columns) if group.column(at).path_in_schema == name)


def without(content: bytes, wanted: Wanted) -> tuple[bytes | None, int]:
    """A Parquet file without the wanted rows, in the same form; and their number.

    Returns:
        None instead of a file if it would have no rows.
    """
    file = _opened(io.BytesIO(content))
    sink, removed, kept = io.BytesIO(), 0, 0
    with parquet.ParquetWriter(sink, file.schema_arrow, **_form(file)) as writer:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            rest = group.filter(pc.invert(wanted.mask(group)))
            removed, kept = removed + len(group) - len(rest), kept + len(rest)
            if len(rest):
                writer.write_table(rest)
    return (sink.getvalue() if kept else None), removed


def _form(file: ParquetFile) -> dict[str, Any]:
    """How a file is written: its compression, and whether its times are in Hive's form of 96 bits."""
    group = file.metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    return {
        "compression": columns[0].compression.lower().replace("uncompressed", "none"),
        "use_deprecated_int96_timestamps": any(each.physical_type == "INT96" for each in columns),
    }
