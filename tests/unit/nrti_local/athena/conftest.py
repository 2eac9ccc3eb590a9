"""Runs statements on parquet objects that are only in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nrti_local.athena.engine import Engine, QueryResult
from nrti_local.athena.executions.results import csv_row, page
from nrti_local.athena.sql import parse
from tests.unit.nrti_local.athena.memory_store import DAYS, MemoryStore, key, predictions

FILLED = {key(day): predictions(day) for day in DAYS}


@dataclass(frozen=True)
class Ran:
    result: QueryResult
    rows: list[list[str | None]]

    @property
    def columns(self) -> list[tuple[str, str]]:
        return [(column.name, column.type) for column in self.result.columns]


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    engines: list[Engine] = []

    def execute(sql: str, store: MemoryStore | None = None) -> Ran:
        scratch = tmp_path / str(len(engines))
        scratch.mkdir()
        made = Engine(sql, "nrti", store or MemoryStore(contents=FILLED), scratch)
        engines.append(made)
        result = made.run(parse(sql))
        return Ran(result, _values(result.rows.read_bytes()))

    yield execute
    for made in engines:
        made.close()


def _values(content: bytes) -> list[list[str | None]]:
    return page(content, csv_row, 0, 1000)[0]
