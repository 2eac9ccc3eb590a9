"""What any client expects of Athena, on a patched ministack; and what that lacks without the patches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from botocore.exceptions import ClientError
from ministack.core.responses import request_scope
from ministack.services import athena, s3

from tests.local import patched
from tests.local.athena_client import Lake, lake
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, key, predictions

#: Runs for minutes unless it is stopped.
ENDLESS = """
select count(*) from unnest(sequence(1, 3000000)) a(x) cross join unnest(sequence(1, 3000000)) b(y)
where x + y = 0
"""


@pytest.fixture(scope="module")
def nrti(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    running = patched.start(tmp_path_factory.mktemp("state"))
    yield lake(running.target)
    running.stop()


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


def test_statements_about_the_catalogue(nrti: Lake) -> None:
    assert nrti.rows("show tables") == [["predictions"]]
    assert ["nrti"] in nrti.rows("SHOW DATABASES;")
    assert nrti.rows("show partitions predictions") == [[f"day={day}"] for day in DAYS]
    assert nrti.rows("describe `nrti`.`predictions`")[-1] == ["day", "date", ""]
    assert nrti.rows("msck repair table predictions") == []
    assert any("READ_PARQUET" in str(row[0]) for row in nrti.rows("explain select sensor from predictions"))


def test_tables_are_created_and_dropped(nrti: Lake) -> None:
    place = f"s3://{BUCKET}/copies/"
    nrti.s3.put_object(Bucket=BUCKET, Key="copies/day=2026-11-20/a", Body=predictions(DAYS[0]))
    columns = "sensor string, note string"
    nrti.rows(
        f"create external table copies ({columns}) partitioned by (day date) "
        f"stored as parquet location '{place}'"
    )

    assert nrti.rows("select day, note, count(*) as n from copies group by 1, 2")[1:] == [
        ["2026-11-20", None, "10"]
    ]
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


class TestUpstream:
    """ministack without the patches; what fails here may be patched no longer."""

    @pytest.fixture(autouse=True)
    def _request(self) -> Iterator[None]:
        with request_scope("000000000000", "us-east-1"):
            s3._create_bucket("upstream", b"", {})
            yield
            s3._buckets.clear()
            athena.reset()

    @staticmethod
    def run(sql: str) -> dict[str, object]:
        async def execute() -> dict[str, object]:
            place = {"OutputLocation": "s3://upstream/"}
            _, _, body = athena._start_query_execution({"QueryString": sql, "ResultConfiguration": place})
            query_id = json.loads(body)["QueryExecutionId"]
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*tasks)
            found: dict[str, object] = athena._executions[query_id]
            return found

        return asyncio.run(execute())

    def test_athenas_functions_are_unknown(self) -> None:
        athena._ensure_default_workgroup()
        failed = self.run("select date_format(from_unixtime(0), '%i')")
        assert failed["Status"]["State"] == "FAILED"  # type: ignore[index]

    def test_the_result_lies_elsewhere(self) -> None:
        athena._ensure_default_workgroup()
        done = self.run("select 1")
        assert done["Status"]["State"] == "SUCCEEDED"  # type: ignore[index]
        key_ = done["ResultConfiguration"]["OutputLocation"].removeprefix("s3://upstream/")  # type: ignore[index]
        assert s3._get_object_data("upstream", key_) is None

    def test_rows_are_kept_in_memory(self) -> None:
        athena._ensure_default_workgroup()
        assert self.run("select 1")["_results"] == {"columns": ["1"], "rows": [[1]]}

    def test_a_stopped_query_ends_as_if_it_had_not_been(self) -> None:
        athena._ensure_default_workgroup()

        async def stop() -> object:
            place = {"OutputLocation": "s3://upstream/"}
            _, _, body = athena._start_query_execution(
                {"QueryString": "select 1", "ResultConfiguration": place}
            )
            athena._stop_query_execution(json.loads(body))
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
            return athena._executions[json.loads(body)["QueryExecutionId"]]["Status"]["State"]

        assert asyncio.run(stop()) == "SUCCEEDED"

    def test_a_workgroup_does_not_say_whether_it_enforces(self) -> None:
        athena._create_workgroup({"Name": "w", "Configuration": {}})
        _, _, body = athena._get_workgroup({"WorkGroup": "w"})
        assert "EnforceWorkGroupConfiguration" not in json.loads(body)["WorkGroup"]["Configuration"]
