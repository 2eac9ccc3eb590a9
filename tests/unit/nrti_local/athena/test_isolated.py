"""A long statement is done in a process of its own, and that process ends when it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from nrti_local.athena.engine import QueryResult
from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.isolated import LONG, IsolatedEngine, statement_type
from tests.unit.nrti_local.athena.memory_store import DAYS, MemoryStore, key, predictions
from tests.waiting import eventually

FILLED = {key(day): predictions(day) for day in DAYS}
#: As many columns as fit into Athena's quota of a statement's length.
WIDE = f"select {','.join(['1'] * 131_000)}"


@contextmanager
def isolated(sql: str, scratch: Path) -> Iterator[IsolatedEngine]:
    found = IsolatedEngine(sql, "nrti", MemoryStore(contents=FILLED), scratch)
    try:
        yield found
    finally:
        found.close()


def _children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if IsolatedEngine.__module__ in each.cmdline()]


def test_it_reads_what_the_server_has(tmp_path: Path) -> None:
    many = ", ".join(f"'other-{number}'" for number in range(LONG // 10))
    sql = f"select count(*) as n, {many} from predictions where sensor not in ({many})"  # noqa: S608
    with isolated(sql, tmp_path) as one:
        result = one.perform()

    assert isinstance(result, QueryResult)
    assert result.rows.read_bytes().startswith(b'"30","other-0"')
    assert result.columns[0].name == "n"
    assert not _children()


def test_what_is_wrong_is_said_as_ever(tmp_path: Path) -> None:
    with isolated("select foo from predictions", tmp_path) as one:  # noqa: SIM117
        with pytest.raises(AthenaError, match="COLUMN_NOT_FOUND: line 1:8: Column 'foo' cannot be resolved"):
            one.perform()
    with pytest.raises(MalformedQueryError, match="line 1:1: mismatched input 'selec'"):
        statement_type("selec 1")
    with pytest.raises(MalformedQueryError, match="statement is too large"):
        statement_type(f"select {'(' * 5000}1{')' * 5000}")


def test_one_that_takes_long_ends_when_it_is_stopped(tmp_path: Path) -> None:
    said: list[AthenaError] = []

    def perform(one: IsolatedEngine) -> None:
        with pytest.raises(AthenaError) as raised:
            one.perform()
        said.append(raised.value)

    with isolated(WIDE, tmp_path) as one:
        (process,) = _children()
        thread = threading.Thread(target=perform, args=(one,))
        thread.start()
        eventually(process.cpu_times, lambda times: times.user > 0.5)
        one.interrupt()
        thread.join()
        eventually(process.is_running, lambda runs: not runs or process.status() == "zombie")

    assert [str(error) for error in said] == ["Query was cancelled by user"]
