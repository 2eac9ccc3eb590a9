"""A table's objects as files that DuckDB reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from nrti_local.athena.catalog.objects import StoredObject
from nrti_local.athena.catalog.tables import GlueTable, Store


class LocalFiles:
    """Gives objects paths in the file system, and copies them only if necessary.

    Args:
        store: the objects.
        scratch: a directory for copies.
    """

    def __init__(self, store: Store, scratch: Path) -> None:
        self._store = store
        self._scratch = scratch
        self._numbers = itertools.count()

    def of(self, table: GlueTable, objects: Iterable[StoredObject]) -> list[Path]:
        """Returns the files, in paths with Hive's names of partitions: `…/day=2026-11-22/…`."""
        found = (self._file(table, each) for each in objects)
        return [path for path in found if path]

    def _file(self, table: GlueTable, each: StoredObject) -> Path | None:
        path = self._store.file(each.bucket, each.key, each.size)
        folders = [f"{k['Name']}={quote(v)}" for k, v in zip(table.partition_keys, each.values, strict=True)]
        if path and set(folders) <= set(path.parts):
            return path
        name = each.key.rpartition("/")[2]  # DuckDB recognises compressed text by the file's extension
        copy = self._scratch.joinpath(str(next(self._numbers)), *folders, name)
        copy.parent.mkdir(parents=True)
        if path:
            copy.symlink_to(path)
            return copy
        content = self._store.content(each.bucket, each.key)
        if content is None:  # deleted since it was listed
            return None
        copy.write_bytes(content)
        return copy
