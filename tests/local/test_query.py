# ruff: noqa: S608 (the tests' SQL)
"""`nrti query` as a user types it, on the deployed stack."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from nrti_cli.aws.target import Target
from nrti_cli.stack.names import database_name, workgroup_name
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.local.own import NRTI
from tests.unit.nrti_local.athena.memory_store import key, predictions
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

DAY = date(2026, 3, 1)
#: Days of their own, which no other test of the stack's lake counts.
WHERE = f"where day in ('{DAY}', '2026-03-02')"
ENDLESS = (
    "select count(*) from unnest(sequence(1, 10000)) a(x) cross join unnest(sequence(1, 10000)) b(y) "
    "cross join unnest(sequence(1, 10000)) c(z) where x + y + z = 0"
)


@pytest.fixture(scope="module", autouse=True)
def lake(pipeline: Target) -> None:
    """Twenty-five thousand rows on one day and ten on the next."""
    bucket, client = outputs(pipeline).lake_bucket, pipeline.client("s3")
    client.put_object(Bucket=bucket, Key=key(DAY), Body=predictions(DAY, 25_000))
    client.put_object(Bucket=bucket, Key=key(date(2026, 3, 2)), Body=predictions(date(2026, 3, 2)))


def test_a_table_with_a_footer(nrti: Nrti) -> None:
    done = nrti(
        "query",
        f"select sensor, count(*), null as n from predictions {WHERE} group by sensor order by 1",
    )

    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["sensor", "_col1", "n"]
    assert lines[2:] == [[f"sensor-{n}", count, "NULL"] for n, count in enumerate(["8338", "8336", "8336"])]
    assert "3 rows · " in done.stderr
    assert "scanned" in done.stderr
    assert "$" not in done.stderr


def test_a_long_table_is_cut_and_says_so(nrti: Nrti) -> None:
    sql = f"select event_id from predictions {WHERE}"

    assert "the first 100 rows, there are more (--max-rows)" in nrti("query", sql).stderr
    five = nrti("query", sql, "--max-rows", "5")
    assert len(five.stdout.splitlines()) == 2 + 5
    assert "the first 5 rows" in five.stderr


def test_no_rows_is_an_answer(nrti: Nrti) -> None:
    done = nrti("query", "select sensor, probability from predictions where day = '2026-01-01'")

    assert done.stdout.split()[:2] == ["sensor", "probability"]
    assert "0 rows" in done.stderr


def test_a_large_result_is_complete_in_every_format(nrti: Nrti, tmp_path: Path) -> None:
    sql = f"select event_id, event_time, data, probability from predictions {WHERE} order by 2, 1"
    lines = nrti("query", sql, "--format", "json").stdout.splitlines()
    as_csv = list(csv.reader(io.StringIO(nrti("query", sql, "--format", "csv").stdout)))
    path = tmp_path / "out.parquet"
    done = nrti("query", sql, "-o", str(path))

    assert done.returncode == 0, done.stderr
    assert "25,010 rows" in done.stderr
    assert json.loads(lines[0]) == {
        "event_id": "2026-03-01-0",
        "event_time": "2026-03-01T12:00:01.123",
        "data": [1.0, 2.5, 0.0],
        "probability": 0.0,
    }
    assert as_csv[:2] == [
        ["event_id", "event_time", "data", "probability"],
        ["2026-03-01-0", "2026-03-01 12:00:01.123", "[1.0, 2.5, 0.0]", "0"],
    ]
    assert len(lines) == len(as_csv) - 1 == parquet.read_table(path).num_rows == 25_010
    assert [each.name for each in tmp_path.iterdir()] == ["out.parquet"]


def test_the_query_may_come_from_a_file_or_from_stdin(nrti: Nrti, tmp_path: Path) -> None:
    sql = tmp_path / "x.sql"
    sql.write_text("-- how many\nselect 42 as answer;\n")

    assert "42" in nrti("query", "--file", str(sql)).stdout
    assert "43" in nrti("query", "--file", "-", input="select 43").stdout


def test_statements_about_the_catalog(nrti: Nrti) -> None:
    assert "predictions" in nrti("query", "show tables").stdout
    assert "array<double>" in nrti("query", "describe predictions").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["select foo from predictions"], "line 1:8: Column 'foo' cannot be resolved"),
        (["select * from nope"], "line 1:15: Table 'awsdatacatalog.nrti.nope' does not exist"),
        (["select *\nfrom"], "line 2:5: mismatched input '<EOF>'"),
        (["selec 1"], "nrti query only reads: 'selec' is not SELECT"),
        (["copy predictions to '/tmp/x'"], "nrti query only reads: 'copy' is not SELECT"),
        (["drop table predictions"], "nrti query only reads: 'drop' is not SELECT"),
        (["select 1; drop table predictions"], "Only one sql statement is allowed"),
        (
            ["select cast(sensor as integer) from predictions where day = '2026-03-02'"],
            "Cannot cast 'sensor-",
        ),
        ([], "there is no query"),
        ([" "], "the query is empty"),
        (["select 1", "--file", "x.sql"], "there is no query"),
        (["--file", "/nowhere/x.sql"], "/nowhere/x.sql cannot be read (No such file or directory)"),
        (
            ["select 1", "-o", "/nowhere/x.csv"],
            "/nowhere/x.csv cannot be written (No such file or directory)",
        ),
        (["select 1", "-o", "x.txt"], "the suffix is not that of a format"),
        (["select 1", "-o", "x.csv", "--format", "table"], "--format table is for the screen"),
        (["select 1", "--max-rows", "0"], "--max-rows"),
        (["select 1 as a, 2 as a", "--format", "json"], "two columns are called 'a'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(nrti: Nrti, arguments: list[str], message: str) -> None:
    done = nrti("query", *arguments)

    assert done.returncode not in (0, 70)
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert len(errors) == 1
    assert message in errors[0]


def test_a_failure_leaves_the_file_as_it_was(nrti: Nrti, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before")

    assert nrti("query", "select foo from predictions", "-o", str(path)).returncode == 1
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["x.csv"]


def test_ctrl_c_stops_the_query(pipeline: Target) -> None:
    athena: AthenaClient = pipeline.client("athena")
    workgroup = outputs(pipeline).workgroup

    def states() -> dict[str, str]:
        ids = athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"]
        found = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"] if ids else []
        return {
            each["QueryExecutionId"]: each["Status"]["State"] for each in found if each["Query"] == ENDLESS
        }

    command = [NRTI, "query", ENDLESS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    eventually(states, lambda states: "RUNNING" in states.values())
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)

    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "nrti: interrupted, and Athena has stopped the query"
    assert set(states().values()) == {"CANCELLED"}


def test_the_stack_and_the_command_agree_on_names(pipeline: Target) -> None:
    stack = outputs(pipeline)

    assert (stack.workgroup, stack.database) == (workgroup_name("nrti"), database_name("nrti"))


def test_more_rows_than_a_page_of_athena_are_shown_too(nrti: Nrti) -> None:
    sql = f"select event_time, data, null as n, probability from predictions {WHERE} order by 1"
    few, many = (nrti("query", sql, "--max-rows", count).stdout.splitlines() for count in ("998", "2000"))

    assert len(many) == 2 + 2000
    assert [line.split() for line in many[: len(few)]][2:] == [line.split() for line in few][2:]


def test_minus_is_stdout(pipeline: Target, nrti: Nrti) -> None:  # noqa: ARG001 (the stack must be there)
    done = nrti("query", "select 1 as a", "-o", "-", "--format", "csv")

    assert (done.returncode, done.stdout) == (0, '"a"\n1\n')
