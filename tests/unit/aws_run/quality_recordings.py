"""Recordings of what is asked about a published model and about its predictions in the lake."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from botocore.response import StreamingBody

from tests.unit.aws_run.conftest import ARTIFACTS, LAKE
from tests.unit.conftest import Stub
from tests.unit.models.conftest import ARN, MOMENT

CONFIG = "nrti-m-20261120000000000"
PROMISED = {"nrti:metric:recall": "0.95", "nrti:interval:recall": "0.9 0.98"}
#: The columns of the rows that a training reads from the lake.
KINDS = {
    "model": "varchar", "version": "varchar", "channels": "integer", "sensor": "varchar",
    "truth": "integer", "data": "array", "moment": "bigint",
}  # fmt: skip
_SUMMARY = {
    "EndpointName": "nrti-m",
    "EndpointArn": ARN,
    "EndpointStatus": "InService",
    "CreationTime": MOMENT,
    "LastModifiedTime": MOMENT,
}


def publishes(
    stub: Stub, inputs: dict[str, Any], config: str = CONFIG, tags: Mapping[str, str] = PROMISED
) -> None:
    """One model is published, with what its evaluation promised in the tags of its configuration."""
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": [_SUMMARY]})
    _serves(stub, config)
    configures(stub, config, tags)
    has(stub, json.dumps({"inputs": inputs}).encode(), ARTIFACTS, f"signatures/nrti-m/{config[-17:]}.json")


def lists_signatures(stub: Stub, config: str = CONFIG) -> None:
    """The versions of the model that have a signature."""
    signatures = {"Contents": [{"Key": f"signatures/nrti-m/{config[-17:]}.json"}]}
    stub("s3").add_response(
        "list_objects_v2", signatures, {"Bucket": ARTIFACTS, "Prefix": "signatures/nrti-m/"}
    )


def _serves(stub: Stub, config: str) -> None:
    described = {**_SUMMARY, "EndpointConfigName": config}
    stub("sagemaker").add_response("describe_endpoint", described, {"EndpointName": "nrti-m"})


def configures(stub: Stub, config: str, tags: Mapping[str, str] = PROMISED) -> None:
    """A configuration, with its tags."""
    variants = [{"VariantName": "v1", "ModelName": config}]
    described = {"EndpointConfigName": config, "EndpointConfigArn": ARN, "CreationTime": MOMENT}
    stub("sagemaker").add_response(
        "describe_endpoint_config",
        {**described, "ProductionVariants": variants},
        {"EndpointConfigName": config},
    )
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    stub("sagemaker").add_response("list_tags", {"Tags": listed})


def keeps_versions(stub: Stub, versions: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """The versions of the model with their tags, asked for after the query; the last is in service."""
    tags = versions or {CONFIG: PROMISED}
    names = list(tags)
    _serves(stub, names[-1])
    found = [{"EndpointConfigName": name, "EndpointConfigArn": ARN, "CreationTime": MOMENT} for name in names]
    stub("sagemaker").add_response("list_endpoint_configs", {"EndpointConfigs": found})
    for name in reversed(names):
        configures(stub, name, tags[name])


def has(stub: Stub, content: bytes, bucket: str = LAKE, key: str = "athena-results/q.csv") -> None:
    """An object, by default the result of a query."""
    body = StreamingBody(io.BytesIO(content), len(content))
    stub("s3").add_response("get_object", {"Body": body}, {"Bucket": bucket, "Key": key})


def queries(stub: Stub, sql: str, state: str = "SUCCEEDED", reason: str = "") -> None:
    """Exactly this query."""
    athena = stub("athena")
    athena.add_response(
        "start_query_execution",
        {"QueryExecutionId": "q"},
        {"QueryString": sql, "WorkGroup": "nrti", "QueryExecutionContext": {"Database": "nrti"}},
    )
    status = {"State": state, **({"StateChangeReason": reason} if reason else {})}
    execution = {
        "QueryExecutionId": "q",
        "StatementType": "DML",
        "Status": status,
        "ResultConfiguration": {"OutputLocation": f"s3://{LAKE}/athena-results/q.csv"},
        "Statistics": {"DataScannedInBytes": 20_000_000, "TotalExecutionTimeInMillis": 900},
    }
    athena.add_response("get_query_execution", {"QueryExecution": execution}, {"QueryExecutionId": "q"})


def gives_rows(stub: Stub, lines: list[str]) -> None:
    """The result of the query for the rows of a training: their types, and the object."""
    info = {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in KINDS.items()]}
    stub("athena").add_response("get_query_results", {"ResultSet": {"ResultSetMetadata": info, "Rows": []}})
    has(stub, "\n".join([",".join(f'"{name}"' for name in KINDS), *lines, ""]).encode())


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """The rows as Athena writes them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
