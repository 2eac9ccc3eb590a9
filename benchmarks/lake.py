"""A lake of random predictions, in files as Firehose writes them."""

from __future__ import annotations

import io
from datetime import date, datetime

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import Outputs

SENSORS = 50


def fill(aws: Target, stack: Outputs, day: date, rows: int, files: int = 1, version: str = "") -> None:
    """Puts so many rows into a day, in so many files, as predictions of a model's version."""
    for number in range(files):
        aws.client("s3").put_object(
            Bucket=stack.lake_bucket,
            Key=f"predictions/day={day}/{number}.parquet",
            Body=_file(day, rows // files, number, version),
        )


def _file(day: date, rows: int, seed: int, version: str) -> bytes:
    random = np.random.default_rng(seed)
    midnight = np.datetime64(datetime(day.year, day.month, day.day), "ms")
    times = pa.array(midnight + np.sort(random.integers(0, 86_400_000, rows)).astype("timedelta64[ms]"))
    data = pa.array(random.integers(0, 100, 3 * rows).astype(float))
    table = pa.table(
        {
            "event_id": [f"{seed:08x}-7000-8000-{number:012x}" for number in range(rows)],
            "sensor": [f"sensor-{number % SENSORS}" for number in range(rows)],
            "model": pa.array(["failure-v1"] * rows),
            "event_time": times,
            "prediction": pa.array(random.integers(0, 2, rows), pa.int32()),
            "probability": random.random(rows),
            "data": pa.FixedSizeListArray.from_arrays(data, 3).cast(pa.list_(pa.float64())),
            "received_time": times,
            "predicted_time": times,
            "version": [version] * rows,
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file, compression="snappy")
    return file.getvalue()
