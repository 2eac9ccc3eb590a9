"""What any client expects of Athena, by boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_local.athena.executions.execution import INTERRUPTED
from tests.local import patched
from tests.local.athena_client import Lake, lake
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, key, predictions
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

#: Runs for minutes unless it is stopped.
ENDLESS = """
select count(*) from unnest(sequence(1, 10000)) a(x) cross join unnest(sequence(1, 10000)) b(y)
cross join unnest(sequence(1, 10000)) c(z) where x + y + z = 0
"""
#: Snapshots save work groups; a server that was killed may not have saved one.
_PLACE = {"OutputLocation": f"s3://{BUCKET}/results/"}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    running = patched.start(tmp_path_factory.mktemp("state"))
    yield running.target
    running.stop()


@pytest.fixture(scope="module")
def nrti(target: Target) -> Lake:
    return lake(target)


def test_the_result_lies_where_outputlocation_says(nrti: Lake) -> None:
    query_id = nrti.start(
        "select event_id, data, null as n from predictions where day = date '2026-11-21' limit 1"
    )
    done = nrti.finish(query_id)

    location = f"s3://{BUCKET}/results/{query_id}.csv"
    assert done["ResultConfiguration"]["OutputLocation"] == location
    body = nrti.s3.get_object(Bucket=BUCKET, Key=f"results/{query_id}.csv")["Body"].read()
    assert body == b'"event_id","data","n"\n"2026-11-21-0","[1.0, 2.5, 0.0]",\n'
    assert done["Statistics"]["DataScannedInBytes"] == len(predictions(date(2026, 11, 21)))


def test_the_answers_describe_their_columns(nrti: Lake) -> None:
    query_id = nrti.start("select count(*), cast(1 as decimal(10, 2)) as d, array[1] as a")
    nrti.finish(query_id)
    answer = nrti.athena.get_query_results(QueryExecutionId=query_id, MaxResults=1)

    columns = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"]) for column in columns] == [
        ("_col0", "bigint"),
        ("d", "decimal"),
        ("a", "array"),
    ]
    assert (columns[1]["Precision"], columns[1]["Scale"]) == (10, 2)
    assert answer["ResultSet"]["Rows"] == [
        {"Data": [{"VarCharValue": "_col0"}, {"VarCharValue": "d"}, {"VarCharValue": "a"}]}
    ]


def test_a_long_result_is_paged(nrti: Lake) -> None:
    rows = nrti.rows("select x, 'say \"hi\"', null from unnest(sequence(1, 2500)) t(x) order by x")

    assert len(rows) == 2501
    assert rows[2500] == ["2500", 'say "hi"', None]


def test_what_is_malformed_is_refused_at_once(nrti: Lake) -> None:
    with pytest.raises(ClientError, match="line 1:1: mismatched input 'selec'") as refused:
        nrti.start("selec 1")

    assert refused.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"  # type: ignore[typeddict-item]


def test_a_long_statement_is_checked_and_run_apart(nrti: Lake) -> None:
    many = ", ".join(["1"] * 2000)
    counting = f"select count(*) from predictions where 1 in ({many})"  # noqa: S608

    assert nrti.rows(counting) == [["_col0"], ["30"]]
    with pytest.raises(ClientError, match="line 1:6049: mismatched input '<EOF>'"):
        nrti.start(f"{counting} and")


def test_the_length_of_a_statement_has_athenas_limit(nrti: Lake) -> None:
    with pytest.raises(ClientError, match="Member must have length less than or equal to 262144") as refused:
        nrti.start(f"select '{'ä' * 131_100}'")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("more", "message"),
    [({"WorkGroup": "nope"}, "WorkGroup is not found"), ({"WorkGroup": "primary"}, "No output location")],
)
def test_a_place_for_the_result_is_needed(nrti: Lake, more: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        nrti.start("select 1", **more)


def test_parameters_take_the_places_of_question_marks(nrti: Lake) -> None:
    counting = "select count(*) from predictions where sensor = ? and prediction = ?"

    assert nrti.rows(counting, ExecutionParameters=["'sensor-0'", "1"])[1:] == [["6"]]
    status = nrti.finish(nrti.start(counting, ExecutionParameters=["1"]))["Status"]
    assert "Incorrect number of parameters: expected 2 but found 1" in status["StateChangeReason"]


def test_statements_are_prepared(nrti: Lake) -> None:
    nrti.rows("prepare counting from select count(*) from predictions where sensor = ?")

    assert nrti.rows("execute counting using 'sensor-1'")[1:] == [["9"]]
    nrti.rows("deallocate prepare counting")
    assert nrti.state(nrti.start("select 1")) != "FAILED"


def test_a_table_is_made_of_a_result(nrti: Lake) -> None:
    query_id = nrti.start("create table counted as select sensor, count(*) as n from predictions group by 1")
    done = nrti.finish(query_id)

    assert (done["StatementType"], done["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    manifest = f"results/tables/{query_id}-manifest.csv"
    assert done["Statistics"]["DataManifestLocation"] == f"s3://{BUCKET}/{manifest}"
    assert nrti.athena.get_query_results(QueryExecutionId=query_id)["UpdateCount"] == 3
    assert len(nrti.s3.get_object(Bucket=BUCKET, Key=manifest)["Body"].read().split()) == 1
    assert nrti.rows("select sum(n) from counted")[1:] == [["30"]]
    nrti.rows("drop table counted")


def test_a_result_is_unloaded(nrti: Lake) -> None:
    nrti.rows(f"unload (select 5 as x) to 's3://{BUCKET}/unloaded/' with (format='PARQUET')")

    listed = nrti.s3.list_objects_v2(Bucket=BUCKET, Prefix="unloaded/")["Contents"]
    assert len(listed) == 1


def test_a_comment_before_a_statement_changes_nothing(nrti: Lake) -> None:
    """Programs such as dbt write one."""
    query_id = nrti.start("-- by dbt\ncreate table commented as select 1 as x")
    done = nrti.finish(query_id)

    assert (done["StatementType"], done["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert nrti.rows("/* by dbt */ show tables 'comm*' -- here") == [["commented"]]
    nrti.rows("/* by dbt */\ndrop table commented")


def test_a_failure_says_why(nrti: Lake) -> None:
    status = nrti.finish(nrti.start("select foo from predictions"))["Status"]

    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == "COLUMN_NOT_FOUND: line 1:8: Column 'foo' cannot be resolved"


def test_queries_run_side_by_side_while_the_server_answers(nrti: Lake) -> None:
    slow = [nrti.start(ENDLESS) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(nrti.rows, ["select count(*) from predictions"] * 8))
    meanwhile = [nrti.state(query_id) for query_id in slow]
    for query_id in slow:
        nrti.athena.stop_query_execution(QueryExecutionId=query_id)

    assert counted == [[["_col0"], ["30"]]] * 8
    assert meanwhile == ["RUNNING"] * 2
    assert [nrti.state(query_id) for query_id in slow] == ["CANCELLED"] * 2


def test_a_stopped_query_makes_room_for_others(nrti: Lake) -> None:
    slow = [nrti.start(ENDLESS) for _ in range(6)]
    waiting = nrti.start("select 1")
    for query_id in slow:
        nrti.athena.stop_query_execution(QueryExecutionId=query_id)

    assert nrti.finish(waiting)["Status"]["State"] == "SUCCEEDED"
    assert {nrti.state(query_id) for query_id in slow} == {"CANCELLED"}
    assert nrti.finish(slow[0])["Status"]["StateChangeReason"] == "Query was cancelled by user"


def test_statements_about_the_catalog(nrti: Lake) -> None:
    assert nrti.rows("show tables") == [["predictions"]]
    assert ["nrti"] in nrti.rows("SHOW DATABASES;")
    assert nrti.rows("show partitions predictions") == []  # they are projected
    assert nrti.rows('select * from "predictions$partitions" order by 1')[1:] == [[str(day)] for day in DAYS]
    assert nrti.rows("describe `nrti`.`predictions`")[-1] == ["day", "date", ""]
    assert nrti.rows("show create table predictions")[0] == ["CREATE EXTERNAL TABLE `predictions`("]
    assert nrti.rows("msck repair table predictions") == []
    assert any("READ_PARQUET" in str(row[0]) for row in nrti.rows("explain\nselect sensor from predictions"))


def test_tables_are_created_and_dropped(nrti: Lake) -> None:
    place = f"s3://{BUCKET}/copies/"
    nrti.s3.put_object(Bucket=BUCKET, Key="copies/day=2026-11-20/a", Body=predictions(DAYS[0]))
    columns = "sensor string, note string"
    nrti.rows(
        f"create external table copies ({columns}) partitioned by (day date) "
        f"stored as parquet location '{place}'"
    )

    counting = "select day, note, count(*) as n from copies group by 1, 2"
    assert nrti.rows(counting)[1:] == []  # the partition is not in the catalog
    nrti.rows("msck repair table copies")
    assert nrti.rows(counting)[1:] == [["2026-11-20", None, "10"]]
    assert nrti.rows("show partitions copies") == [["day=2026-11-20"]]
    nrti.rows("alter table copies drop partition (day='2026-11-20')")
    assert nrti.rows(counting)[1:] == []
    elsewhere = f"s3://{BUCKET}/predictions/day=2026-11-21/"
    added = nrti.start(f"alter table copies add partition (day='2026-11-19') location '{elsewhere}'")
    assert nrti.finish(added)["StatementType"] == "DDL"
    assert nrti.rows(counting)[1:] == [["2026-11-19", None, "10"]]
    assert nrti.rows("drop table copies") == []
    assert nrti.rows("show tables") == [["predictions"]]


def test_text_tables_are_read_too(nrti: Lake) -> None:
    nrti.s3.put_object(Bucket=BUCKET, Key="text/a.csv", Body=b"1,x\n2,y\n")
    nrti.rows(
        "create external table texts (n int, t string) row format delimited fields terminated by ',' "
        f"location 's3://{BUCKET}/text/'"
    )

    assert nrti.rows("select sum(n), max(t) from texts")[1:] == [["3", "y"]]
    nrti.rows("drop table texts")


def test_the_workgroup_says_that_it_enforces_its_settings(nrti: Lake) -> None:
    configuration = nrti.athena.get_work_group(WorkGroup="nrti")["WorkGroup"]["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True

    query_id = nrti.start("select 1", ResultConfiguration={"OutputLocation": "s3://elsewhere/"})
    location = nrti.finish(query_id)["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{BUCKET}/results/{query_id}.csv"


def test_an_object_that_comes_is_in_the_next_answer(nrti: Lake) -> None:
    new = key(date(2026, 11, 19))
    nrti.s3.put_object(Bucket=BUCKET, Key=new, Body=predictions(date(2026, 11, 19), 5))
    counted = nrti.rows("select count(*) from predictions where day = date '2026-11-19'")
    nrti.s3.delete_object(Bucket=BUCKET, Key=new)

    assert counted[1:] == [["5"]]
    assert nrti.rows("select count(*) from predictions where day = date '2026-11-19'")[1:] == [["0"]]


def test_a_repeated_token_starts_no_second_query(nrti: Lake) -> None:
    token = str(uuid4())
    first = nrti.start("select 1", ClientRequestToken=token)

    assert nrti.start("select 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        nrti.start("select 2", ClientRequestToken=token)


def test_the_history_lists_the_newest_first(nrti: Lake) -> None:
    started = [nrti.start(f"select {number}") for number in range(3)]
    page = nrti.athena.list_query_executions(WorkGroup="nrti", MaxResults=2)
    token = page["NextToken"]
    rest = nrti.athena.list_query_executions(WorkGroup="nrti", MaxResults=1, NextToken=token)

    assert page["QueryExecutionIds"] + rest["QueryExecutionIds"] == started[::-1]
    batch = nrti.athena.batch_get_query_execution(QueryExecutionIds=[started[0], "unknown"])
    assert [each["Query"] for each in batch["QueryExecutions"]] == ["select 0"]
    assert [each["QueryExecutionId"] for each in batch["UnprocessedQueryExecutionIds"]] == ["unknown"]


def test_results_need_a_query_that_succeeded(nrti: Lake) -> None:
    failed = nrti.start("select foo from predictions")
    nrti.finish(failed)

    with pytest.raises(ClientError, match="Final query state: FAILED"):
        nrti.athena.get_query_results(QueryExecutionId=failed)
    with pytest.raises(ClientError, match="QueryExecution unknown was not found"):
        nrti.athena.get_query_results(QueryExecutionId="unknown")
    with pytest.raises(ClientError, match=r"'1001' at 'maxResults'.*less than or equal to 1000"):
        nrti.athena.get_query_results(QueryExecutionId=failed, MaxResults=1001)


def test_the_result_is_gone_with_its_object(nrti: Lake) -> None:
    query_id = nrti.start("select 1")
    location = urlsplit(nrti.finish(query_id)["ResultConfiguration"]["OutputLocation"])
    nrti.s3.delete_object(Bucket=location.netloc, Key=location.path.lstrip("/"))

    with pytest.raises(ClientError, match="Could not find results"):
        nrti.athena.get_query_results(QueryExecutionId=query_id)


def test_the_catalog_is_glues(nrti: Lake) -> None:
    names: Any = {"CatalogName": "awsdatacatalog", "DatabaseName": "nrti"}
    table = nrti.athena.get_table_metadata(**names, TableName="predictions")["TableMetadata"]

    assert nrti.athena.get_database(**names)["Database"]["Name"] == "nrti"
    assert "nrti" in [
        d["Name"] for d in nrti.athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    ]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert table["Parameters"]["location"] == f"s3://{BUCKET}/predictions/"
    tables = nrti.athena.list_table_metadata(**names, Expression="pred.*")["TableMetadataList"]
    assert [each["Name"] for each in tables] == ["predictions"]
    assert nrti.athena.list_table_metadata(**names, Expression="none")["TableMetadataList"] == []
    assert nrti.athena.get_data_catalog(Name="AWSDATACATALOG")["DataCatalog"]["Type"] == "GLUE"


@pytest.mark.parametrize(
    ("operation", "request_", "error"),
    [
        ("get_database", {"DatabaseName": "none"}, "MetadataException"),
        ("get_table_metadata", {"DatabaseName": "nrti", "TableName": "none"}, "MetadataException"),
        ("list_table_metadata", {"DatabaseName": "none"}, "MetadataException"),
        ("list_databases", {"CatalogName": "none"}, "InvalidRequestException"),
    ],
)
def test_what_the_catalog_lacks_is_an_error(
    operation: str, request_: dict[str, str], error: str, nrti: Lake
) -> None:
    with pytest.raises(ClientError, match=error):
        getattr(nrti.athena, operation)(**{"CatalogName": "AwsDataCatalog", **request_})


def test_a_state_machine_runs_a_query(nrti: Lake, target: Target) -> None:
    states: SFNClient = target.client("stepfunctions")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:athena:startQueryExecution",
        "Parameters": {
            "QueryString": "select date_format(timestamp '2026-11-28 01:02:03', '%H:%i') as t",
            "WorkGroup": "nrti",
            "ClientRequestToken": str(uuid4()),
        },
        "End": True,
    }
    machine = states.create_state_machine(
        name="queries",
        roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "Query", "States": {"Query": task}}),
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    done = eventually(
        lambda: states.describe_execution(executionArn=execution), lambda found: found["status"] != "RUNNING"
    )

    query_id = json.loads(done["output"])["QueryExecutionId"]
    nrti.finish(query_id)
    (_, row) = nrti.athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    assert row["Data"] == [{"VarCharValue": "01:02"}]


def test_queries_outlive_a_killed_server_and_do_not_outlive_one_that_ends(tmp_path: Path) -> None:
    with patched.start(tmp_path) as running:
        before = lake(running.target)
        done, endless = before.start("select 7 as n"), before.start(ENDLESS)
        before.finish(done)
        running.process.kill()
        running.process.wait()
    with patched.start(tmp_path) as running:
        after = Lake(running.target.client("athena"), running.target.client("s3"))
        answer = after.athena.get_query_results(QueryExecutionId=done)["ResultSet"]["Rows"]
        assert [row["Data"][0]["VarCharValue"] for row in answer] == ["n", "7"]
        assert after.execution(endless)["Status"]["StateChangeReason"] == INTERRUPTED

        again = after.start(ENDLESS, ResultConfiguration=_PLACE, WorkGroup="primary")
        eventually(lambda: after.state(again), lambda state: state == "RUNNING")
        running.stop()
        assert running.process.returncode == 0
