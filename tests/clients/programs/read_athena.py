"""Reads the result of a query by a client of Athena, and prints what it holds.

Arguments: the client (`cursor`, `pandas` or `awswrangler`), the query, the database, the workgroup, the place
of the results.
"""

from __future__ import annotations

import json
import sys
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


def _awswrangler(query: str, database: str, workgroup: str, results: str) -> Any:
    """The CSV from S3, its types from the catalogue."""
    import awswrangler as wr

    return wr.athena.read_sql_query(
        query,
        database=database,
        workgroup=workgroup,
        s3_output=results,
        ctas_approach=False,
        athena_query_wait_polling_delay=0.1,
    )


_READERS = {"cursor": _cursor, "pandas": _pandas, "awswrangler": _awswrangler}

if __name__ == "__main__":
    main(*sys.argv[1:])
