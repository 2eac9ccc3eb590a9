"""ministack's Glue catalogue and S3 objects, as Athena's engine wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import athena, glue, s3


class MinistackStore:
    """Reads ministack's own memory; within one request's account and region."""

    def has_database(self, name: str) -> bool:
        """Whether the catalogue has the database."""
        return name in glue._databases  # noqa: SLF001 (there is no public way in the process)

    def databases(self) -> list[str]:
        """The names of all databases."""
        return sorted(glue._databases)  # noqa: SLF001

    def tables(self, database: str) -> list[str]:
        """The names of a database's tables."""
        prefix = f"{database}/"
        return sorted(key.removeprefix(prefix) for key in glue._tables if key.startswith(prefix))  # noqa: SLF001

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """A table as Glue's GetTable returns it."""
        definition: dict[str, Any] | None = glue._tables.get(f"{database}/{name}")  # noqa: SLF001
        return definition

    def objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """The key and the size in bytes of each object under a prefix."""
        found = s3._buckets.get(bucket) or {"objects": {}}  # noqa: SLF001
        # list() copies in one step: requests on the server's thread add objects meanwhile.
        return [
            (key, int(stored["size"]))
            for key, stored in list(found["objects"].items())
            if key.startswith(prefix)
        ]

    def file(self, bucket: str, key: str) -> Path | None:
        """The file that holds the object: ministack keeps an object under its own key where it can."""
        stored = s3._buckets[bucket]["objects"].get(key)  # noqa: SLF001
        path = Path(s3.DATA_DIR, get_account_id(), bucket, key)
        in_memory = not s3.S3_PERSIST or stored is None or stored["body"] is not None
        return None if in_memory or not path.is_file() else path

    def content(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes."""
        content: bytes | None = s3._get_object_data(bucket, key)  # noqa: SLF001
        return content

    def foreign_relation(self, definition: dict[str, Any], files: list[str]) -> str | None:
        """DuckDB's relation of a CSV or JSON table, as ministack makes it; None for parquet."""
        if athena._data_format(definition) == "parquet":  # noqa: SLF001
            return None
        return str(athena._table_relation(definition, files))  # noqa: SLF001
