"""A table `outcomes` in memory, for the queries that read the view of that name."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from nrti_local.athena.engine import Engine
from nrti_local.athena.sql import parse
from tests.unit.nrti_local.athena.memory_store import BUCKET, MemoryStore, key

DAY = date(2026, 11, 20)
#: The columns of predictions, with the truth and its time.
COLUMNS = {
    "event_id": ("string", pa.string()),
    "sensor": ("string", pa.string()),
    "model": ("string", pa.string()),
    "event_time": ("timestamp", pa.timestamp("ms")),
    "prediction": ("int", pa.int32()),
    "probability": ("double", pa.float64()),
    "data": ("array<double>", pa.list_(pa.float64())),
    "received_time": ("timestamp", pa.timestamp("ms")),
    "predicted_time": ("timestamp", pa.timestamp("ms")),
    "score": ("double", pa.float64()),
    "label": ("string", pa.string()),
    "version": ("string", pa.string()),
    "channels": ("int", pa.int32()),
    "rescored": ("boolean", pa.bool_()),
    "shadow": ("boolean", pa.bool_()),
    "truth": ("int", pa.int32()),
    "labelled_time": ("timestamp", pa.timestamp("ms")),
}


def outcomes(rows: int, **columns: Any) -> pa.Table:
    """So many rows; columns that are not given have one value, or none."""
    at = np.datetime64("2026-11-20T00:00:00", "ms") + np.arange(rows)
    given = {
        "event_id": [f"{number:09d}" for number in range(rows)],
        "sensor": ["robot-1"] * rows,
        "model": ["m"] * rows,
        "event_time": at,
        "predicted_time": at,
        "received_time": at,
        "version": ["20261120000000000"] * rows,
        **columns,
    }
    arrays = [pa.array(given.get(name, [None] * rows), kind) for name, (_, kind) in COLUMNS.items()]
    return pa.Table.from_arrays(arrays, names=list(COLUMNS))


def run(sql: str, rows: pa.Table, scratch: Path, day: date = DAY) -> list[dict[str, str]]:
    """What the embedded Athena answers to a query of these rows, which were delivered on one day.

    The scratch directory gets one for each query.
    """
    definition = {
        "Name": "outcomes",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
        "Parameters": {
            "classification": "parquet",
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.range": "2026-01-01,2029-12-31",
            "projection.day.format": "yyyy-MM-dd",
            "storage.location.template": f"s3://{BUCKET}/predictions/day=${{day}}/",
        },
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, (kind, _) in COLUMNS.items()],
            "Location": f"s3://{BUCKET}/predictions/",
        },
    }
    file = io.BytesIO()
    parquet.write_table(rows, file)
    store = MemoryStore(definition, contents={key(day): file.getvalue()})
    engine = Engine(sql, "nrti", store, Path(mkdtemp(dir=scratch)))
    try:
        result = engine.run(parse(sql))
        names = [column.name for column in result.columns]
        return list(csv.DictReader(io.StringIO(result.rows.read_text()), names))
    finally:
        engine.close()
