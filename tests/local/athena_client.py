"""A bare Athena client on a patched ministack, with a lake of three days: no command line involved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.target import Target
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, glue_table, key, predictions
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_s3.client import S3Client

_SECONDS = 30.0


@dataclass(frozen=True)
class Lake:
    """The lake and its workgroup, both called nrti."""

    athena: AthenaClient
    s3: S3Client

    def start(self, sql: str, **more: Any) -> str:
        request = {
            "QueryString": sql,
            "QueryExecutionContext": {"Database": "nrti"},
            "WorkGroup": "nrti",
            **more,
        }
        return self.athena.start_query_execution(**request)["QueryExecutionId"]

    def execution(self, query_id: str) -> QueryExecutionTypeDef:
        return self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]

    def state(self, query_id: str) -> str:
        return self.execution(query_id)["Status"]["State"]

    def finish(self, query_id: str) -> QueryExecutionTypeDef:
        return eventually(
            lambda: self.execution(query_id),
            lambda execution: execution["Status"]["State"] not in ("QUEUED", "RUNNING"),
        )

    def rows(self, sql: str, **more: Any) -> list[list[str | None]]:
        """All rows by GetQueryResults, with the header that a query's result begins with."""
        query_id = self.start(sql, **more)
        done = self.finish(query_id)
        assert done["Status"]["State"] == "SUCCEEDED", done["Status"]
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        return [
            [value.get("VarCharValue") for value in row["Data"]]
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]


def lake(target: Target) -> Lake:
    """Makes the lake: ten rows on each of three days."""
    s3: S3Client = target.client("s3")
    Buckets(target).create(BUCKET)
    for day in DAYS:
        s3.put_object(Bucket=BUCKET, Key=key(day), Body=predictions(day))
    glue = target.client("glue")
    glue.create_database(DatabaseInput={"Name": "nrti"})
    glue.create_table(DatabaseName="nrti", TableInput=glue_table())
    athena: AthenaClient = target.client("athena")
    configuration: Any = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/results/"}}
    athena.create_work_group(Name="nrti", Configuration=configuration)
    return Lake(athena, s3)
