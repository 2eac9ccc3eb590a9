"""Training data from the lake: the labelled predictions, with the sequences that were scored.

Each event counts once, however many models and versions scored it: as shadows, or again later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nrti_cli.athena.condition import mentions
from nrti_cli.athena.literals import predicted_since, quoted
from nrti_cli.athena.result import open_result
from nrti_cli.athena.rows import run
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.models.dataset import Dataset, window_names
from nrti_cli.models.endpoint import published as published_models
from nrti_cli.models.inputs import inputs_of
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.tables.blocks import Column

_SQL = """
select model, channels, sensor, truth, data,
  date_diff('millisecond', timestamp '1970-01-01 00:00:00', event_time) as moment
from (
  select *, row_number() over (
      partition by sensor, event_time, event_id
      order by coalesce(shadow, false), coalesce(rescored, false), predicted_time, model, version
    ) as copy
  from outcomes
  where truth is not null{conditions}
)
where copy = 1
order by event_time, sensor, event_id
"""
_HINT = "label predictions with nrti label, or choose an earlier --since"


@dataclass(frozen=True)
class Wanted:
    """Which labelled predictions are trained on.

    Attributes:
        model: the model that is trained; its own predictions are used if it is published.
        since: when the predictions were made, at the earliest.
        where: a condition on the columns of outcomes. If it names the column `model`, it decides whose
            predictions are used.
    """

    model: str
    since: datetime | None = None
    where: str | None = None

    @property
    def chooses_models(self) -> bool:
        """Whether the condition decides whose predictions are used."""
        return self.where is not None and mentions(self.where, "model")


def load(target: Target, wanted: Wanted) -> Dataset:
    """The labelled predictions as a data set in order of time.

    Raises:
        NrtiError: the query fails, there are too few of a class, or the sequences differ in shape.
    """
    models = {model.name: model for model in published_models(target)}
    sql = statement(wanted, published=wanted.model in models)
    try:
        result = open_result(target, run(target, sql))
    except NrtiError as error:
        if wanted.where is None or error.hint or error.exit_status is not ExitStatus.FAILED:
            raise
        line = sql[: sql.index(wanted.where)].count("\n") + 1
        raise NrtiError(error.message, hint=f"check --where, which begins in line {line}") from error
    rows = pa.Table.from_batches(result.batches, result.schema)
    if not rows.num_rows:
        raise NrtiError("the lake has no such labelled predictions", hint=_HINT)
    shape = _shape(rows, wanted)
    return _dataset(rows, shape, _schema(target, models.get(shape.model), shape), sql)


def statement(wanted: Wanted, *, published: bool) -> str:
    """The query in Athena's SQL.

    Args:
        wanted: which predictions.
        published: whether the model that is trained is.
    """
    conditions = []
    if not wanted.chooses_models:
        conditions.append(f"model = {quoted(wanted.model)}" if published else "not coalesce(shadow, false)")
    if wanted.since:
        conditions += predicted_since(wanted.since)
    if wanted.where:
        conditions.append(f"(\n{wanted.where}\n)")
    return _SQL.format(conditions="".join(f"\n    and {condition}" for condition in conditions))


@dataclass(frozen=True)
class _Shape:
    """What the rows have in common.

    Attributes:
        model: that scored them, or the first of several.
        length: of a sequence.
        channels: values at a time; None for a flat sequence.
    """

    model: str
    length: int
    channels: int | None

    def __str__(self) -> str:
        """As in events: `3 values` or `30 x 2 values`."""
        size = f"{self.length // self.channels} x {self.channels}" if self.channels else str(self.length)
        return f"{size} values by model {self.model}"


def _shape(rows: pa.Table, wanted: Wanted) -> _Shape:
    """The shape of all sequences.

    Raises:
        NrtiError: there are several, or several models without a choice.
    """
    commas = pc.count_substring(rows["data"], ",")
    shapes = pa.table({"model": rows["model"], "commas": commas, "channels": rows["channels"]})
    counted = shapes.group_by(list(shapes.column_names)).aggregate([([], "count_all")]).to_pylist()
    found = {
        _Shape(each["model"], each["commas"] + 1, each["channels"]): each["count_all"] for each in counted
    }
    first = max(found, key=lambda shape: (found[shape], shape.model))
    alike = {(shape.length, shape.channels) for shape in found} == {(first.length, first.channels)}
    if alike and (len(found) == 1 or wanted.chooses_models):
        return first
    raise NrtiError(
        "the labelled predictions are not of one kind: "
        + ", ".join(sorted(f"{count:,} with {shape}" for shape, count in found.items())),
        hint=f"choose with --where \"model = '{first.model}' and cardinality(data) = {first.length}\"",
    )


def _schema(target: Target, model: PublishedModel | None, shape: _Shape) -> Schema | None:
    """The inputs that the model declares, if they are of this shape; else those of the channels."""
    declared = inputs_of(target, model) if model else None
    width = len(declared.features) if declared else 0
    if declared and declared.length == shape.length and shape.channels in (None, width):
        return declared
    if not shape.channels:
        return None
    names = tuple(f"channel {number}" for number in range(1, shape.channels + 1))
    return Schema(features=names, window=shape.length // shape.channels)


def _dataset(rows: pa.Table, shape: _Shape, schema: Schema | None, sql: str) -> Dataset:
    labels = rows["truth"].to_numpy().astype(np.int8)
    times = rows["moment"].to_numpy().astype(np.int64)
    return Dataset(
        origin="the lake",
        features=_names(schema, shape.length),
        sequences=_values(rows["data"], shape.length),
        labels=labels,
        label=schema.label if schema else "truth",
        schema=schema,
        groups=rows["sensor"].combine_chunks().dictionary_encode(),
        times=times,
        remarks=(_remark(labels, times),),
        lineage={"query": sql.strip(), "lake_rows": len(labels)},
    )


def _remark(labels: NDArray[np.int8], times: NDArray[np.int64]) -> str:
    first, last = (datetime.fromtimestamp(moment / 1000, UTC) for moment in (times[0], times[-1]))
    period = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    return f"{len(labels):,} labelled events of the lake, {labels.sum():,} failures, {period}"


def _names(schema: Schema | None, length: int) -> tuple[str, ...]:
    if schema is None:
        return tuple(f"x{number}" for number in range(1, length + 1))
    return window_names(schema.features, schema.window) if schema.window else schema.features


def _values(lists: pa.ChunkedArray[Any], length: int) -> NDArray[np.float64]:
    """The numbers of equally long arrays, which Athena writes as `[1.0, 2.5]`."""
    texts = pc.utf8_slice_codeunits(lists.combine_chunks(), 1, -1)
    numbers = pc.split_pattern(texts, ", ").flatten().cast(pa.float64())
    values: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False).reshape(-1, length)
    return values


def beside(earlier: Dataset, lake_rows: Dataset) -> Dataset:
    """The rows of a file and those of the lake; a file without times is earlier than the lake.

    Raises:
        NrtiError: the sequences differ in length.
    """
    if len(earlier.features) != len(lake_rows.features):
        raise NrtiError(
            f"{earlier.origin} gives sequences of {len(earlier.features)} values, "
            f"but those of the lake have {len(lake_rows.features)}",
            hint="use the file of the model's training data, or choose events with --where",
        )
    assert lake_rows.times is not None  # noqa: S101 (events have times)
    before = np.full(len(earlier.labels), lake_rows.times[0] - 1, dtype=np.int64)
    times = before if earlier.times is None else earlier.times
    groups = [_groups(earlier), _groups(lake_rows)]
    return replace(
        earlier,
        origin=f"{earlier.origin} and the lake",
        sequences=np.concatenate((earlier.values, lake_rows.values)),
        labels=np.concatenate((earlier.labels, lake_rows.labels)),
        groups=pa.chunked_array(groups).unify_dictionaries().combine_chunks(),
        times=np.concatenate((times, lake_rows.times)),
        remarks=(*earlier.remarks, *lake_rows.remarks),
        lineage={**lake_rows.lineage, "file": earlier.origin},
    )


def _groups(rows: Dataset) -> Column:
    """The group of each row; the rows of a file without groups are one."""
    if rows.groups is not None:
        return rows.groups
    return pa.DictionaryArray.from_arrays(np.zeros(len(rows.labels), dtype=np.int32), [rows.origin])
