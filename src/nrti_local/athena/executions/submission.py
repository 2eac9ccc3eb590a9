"""StartQueryExecution: validates a request and creates the record of the query."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from ministack.services import s3

from nrti_local.athena.comments import without_leading
from nrti_local.athena.executions.execution import Execution
from nrti_local.athena.executions.workgroups import result_location, workgroup
from nrti_local.athena.refusals import invalid

#: Athena's quota for a statement, in bytes, and the characters of a longer one that the error shows.
_LONGEST, _SHOWN = 262_144, 1_000
_ENGINE = "Athena engine version 3"
_STATISTICS = (
    "DataScannedInBytes",
    "EngineExecutionTimeInMillis",
    "QueryPlanningTimeInMillis",
    "QueryQueueTimeInMillis",
    "ServiceProcessingTimeInMillis",
    "TotalExecutionTimeInMillis",
)


async def submit(request: dict[str, Any], account: str, region: str) -> Execution:
    """Validates a request and returns its execution, in the state QUEUED.

    Raises:
        ServiceError: Athena rejects the request.
    """
    _check_length(request["QueryString"])
    if "ClientRequestToken" not in request:
        raise invalid("clientRequestToken is null or empty")
    settings = workgroup(request.get("WorkGroup", "primary"))
    kind = await asyncio.to_thread(_statement_type, request["QueryString"])
    location = result_location(settings, request.get("ResultConfiguration", {}).get("OutputLocation", ""))
    _check_location(location)
    record = _record(request, settings["Name"], kind, location)
    return Execution(account, region, request["ClientRequestToken"], _parameters(request), record)


def _check_length(sql: str) -> None:
    if len(sql.encode()) > _LONGEST:
        where = f"Value '{sql[:_SHOWN]}' at 'queryString' failed to satisfy constraint"
        constraint = f"Member must have length less than or equal to {_LONGEST}"
        raise invalid(f"1 validation error detected: {where}: {constraint}")


def _statement_type(sql: str) -> str:
    """Checks a statement's syntax; slow for the first one, which imports sqlglot and DuckDB."""
    from nrti_local.athena import isolated, statement_types
    from nrti_local.athena.errors import MalformedQueryError

    sql = without_leading(sql)
    check = isolated.statement_type if len(sql) >= isolated.LONG else statement_types.statement_type
    try:
        return check(sql)
    except MalformedQueryError as error:
        raise invalid(str(error), "MALFORMED_QUERY") from error


def _substatement(sql: str, kind: str) -> str:
    """Returns the SubstatementType: the first words of a statement, as far as Athena distinguishes them."""
    sql = without_leading(sql)
    first = next(iter(re.findall(r"\w+", sql)), "").upper()
    if first == "CREATE" and re.match(r"(?is)\s*create\s+table\b", sql):
        return "CREATE_TABLE_AS_SELECT"
    return "SELECT" if kind == "DML" and first != "UNLOAD" else first


def _place(query_id: str, kind: str, substatement: str) -> str:
    """Queries have a CSV result, other statements a text file, and CREATE TABLE AS a folder of files."""
    if substatement == "CREATE_TABLE_AS_SELECT":
        return f"tables/{query_id}"
    return f"{query_id}.{'csv' if kind == 'DML' else 'txt'}"


def _check_location(location: str) -> None:
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    address = urlsplit(location)
    if address.scheme != "s3" or not address.netloc:
        raise invalid("outputLocation is not a valid S3 path.")
    if s3.bucket_region(address.netloc) is None:
        raise invalid(f"Unable to verify/create output bucket {address.netloc}")


def _parameters(request: dict[str, Any]) -> str:
    """Returns the parameters that a retry with the same token must repeat."""
    database = request.get("QueryExecutionContext", {}).get("Database")
    location = request.get("ResultConfiguration", {}).get("OutputLocation")
    return json.dumps([request["QueryString"], database, location, request.get("ExecutionParameters")])


def _record(request: dict[str, Any], workgroup_name: str, kind: str, location: str) -> dict[str, Any]:
    query_id, context = str(uuid4()), request.get("QueryExecutionContext", {})
    substatement = _substatement(request["QueryString"], kind)
    return {
        "QueryExecutionId": query_id,
        "Query": request["QueryString"],
        "StatementType": kind,
        "SubstatementType": substatement,
        "ResultConfiguration": {"OutputLocation": f"{location}/{_place(query_id, kind, substatement)}"},
        "QueryExecutionContext": {
            "Database": context.get("Database", "default"),
            "Catalog": context.get("Catalog", "AwsDataCatalog"),
        },
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": dict.fromkeys(_STATISTICS, 0),
        "WorkGroup": workgroup_name,
        **({"ExecutionParameters": values} if (values := request.get("ExecutionParameters")) else {}),
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": _ENGINE},
    }
