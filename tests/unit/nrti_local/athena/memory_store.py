"""A catalog and objects in memory, with a table of predictions, for the tests of the embedded Athena."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from nrti_local.athena.catalog.tables import GlueTable

BUCKET = "lake"
COLUMNS = {
    "event_id": "string",
    "sensor": "string",
    "model": "string",
    "event_time": "timestamp",
    "prediction": "int",
    "probability": "double",
    "data": "array<double>",
    "received_time": "timestamp",
    "predicted_time": "timestamp",
}
DAYS = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]


def glue_table(bucket: str = BUCKET, day: str = "date") -> dict[str, Any]:
    """The TableInput of the predictions, with projected days."""
    return {
        "Name": "predictions",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "day", "Type": day}],
        "Parameters": {
            "classification": "parquet",
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.range": "2024-01-01,2029-12-31",
            "projection.day.format": "yyyy-MM-dd",
            "storage.location.template": f"s3://{bucket}/predictions/day=${{day}}/",
        },
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()],
            "Location": f"s3://{bucket}/predictions/",
        },
    }


def predictions(day: date, count: int = 10) -> bytes:
    """A parquet object with a day's rows: the probability of row n is n / count."""
    noon = datetime(day.year, day.month, day.day, 12, 0, 1, 123000)
    times = pa.array([noon + timedelta(seconds=n) for n in range(count)], pa.timestamp("ms"))
    table = pa.table(
        {
            "event_id": [f"{day}-{n}" for n in range(count)],
            "sensor": [f"sensor-{n % 3}" for n in range(count)],
            "model": ["failure-v1"] * count,
            "event_time": times,
            "prediction": pa.array([n % 2 for n in range(count)], pa.int32()),
            "probability": [n / count for n in range(count)],
            "data": [[1.0, 2.5, float(n)] for n in range(count)],
            "received_time": times,
            "predicted_time": times,
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def key(day: date, name: str = "a.parquet") -> str:
    """Where a day's object lies."""
    return f"predictions/day={day}/{name}"


class MemoryStore:
    """The Store of the tests.

    Attributes:
        contents: the objects by key.
        registered: the partitions of tables, by the table's name.
        opened: the keys that were read.
        listed: the prefixes whose objects were listed.
    """

    def __init__(self, *tables: dict[str, Any], contents: dict[str, bytes] | None = None) -> None:
        self._tables = {table["Name"]: table for table in tables or [glue_table()]}
        self.contents = contents or {}
        self.registered: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.opened: list[str] = []
        self.listed: list[str] = []

    def has_database(self, name: str) -> bool:
        return name == "nrti"

    def databases(self) -> list[str]:
        return ["nrti"]

    def tables(self, database: str) -> list[str]:
        return sorted(self._tables) if self.has_database(database) else []

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        return self._tables.get(name) if self.has_database(database) else None

    def objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        self.listed.append(prefix)
        found = self.contents.items() if bucket == BUCKET else []
        return [(each, len(content)) for each, content in found if each.startswith(prefix)]

    def folders(self, bucket: str, prefix: str) -> list[str]:  # noqa: ARG002
        rests = [key.removeprefix(prefix) for key in self.contents if key.startswith(prefix)]
        return sorted({f"{prefix}{rest.partition('/')[0]}/" for rest in rests if "/" in rest})

    def put(self, bucket: str, key: str, content: bytes) -> None:
        assert bucket == BUCKET
        self.contents[key] = content

    def create_table(self, database: str, table_input: dict[str, Any]) -> None:  # noqa: ARG002
        self._tables[table_input["Name"]] = table_input

    def drop_table(self, database: str, name: str) -> None:  # noqa: ARG002
        del self._tables[name]

    def partitions(self, database: str, name: str) -> list[tuple[tuple[str, ...], str]]:  # noqa: ARG002
        return self.registered.get(name, [])

    def add_partitions(self, table: GlueTable, partitions: list[tuple[tuple[str, ...], str]]) -> None:
        self.registered.setdefault(table.name[1], []).extend(partitions)

    def drop_partition(self, table: GlueTable, values: tuple[str, ...]) -> None:
        kept = [each for each in self.registered[table.name[1]] if each[0] != values]
        self.registered[table.name[1]] = kept

    def file(self, bucket: str, key: str, size: int) -> Path | None:  # noqa: ARG002
        return None

    def content(self, bucket: str, key: str) -> bytes | None:  # noqa: ARG002
        self.opened.append(key)
        return self.contents.get(key)
