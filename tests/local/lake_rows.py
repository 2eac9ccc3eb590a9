"""Puts predictions into the lake, as Firehose does, without sending events."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs

_MILLISECONDS = pa.timestamp("ms")


def put(
    target: Target,
    model: str,
    version: str,
    times: Sequence[datetime],
    rows: Sequence[Sequence[float]],
    probabilities: Sequence[float],
    predictions: Sequence[bool],
    sensors: Sequence[str],
) -> None:
    """Adds a file with a prediction for each row."""
    naive = [time.astimezone(UTC).replace(tzinfo=None) for time in times]
    moments = pa.array(naive, _MILLISECONDS)
    columns: dict[str, Any] = {
        "event_id": [f"{time:%f}-{number}" for number, time in enumerate(times)],
        "sensor": list(sensors),
        "model": [model] * len(rows),
        "event_time": moments,
        "prediction": pa.array(map(int, predictions), pa.int32()),
        "probability": pa.array(probabilities, pa.float64()),
        "data": pa.array([list(row) for row in rows], pa.list_(pa.float64())),
        "received_time": moments,
        "predicted_time": moments,
        "version": [version] * len(rows),
        "rescored": [False] * len(rows),
    }
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    key = f"predictions/day={times[0].astimezone(UTC):%Y-%m-%d}/{model}-{times[0]:%H%M%S%f}.parquet"
    bucket = outputs(target).lake_bucket
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=file.getvalue())
