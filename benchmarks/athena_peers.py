"""Another client of Athena as a whole program: runs a query and writes all of its rows to a file.

`python athena_peers.py CLIENT SQL DATABASE WORKGROUP RESULTS FILE`, in the environment of the clients; it
imports nothing of nrti. The clients keep their own pace of asking whether the query has ended.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from typing import Any


def _paging(sql: str, database: str, workgroup: str, _results: str, file: str) -> None:
    """boto3, page by page."""
    import boto3

    athena = boto3.client("athena")
    query = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=workgroup
    )["QueryExecutionId"]
    while athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] in {
        "QUEUED",
        "RUNNING",
    }:
        time.sleep(0.02)
    with open(file, "w", newline="") as opened:  # noqa: PTH123 (a program of its own, as people write them)
        rows = csv.writer(opened)
        for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            for row in page["ResultSet"]["Rows"]:
                rows.writerow([datum.get("VarCharValue") for datum in row["Data"]])


def _cursor(sql: str, database: str, workgroup: str, results: str, file: str) -> None:
    """PyAthena's default cursor, page by page."""
    cursor = _connection(database, workgroup, results).cursor()
    cursor.execute(sql)
    with open(file, "w", newline="") as opened:  # noqa: PTH123
        rows = csv.writer(opened)
        rows.writerow([column[0] for column in cursor.description])
        rows.writerows(cursor)


def _arrow(sql: str, database: str, workgroup: str, results: str, file: str) -> None:
    """PyAthena's cursor for Arrow: the CSV from S3."""
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet
    from pyathena.arrow.cursor import ArrowCursor

    _address_s3()
    table = _connection(database, workgroup, results).cursor(ArrowCursor).execute(sql).as_arrow()
    if file.endswith(".parquet"):
        parquet.write_table(table, file)
    else:
        arrow_csv.write_csv(table, file)


def _address_s3() -> None:
    """PyAthena passes no endpoint to Arrow, so unmodified it reaches AWS only."""
    from functools import partial

    from pyarrow import fs

    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        setattr(fs, "S3FileSystem", partial(fs.S3FileSystem, endpoint_override=endpoint))  # noqa: B010


def _awswrangler(sql: str, database: str, workgroup: str, results: str, file: str) -> None:
    """The CSV from S3, its types from the catalog."""
    import awswrangler as wr

    frame = wr.athena.read_sql_query(
        sql, database=database, workgroup=workgroup, s3_output=results, ctas_approach=False
    )
    if file.endswith(".parquet"):
        frame.to_parquet(file)
    else:
        frame.to_csv(file, index=False)


def _connection(database: str, workgroup: str, results: str) -> Any:
    import pyathena

    return pyathena.connect(s3_staging_dir=results, schema_name=database, work_group=workgroup)


CLIENTS = {"paging": _paging, "cursor": _cursor, "arrow": _arrow, "awswrangler": _awswrangler}

if __name__ == "__main__":
    CLIENTS[sys.argv[1]](*sys.argv[2:])
