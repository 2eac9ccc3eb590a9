"""A hundred thousand rows of the deployed stack's lake, by PyAthena and by awswrangler."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.clients.venv import PROGRAMS, Venv, address
from tests.local.aws_commands import run
from tests.unit.nrti_local.athena.memory_store import key, predictions
from tests.waiting import eventually

pytestmark = pytest.mark.clients

ROWS = 100_000
DAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def lake(pipeline: Target) -> Target:
    """The stack with the rows in its lake, on a day of their own."""
    bucket = outputs(pipeline).lake_bucket
    pipeline.client("s3").put_object(Bucket=bucket, Key=key(DAY), Body=predictions(DAY, ROWS))
    return pipeline


@pytest.mark.parametrize(
    "client",
    ["cursor", "parameters", "pandas", "awswrangler", "awswrangler-csv", "awswrangler-unload"],
)
def test_it_reads_them_all(client: str, lake: Target, clients: Venv) -> None:
    stack = outputs(lake)
    query = (
        "select event_id, sensor, event_time, prediction, probability from predictions "  # noqa: S608
        f"where day = '{DAY}' order by event_time, event_id"
    )
    place = f"s3://{stack.lake_bucket}/athena-results/"

    program = (PROGRAMS / "read_athena.py", client, query, stack.database, stack.workgroup, place)
    printed = clients.succeed(*program, variables=address(lake))

    read = json.loads(printed)
    assert read["rows"] == read["ids"] == ROWS
    assert read["columns"] == ["event_id", "sensor", "event_time", "prediction", "probability"]
    assert read["event_time"].startswith("2026-05-01T")
    assert 0 <= read["probability"] <= 1


def test_awswrangler_adds_a_column_to_a_table(lake: Target, clients: Venv) -> None:
    """It reads the table and sends it back; an empty owner would violate the API's model."""
    stack = outputs(lake)
    program = (PROGRAMS / "extend_dataset.py", f"s3://{stack.lake_bucket}/extended/", stack.database)

    assert json.loads(clients.succeed(*program, variables=address(lake))) == {
        "columns": ["id", "n"],
        "owner": None,
    }


def test_the_aws_cli_runs_a_query_with_parameters(lake: Target) -> None:
    stack = outputs(lake)

    def aws(*arguments: str) -> Any:
        status, out, err = run(["athena", *arguments])
        assert status == 0, err
        return json.loads(out)

    with_environment = pytest.MonkeyPatch()
    for name, value in address(lake).items():
        with_environment.setenv(name, value)
    query = ("--query-string", "select count(*) from predictions where day = ?")
    context = ("--query-execution-context", f"Database={stack.database}", "--work-group", stack.workgroup)
    started = aws("start-query-execution", *query, "--execution-parameters", f"'{DAY}'", *context)
    identity = ("--query-execution-id", started["QueryExecutionId"])
    eventually(
        lambda: aws("get-query-execution", *identity)["QueryExecution"]["Status"]["State"],
        lambda state: state == "SUCCEEDED",
    )
    counted = aws("get-query-results", *identity)["ResultSet"]["Rows"]
    with_environment.undo()

    assert counted[1] == {"Data": [{"VarCharValue": str(ROWS)}]}
