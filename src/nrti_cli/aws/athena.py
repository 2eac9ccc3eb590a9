"""Athena: runs queries and reads their results."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message
from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.errors import ExitStatus, NrtiError

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef, ResultSetTypeDef, RowTypeDef

    from nrti_cli.aws.target import Target

#: Seconds between two polls of a running query; short at first, for quick queries.
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.01, 1.0, 1.2
#: Athena's quota for a statement in bytes. Its own error message would repeat the whole statement.
_LONGEST = 262_144
#: Maximum rows of one GetQueryResults; the first may be the column names.
_PAGE = 1000
#: Maximum rows for `Athena.head`: one less, to find out whether there are more.
LONGEST_HEAD = _PAGE - 2
_DOLLARS_PER_BYTE, _LEAST_BYTES = 5 / 1e12, 10_000_000


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes:
            name: as in the query; two columns may have the same.
            type: Athena's name without parameters: `bigint`, `array`, `timestamp with time zone`.
            precision: total digits of a decimal.
            scale: digits of a decimal after the point.
    """

    name: str
    type: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Execution:
    """A query that succeeded.

    Attributes:
        id: Athena's identifier.
        location: the `s3://` URI of the result: CSV for a query, plain text for SHOW and the like.
            milliseconds: execution time.
            scanned: bytes read.
            is_query: whether it is billed by the bytes that it read; DDL and SHOW are not.
    """

    id: str
    location: str
    milliseconds: int
    scanned: int
    is_query: bool

    @property
    def dollars(self) -> float:
        """What AWS charges for it if it is billed: 5 USD per terabyte, and at least 10 MB."""
        return max(self.scanned, _LEAST_BYTES) * _DOLLARS_PER_BYTE


@dataclass(frozen=True)
class Head:
    """The first rows of a result.

    Attributes:
            columns: may be empty, for example after CREATE TABLE.
            rows: the values as text, None for NULL.
            more: whether there are more rows.
    """

    columns: list[Column]
    rows: list[list[str | None]]
    more: bool


class NoWorkgroupError(NrtiError):
    """The workgroup does not exist; usually the stack does not exist either."""


class Athena:
    """The Athena calls that nrti makes.

    Args:
        target: the AWS.
        sleep: sleeps for some seconds.
    """

    def __init__(self, target: Target, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client: AthenaClient = target.client("athena")
        self._sleep = sleep

    def run(
        self, sql: str, *, workgroup: str, database: str, meanwhile: Callable[[], None] | None = None
    ) -> Execution:
        """Runs a query and waits for its result; an interrupt stops the query.

        Args:
            sql: one statement.
            workgroup: whose settings apply.
            database: the default database.
            meanwhile: called once while the query runs.

        Raises:
            NrtiError: Athena refuses the query, or it failed or was cancelled.
        """
        query_id = ""
        try:
            with interrupt_held():  # without its id, a query that was started could not be stopped
                query_id = self._start(sql, workgroup, database)
            if meanwhile:
                meanwhile()
            return self._wait(query_id)
        except KeyboardInterrupt as interrupt:
            if not query_id:
                raise
            self._client.stop_query_execution(QueryExecutionId=query_id)
            raise NrtiError(
                "interrupted, and Athena has stopped the query", exit_status=ExitStatus.INTERRUPTED
            ) from interrupt

    def columns(self, execution: Execution) -> list[Column]:
        """The columns of the result; the rows are in the object at its location."""
        return _columns(self._results(execution, 1))

    def head(self, execution: Execution, count: int) -> Head:
        """The columns and the first rows, in one call.

        Args:
            execution: of the query.
            count: number of rows, at most `LONGEST_HEAD`.
        """
        found = self._results(execution, count + 2)
        columns = _columns(found)
        rows = [_values(row, len(columns)) for row in found.get("Rows", [])]
        if rows and rows[0] == [column.name for column in columns]:
            del rows[0]
        return Head(columns, rows[:count], more=len(rows) > count)

    def _results(self, execution: Execution, count: int) -> ResultSetTypeDef:
        return self._client.get_query_results(QueryExecutionId=execution.id, MaxResults=count)["ResultSet"]

    def _start(self, sql: str, workgroup: str, database: str) -> str:
        try:
            return self._client.start_query_execution(
                QueryString=sql, WorkGroup=workgroup, QueryExecutionContext={"Database": database}
            )["QueryExecutionId"]
        except ClientError as error:
            if "WorkGroup is not found" in message(error):
                raise NoWorkgroupError(
                    f"workgroup {workgroup!r} does not exist", hint="run nrti bootstrap"
                ) from error
            if f"less than or equal to {_LONGEST}" in message(error):
                length = len(sql.encode())
                raise NrtiError(
                    f"the query has {length:,} bytes; Athena accepts {_LONGEST:,}", hint="shorten it"
                ) from error
            if code(error) == "InvalidRequestException":
                hint = "nrti status shows whether it exists, and nrti bootstrap creates it"
                raise NrtiError(
                    f"Athena refuses the query: {message(error)}",
                    hint=hint if "output bucket" in message(error) else "",
                ) from error
            raise

    def _wait(self, query_id: str) -> Execution:
        pause = _FIRST_PAUSE
        while True:
            execution = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            state = execution["Status"]["State"]
            if state == "SUCCEEDED":
                return _succeeded(execution)
            if state in ("FAILED", "CANCELLED"):
                reason = execution["Status"].get("StateChangeReason") or "no reason was given"
                raise NrtiError(f"the query {'failed' if state == 'FAILED' else 'was cancelled'}: {reason}")
            self._sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def table_names(target: Target, database: str) -> set[str]:
    """The tables and views of a database; none if it does not exist.

    Glue's API has them too, but its client takes 30 ms and megabytes to make.
    """
    client: AthenaClient = target.client("athena")
    pages = client.get_paginator("list_table_metadata").paginate(
        CatalogName="AwsDataCatalog", DatabaseName=database
    )
    try:
        return {table["Name"] for page in pages for table in page["TableMetadataList"]}
    except ClientError as error:
        if code(error) == "MetadataException" and "not found" in message(error):
            return set()
        raise


def _succeeded(execution: QueryExecutionTypeDef) -> Execution:
    statistics = execution.get("Statistics", {})
    return Execution(
        id=execution["QueryExecutionId"],
        location=execution["ResultConfiguration"]["OutputLocation"],
        milliseconds=statistics.get("TotalExecutionTimeInMillis", 0),
        scanned=statistics.get("DataScannedInBytes", 0),
        is_query=execution.get("StatementType") == "DML",
    )


def _columns(found: ResultSetTypeDef) -> list[Column]:
    described = found.get("ResultSetMetadata", {}).get("ColumnInfo", [])
    return [
        Column(each["Name"], each["Type"], each.get("Precision", 0), each.get("Scale", 0))
        for each in described
    ]


def _values(row: RowTypeDef, width: int) -> list[str | None]:
    """The values of a row; DESCRIBE returns all of them in the first, separated by tabs and blanks."""
    values = [datum.get("VarCharValue") for datum in row.get("Data", [])]
    if len(values) == 1 < width:
        values = [value.strip() for value in (values[0] or "").split("\t")]
    return values + [None] * (width - len(values))
