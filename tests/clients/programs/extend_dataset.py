"""Writes a Parquet dataset with a table by awswrangler, then rows with another column, and prints the table.

Arguments: the place of the dataset, and the database.
"""

from __future__ import annotations

import json
import sys


def main(place: str, database: str) -> None:
    """Prints the table's columns and its owner, then deletes the table and its objects."""
    import awswrangler as wr
    import boto3
    import pandas as pd

    table = "extended"
    kept = {"path": place, "dataset": True, "database": database, "table": table}
    frame = pd.DataFrame({"id": [1, 2]})
    wr.s3.to_parquet(frame, **kept)
    wr.s3.to_parquet(frame.assign(n=1), mode="append", **kept)
    described = boto3.client("glue").get_table(DatabaseName=database, Name=table)["Table"]
    columns = [column["Name"] for column in described["StorageDescriptor"]["Columns"]]
    print(json.dumps({"columns": columns, "owner": described.get("Owner")}))
    wr.catalog.delete_table_if_exists(database=database, table=table)
    wr.s3.delete_objects(place)


if __name__ == "__main__":
    main(*sys.argv[1:])
