"""CREATE EXTERNAL TABLE and DROP TABLE: parses Hive's DDL and applies it to the Glue catalog."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nrti_local.athena.catalog import partition_ddl
from nrti_local.athena.catalog.tables import Store
from nrti_local.athena.errors import AthenaError, MalformedQueryError

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_LAZY_SIMPLE_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_HIVE = "org.apache.hadoop.hive.ql.io"
#: STORED AS: the input format, the output format and the SerDe.
_FORMATS = {
    "TEXTFILE": (_TEXT_INPUT, _TEXT_OUTPUT, _LAZY_SIMPLE_SERDE),
    "PARQUET": (
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"),
    "AVRO": (
        f"{_HIVE}.avro.AvroContainerInputFormat",
        f"{_HIVE}.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
}
#: The clauses of ROW FORMAT DELIMITED, and the SerDe parameters that they set.
_DELIMITERS = {
    "fields": "field.delim",
    "escaped": "escape.delim",
    "collection_items": "collection.delim",
    "map_keys": "mapkey.delim",
    "lines": "line.delim",
    "null": "serialization.null.format",
}


def parse(sql: str) -> exp.Create | exp.Drop | None:
    """Returns the syntax tree of CREATE TABLE or DROP TABLE, or None for any other statement.

    Raises:
        MalformedQueryError: the table is not external.
    """
    if next(iter(sql.split(maxsplit=1)), "").lower() not in {"create", "drop"}:
        return None
    try:
        tree = sqlglot.parse_one(sql, read="hive")
    except (SqlglotError, RecursionError):
        return None
    if isinstance(tree, exp.Drop) and tree.kind == "TABLE":
        return tree
    if not isinstance(tree, exp.Create) or tree.kind != "TABLE" or not isinstance(tree.this, exp.Schema):
        return None
    if not tree.find(exp.ExternalProperty) and not _is_iceberg(tree):
        raise MalformedQueryError("External keyword required for table type HIVE")
    return tree


def run(sql: str, database: str, store: Store) -> None:
    """Creates or drops the table, or changes its partitions.

    Raises:
        AthenaError: the catalog rejects the change.
    """
    if alter := partition_ddl.parse(sql):
        partition_ddl.run(alter, database, store)
        return
    tree = parse(sql)
    if isinstance(tree, exp.Drop):
        for table in tree.args["tables"]:
            _drop(table, database, store, must_exist=not tree.args.get("exists"))
    elif tree is not None:
        _create(tree, database, store)


def _drop(table: exp.Table, database: str, store: Store, *, must_exist: bool) -> None:
    schema, name = _names(table, database)
    if store.table(schema, name) is not None:
        store.drop_table(schema, name)
    elif must_exist:
        raise AthenaError(f"Table '{schema}.{name}' does not exist")


def _create(tree: exp.Create, database: str, store: Store) -> None:
    schema, name = _names(tree.this.this, database)
    if _is_iceberg(tree):
        raise AthenaError("NOT_SUPPORTED: Iceberg tables are not supported")
    if not store.has_database(schema):
        raise AthenaError(f"Schema '{schema}' does not exist")
    if store.table(schema, name) is None:
        store.create_table(schema, table_input(tree, name))
    elif not tree.args.get("exists"):
        raise AthenaError(f"Table '{schema}.{name}' already exists")


def _names(table: exp.Table, database: str) -> tuple[str, str]:
    return (table.db or database).lower(), table.name.lower()


def _is_iceberg(tree: exp.Create) -> bool:
    return _table_properties(tree).get("table_type", "").lower() == "iceberg"


def table_input(tree: exp.Create, name: str) -> dict[str, Any]:
    """Returns the TableInput that Athena sends to Glue.

    Args:
        tree: a CREATE EXTERNAL TABLE statement.
        name: the table's name.
    """
    comment = tree.find(exp.SchemaCommentProperty)
    parameters = {"EXTERNAL": "TRUE", "transient_lastDdlTime": str(int(time.time()))}
    partitions = tree.find(exp.PartitionedByProperty)
    return {
        "Name": name,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters
        | _table_properties(tree)
        | ({"comment": comment.this.name} if comment else {}),
        "StorageDescriptor": _storage(tree),
        "PartitionKeys": list(_columns(partitions.this)) if partitions else [],
    }


def _storage(tree: exp.Create) -> dict[str, Any]:
    input_format, output_format, serde = _formats(tree)
    location, buckets = tree.find(exp.LocationProperty), tree.find(exp.ClusteredByProperty)
    return {
        "Columns": list(_columns(tree.this)),
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "Compressed": False,
        "NumberOfBuckets": int(buckets.args["buckets"].name) if buckets else -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": _serde_parameters(tree)},
        "BucketColumns": [each.name for each in buckets.expressions] if buckets else [],
        "SortColumns": [],
        "Parameters": {},
        "StoredAsSubDirectories": False,
        **({"Location": location.this.name.rstrip("/")} if location else {}),
    }


def _columns(schema: exp.Schema) -> Iterator[dict[str, str]]:
    for column in schema.expressions:
        comment = column.find(exp.CommentColumnConstraint)
        yield {
            "Name": column.name.lower(),
            "Type": _hive_type(column.kind),
            **({"Comment": comment.this.name} if comment else {}),
        }


def _hive_type(kind: exp.DataType) -> str:
    """Returns `array<struct<x:int>>` as Hive writes it, without spaces."""
    return kind.sql("hive").lower().replace(", ", ",").replace(": ", ":")


def _formats(tree: exp.Create) -> tuple[str, str, str]:
    row, stored = tree.find(exp.RowFormatSerdeProperty), tree.find(exp.FileFormatProperty)
    if stored is None:
        formats = _FORMATS["TEXTFILE"]
    elif isinstance(stored.this, exp.InputOutputFormat):
        classes = stored.this.args
        formats = classes["input_format"].name, classes["output_format"].name, _LAZY_SIMPLE_SERDE
    elif stored.this.name.upper() in _FORMATS:
        formats = _FORMATS[stored.this.name.upper()]
    else:
        raise AthenaError(f"NOT_SUPPORTED: STORED AS {stored.this.name} is not supported")
    return (*formats[:2], row.this.name) if row else formats


def _serde_parameters(tree: exp.Create) -> dict[str, str]:
    parameters = {"serialization.format": "1"}
    delimited = tree.find(exp.RowFormatDelimitedProperty)
    for clause, parameter in _DELIMITERS.items():
        if delimited and (value := delimited.args.get(clause)):
            parameters[parameter] = value.name
    if "field.delim" in parameters:
        parameters["serialization.format"] = parameters["field.delim"]
    for properties in tree.find_all(exp.SerdeProperties):
        parameters |= _pairs(properties.expressions)
    return parameters


def _table_properties(tree: exp.Create) -> dict[str, str]:
    properties = tree.args.get("properties")
    return _pairs(properties.expressions) if properties else {}


def _pairs(properties: list[exp.Expr]) -> dict[str, str]:
    return {each.name: each.args["value"].name for each in properties if type(each) is exp.Property}
