# ruff: noqa: S608 (SQL with days of the benchmark's own)
"""Queries of the lake: whole results beside other clients of Athena, and how time grows with the lake."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.lake import fill
from benchmarks.report import Measurement
from benchmarks.system import NRTI, addressed, interleaved_medians, median_seconds, own_home, seconds, target
from nrti_cli.athena.result import open_result
from nrti_cli.aws.athena import Athena, Execution
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import Outputs, outputs

#: Where `make bench` installs the other clients.
_PYTHON = Path(sys.prefix).with_name(f"{Path(sys.prefix).name}-clients") / "bin" / "python"
_PROGRAM = Path(__file__).with_name("athena_peers.py")
_SMALL, _LARGE, _HUGE = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)
_DAYS = 500
_FIVE = "select event_id, sensor, event_time, prediction, probability from predictions where day = '{}'"
_FOUR = (
    f"select prediction, probability > 0.5, count(*) from predictions where day = '{_SMALL}' group by 1, 2"
)
_GROUPED = "select sensor, count(*), sum(prediction) from predictions where day = '{}' group by sensor"


def run() -> list[Measurement]:
    with own_home() as home:
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        aws = target()
        stack = outputs(aws)
        for day, rows, files in ((_SMALL, 100_000, 20), (_LARGE, 200_000, 8), (_HUGE, 5_000_000, 25)):
            fill(aws, stack, day, rows, files)
        with addressed(aws):
            return [
                *_whole_results(stack, home),
                _fetching(aws, stack),
                _memory(home),
                _first_rows(),
                _few_rows(stack, home),
                _grouped(),
                *_growth(aws, stack),
            ]


def _whole_results(stack: Outputs, home: Path) -> Iterator[Measurement]:
    """Those that page are several times slower, and run once."""
    sql = _FIVE.format(_LARGE)
    for format_, paging in (("csv", {"boto3 paging": "paging", "PyAthena": "cursor"}), ("parquet", {})):
        file = str(home / f"rows.{format_}")
        fast = {"PyAthena's Arrow cursor": "arrow", "awswrangler": "awswrangler"}
        peers = [_peer(client, sql, stack, file) for client in fast.values()]
        ours, *others = interleaved_medians([NRTI, "query", sql, "-o", file], *peers, repeats=2)
        slow = [seconds(*_peer(client, sql, stack, file)) for client in paging.values()]
        beside = zip((*fast, *paging), (*others, *slow), strict=True)
        yield Measurement(
            f"200,000 rows of five columns to {format_}, whole process",
            f"{ours:.2f} s",
            "ahead of every peer",
            ours < min(others),
            "; ".join(f"{name} {taken:.2f} s" for name, taken in beside),
        )


def _peer(client: str, sql: str, stack: Outputs, file: str) -> list[str]:
    results = f"s3://{stack.lake_bucket}/athena-results/"
    return [str(_PYTHON), str(_PROGRAM), client, sql, stack.database, stack.workgroup, results, file]


def _fetching(aws: Target, stack: Outputs) -> Measurement:
    execution = _execute(aws, stack, _FIVE.format(_LARGE))
    ours = statistics.median(_fetch(aws, execution) for _ in range(5))
    began = time.perf_counter()
    pages = aws.client("athena").get_paginator("get_query_results")
    rows = sum(len(page["ResultSet"]["Rows"]) for page in pages.paginate(QueryExecutionId=execution.id))
    paging = time.perf_counter() - began
    assert rows == 200_001
    return Measurement(
        "fetching these rows",
        f"{ours * 1000:.0f} ms",
        ">= 50 times faster than boto3 paging",
        paging >= 50 * ours,
        f"boto3 paging {paging:.2f} s, ratio {paging / ours:.0f}",
    )


def _fetch(aws: Target, execution: Execution) -> float:
    began = time.perf_counter()
    assert sum(batch.num_rows for batch in open_result(aws, execution).batches) == 200_000
    return time.perf_counter() - began


def _execute(aws: Target, stack: Outputs, sql: str) -> Execution:
    return Athena(aws).run(sql, workgroup=stack.workgroup, database=stack.database)


def _memory(home: Path) -> Measurement:
    command = [NRTI, "query", _FIVE.format(_HUGE), "-o", str(home / "rows.parquet")]
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    megabytes = usage.ru_maxrss / 1024
    return Measurement(
        "5,000,000 rows to parquet, memory",
        f"{megabytes:.0f} MB",
        "<= 500 MB",
        megabytes <= 500,
        f"{time.perf_counter() - began:.1f} s",
    )


def _first_rows() -> Measurement:
    """Measures what the table takes beyond the query itself, whose time is in the footer."""
    command = [NRTI, "query", _FIVE.format(_HUGE)]
    began = time.perf_counter()
    footer = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    whole = time.perf_counter() - began
    query = float(re.findall(r"([\d.]+) s ·", footer)[-1])
    return Measurement(
        "the first 100 of 5,000,000 rows on the screen, beyond the query itself",
        f"{whole - query:.2f} s",
        "<= 1 s",
        whole - query <= 1,
        f"the query {query:.1f} s",
    )


def _few_rows(stack: Outputs, home: Path) -> Measurement:
    file = str(home / "few.csv")
    peers = [_peer(client, _FOUR, stack, file) for client in ("paging", "cursor")]
    ours, boto3, pyathena = interleaved_medians([NRTI, "query", _FOUR], *peers, repeats=5)
    return Measurement(
        "four rows as a table, whole process",
        f"{ours:.2f} s",
        "<= 0.4 s",
        ours <= 0.4,
        f"boto3 {boto3:.2f} s; PyAthena, which asks once a second, {pyathena:.2f} s",
    )


def _grouped() -> Measurement:
    taken = median_seconds(NRTI, "query", _GROUPED.format(_SMALL), repeats=7)
    return Measurement(
        "100,000 rows in 20 files, group by, whole process", f"{taken:.2f} s", "<= 1 s", taken <= 1
    )


def _growth(aws: Target, stack: Outputs) -> Iterator[Measurement]:
    sql = _GROUPED.format(_SMALL)
    alone = _engine_ms(aws, stack, sql)
    _declare_from(aws, stack, date(2020, 1, 1))
    for number in range(_DAYS):
        fill(aws, stack, date(2020, 1, 1) + timedelta(days=number), 10)
    among = _engine_ms(aws, stack, sql)
    yield Measurement(
        f"the query for one day among {_DAYS} others",
        f"{among:.0f} ms",
        "<= 1.25 times the time among three days",
        among <= 1.25 * alone,
        f"among three days {alone:.0f} ms",
    )
    rows = {
        f"{each:,}": _of_a_day(aws, stack, index, each, 1) for index, each in enumerate((10**4, 10**5, 10**6))
    }
    yield _grown("a group by over rows in one file", rows)
    files = {
        f"{each:,}": _of_a_day(aws, stack, 10 + index, 10**5, each) for index, each in enumerate((1, 10, 100))
    }
    yield _grown("a group by over 100,000 rows in files", files)


def _declare_from(aws: Target, stack: Outputs, first: date) -> None:
    """Makes the table's days begin earlier."""
    glue = aws.client("glue")
    table = glue.get_table(DatabaseName=stack.database, Name="predictions_raw")["Table"]
    declared = {**table["Parameters"], "projection.day.range": f"{first},NOW+1DAY"}
    members = ("Name", "TableType", "PartitionKeys", "StorageDescriptor")
    table_input = {**{name: table[name] for name in members}, "Parameters": declared}
    glue.update_table(DatabaseName=stack.database, TableInput=table_input)


def _of_a_day(aws: Target, stack: Outputs, number: int, rows: int, files: int) -> float:
    day = date(2026, 9, 1) + timedelta(days=number)
    fill(aws, stack, day, rows, files)
    return _engine_ms(aws, stack, _GROUPED.format(day))


def _grown(what: str, taken: dict[str, float]) -> Measurement:
    *_, (most, longest) = taken.items()
    return Measurement(
        f"{what}: {most}",
        f"{longest:.0f} ms",
        "<= 1 s",
        longest <= 1000,
        "; ".join(f"{size}: {milliseconds:.0f} ms" for size, milliseconds in taken.items()),
    )


def _engine_ms(aws: Target, stack: Outputs, sql: str) -> float:
    """As Athena reports it; the first query of a file, which learns its schema, does not count."""
    return statistics.median([_execute(aws, stack, sql).milliseconds for _ in range(8)][1:])
