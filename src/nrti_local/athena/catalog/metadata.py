"""Athena's operations on the Glue catalog."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from ministack.services import athena, glue

from nrti_local.athena.refusals import invalid, metadata_error
from nrti_local.server.shared.ask import RefusedError, ask_json

_DEFAULT = "AwsDataCatalog"
_PAGE = 50


async def get_data_catalog(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out GetDataCatalog."""
    return {"DataCatalog": _catalog(request["Name"])}


async def get_database(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out GetDatabase."""
    _check_catalog(request)
    found = await _glue("GetDatabase", Name=request["DatabaseName"])
    return {"Database": _database(found["Database"])}


async def list_databases(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out ListDatabases."""
    _check_catalog(request)
    databases = (await _glue("GetDatabases"))["DatabaseList"]
    page, more = _page([_database(each) for each in databases], request)
    return {"DatabaseList": page, **more}


async def get_table_metadata(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out GetTableMetadata."""
    _check_catalog(request)
    found = await _glue("GetTable", DatabaseName=request["DatabaseName"], Name=request["TableName"])
    return {"TableMetadata": _table(found["Table"])}


async def list_table_metadata(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out ListTableMetadata."""
    _check_catalog(request)
    await _glue("GetDatabase", Name=request["DatabaseName"])
    tables = (await _glue("GetTables", DatabaseName=request["DatabaseName"]))["TableList"]
    try:
        wanted = re.compile(request.get("Expression") or ".*")
    except re.error as error:
        raise invalid(f"Invalid expression: {error}") from error
    named = [_table(each) for each in tables if wanted.fullmatch(each["Name"])]
    page, more = _page(named, request)
    return {"TableMetadataList": page, **more}


def _catalog(name: str) -> Any:
    """Returns the DataCatalog of the API; the name of the default one is case-insensitive."""
    if name.lower() == _DEFAULT.lower():
        name = _DEFAULT
    try:
        return ask_json(athena, "AmazonAthena.GetDataCatalog", {"Name": name})["DataCatalog"]
    except RefusedError as error:
        raise invalid(f"Data catalog {name} was not found") from error


def _check_catalog(request: dict[str, Any]) -> None:
    _catalog(request.get("CatalogName", _DEFAULT))


async def _glue(operation: str, **request: Any) -> Any:
    try:
        return await asyncio.to_thread(ask_json, glue, f"AWSGlue.{operation}", request)
    except RefusedError as error:
        raise metadata_error(error.message) from error


def _page(items: list[Any], request: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise invalid("Invalid NextToken")
    start, size = int(token), request.get("MaxResults", _PAGE)
    end = start + size
    return items[start:end], {"NextToken": str(end)} if end < len(items) else {}


def _database(database: dict[str, Any]) -> dict[str, Any]:
    return {name: database.get(name) for name in ("Name", "Description")} | {
        "Parameters": database.get("Parameters") or {}
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor") or {}
    return {
        "Name": table["Name"],
        "CreateTime": table.get("CreateTime"),
        "LastAccessTime": table.get("LastAccessTime", 0),
        "TableType": table.get("TableType"),
        "Columns": _columns(storage.get("Columns")),
        "PartitionKeys": _columns(table.get("PartitionKeys")),
        "Parameters": (table.get("Parameters") or {}) | _storage_parameters(storage),
    }


def _columns(columns: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [{name: column.get(name) for name in ("Name", "Type", "Comment")} for column in columns or []]


def _storage_parameters(storage: dict[str, Any]) -> dict[str, str]:
    """Returns the parameters by which Athena shows where and how a table is stored."""
    serde = storage.get("SerdeInfo") or {}
    parameters = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters |= {f"serde.param.{name}": value for name, value in (serde.get("Parameters") or {}).items()}
    return {name: value for name, value in parameters.items() if value}
