"""Training data from the lake: the labelled predictions, with the sequences that were scored.

Each event counts once, however many models and versions scored it: as shadows, or again later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nrti_cli.athena.result import open_result
from nrti_cli.athena.rows import run
from nrti_cli.counts import show_count
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.models.endpoint import published as published_models
from nrti_cli.models.training import lake_inputs
from nrti_cli.models.training.dataset import Dataset, window_names
from nrti_cli.models.training.lake_query import statement
from nrti_cli.tables.faults import listed
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.models.training.lake_query import Wanted

_HINT = "label predictions with nrti label, or choose an earlier --since"


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
    schema, remarks = _schema(target, models.get(shape.model), shape, rows)
    return _dataset(rows, shape, schema, remarks, sql)


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

    def fits(self, inputs: Schema) -> bool:
        """Whether inputs are of this shape."""
        return inputs.length == self.length and self.channels in (None, len(inputs.features))

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


def _schema(
    target: Target, model: PublishedModel | None, shape: _Shape, rows: pa.Table
) -> tuple[Schema | None, tuple[str, ...]]:
    """The inputs as the versions that scored the rows declared them, else of the channels; and remarks."""
    scored = rows.group_by(["model", "version"]).aggregate([([], "count_all")]).to_pylist()
    counts = {(each["model"], each["version"]): each["count_all"] for each in scored}
    found = [each for each in lake_inputs.of_versions(target, counts) if shape.fits(each[1])]
    if found:
        (_, first), *others = found
        return first, tuple(
            _renamed(*other, first) for other in others if other[1].features != first.features
        )
    if known := lake_inputs.of_model(target, shape.model, model, shape.fits):
        return known, ()
    if not shape.channels:
        return None, ()
    names = tuple(f"channel {number}" for number in range(1, shape.channels + 1))
    return Schema(features=names, window=shape.length // shape.channels), ()


def _renamed(version: lake_inputs.Version, other: Schema, first: Schema) -> str:
    return (
        f"version {version[1]} of {version[0]} took {listed(other.features)}, not {listed(first.features)}; "
        f"to leave its rows out, use --where \"version <> '{version[1]}'\""
    )


def _dataset(
    rows: pa.Table, shape: _Shape, schema: Schema | None, remarks: tuple[str, ...], sql: str
) -> Dataset:
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
        remarks=(_remark(labels, times), *remarks),
        lineage={"query": sql.strip(), "lake_rows": len(labels)},
    )


def _remark(labels: NDArray[np.int8], times: NDArray[np.int64]) -> str:
    first, last = (datetime.fromtimestamp(moment / 1000, UTC) for moment in (times[0], times[-1]))
    period = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    events, failures = show_count(len(labels), "labelled event"), show_count(int(labels.sum()), "failure")
    return f"{events} of the lake, {failures}, {period}"


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
