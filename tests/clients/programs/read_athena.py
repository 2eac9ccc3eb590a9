"""Reads the result of a query by a client of Athena, and prints what it holds.

Arguments: the client (a key of `_READERS`), the query, the database, the workgroup, the place of the results.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any


def main(client: str, query: str, database: str, workgroup: str, results: str) -> None:
    """Prints how many rows and distinct ids there are, a sum, and values of the first row."""
    frame = _READERS[client](query, database, workgroup, results)
    first = frame.iloc[0]
    summary = {
        "rows": len(frame),
        "columns": list(frame.columns),
        "ids": int(frame["event_id"].nunique()),
        "failures": int(frame["prediction"].sum()),
        "event_time": first["event_time"].isoformat(),
        "probability": float(first["probability"]),
    }
    print(json.dumps(summary))


def _cursor(query: str, database: str, workgroup: str, results: str) -> Any:
    """Page by page over the API."""
    import pandas as pd

    cursor = _pyathena(database, workgroup, results).cursor()
    cursor.arraysize = 1000
    cursor.execute(query)
    return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


def _pandas(query: str, database: str, workgroup: str, results: str) -> Any:
    """The CSV from S3."""
    from pyathena.pandas.cursor import PandasCursor

    return _pyathena(database, workgroup, results).cursor(PandasCursor).execute(query).as_pandas()


def _pyathena(database: str, workgroup: str, results: str) -> Any:
    import pyathena

    return pyathena.connect(
        s3_staging_dir=results, schema_name=database, work_group=workgroup, poll_interval=0.1
    )


def _parameters(query: str, database: str, workgroup: str, results: str) -> Any:
    """The day of the query as a parameter of Athena's."""
    import pandas as pd

    (day,) = re.findall(r"'\d{4}-\d\d-\d\d'", query)
    cursor = _pyathena(database, workgroup, results).cursor()
    cursor.arraysize = 1000
    cursor.execute(query.replace(day, "?"), [day], paramstyle="qmark")
    return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


def _awswrangler(query: str, database: str, workgroup: str, results: str, **approach: bool) -> Any:
    """By default Parquet files of CREATE TABLE AS; or of UNLOAD; or the CSV from S3."""
    import awswrangler as wr

    return wr.athena.read_sql_query(
        query,
        database=database,
        workgroup=workgroup,
        s3_output=results,
        athena_query_wait_polling_delay=0.1,
        **approach,
    )


_READERS: dict[str, Callable[..., Any]] = {
    "cursor": _cursor,
    "parameters": _parameters,
    "pandas": _pandas,
    "awswrangler": _awswrangler,
    "awswrangler-csv": partial(_awswrangler, ctas_approach=False),
    "awswrangler-unload": partial(_awswrangler, ctas_approach=False, unload_approach=True),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
