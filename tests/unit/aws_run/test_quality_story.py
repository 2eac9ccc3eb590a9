"""All that `nrti quality` and `nrti train --from-lake` ask of the lake with `--target aws`."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.lake_query import Wanted
from nrti_cli.models.lake_query import statement as training_statement
from nrti_cli.models.lake_rows import load
from nrti_cli.quality.judging import judge
from nrti_cli.quality.statement import Selection, statement
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, LAKE
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.conftest import Stub
from tests.unit.models.conftest import ARN, MOMENT
from tests.unit.quality.outcomes import outcomes, run

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
CONFIG = "nrti-m-20261120000000000"


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return DEPLOYER, OPERATOR


def _publishes(stub: Stub, inputs: dict[str, Any]) -> None:
    """One model is published, with what its evaluation promised in the tags of its configuration."""
    sagemaker = stub("sagemaker")
    summary = {
        "EndpointName": "nrti-m",
        "EndpointArn": ARN,
        "EndpointStatus": "InService",
        "CreationTime": MOMENT,
        "LastModifiedTime": MOMENT,
    }
    sagemaker.add_response("list_endpoints", {"Endpoints": [summary]})
    described = {**summary, "EndpointConfigName": CONFIG}
    sagemaker.add_response("describe_endpoint", described, {"EndpointName": "nrti-m"})
    _configures(stub)
    _has(stub, json.dumps({"inputs": inputs}).encode(), ARTIFACTS, f"signatures/nrti-m/{CONFIG[-17:]}.json")
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})


def _configures(stub: Stub) -> None:
    variants = [{"VariantName": "v1", "ModelName": CONFIG}]
    config = {"EndpointConfigName": CONFIG, "EndpointConfigArn": ARN, "CreationTime": MOMENT}
    stub("sagemaker").add_response(
        "describe_endpoint_config", {**config, "ProductionVariants": variants}, {"EndpointConfigName": CONFIG}
    )
    tags = {"nrti:metric:recall": "0.95", "nrti:interval:recall": "0.9 0.98"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    stub("sagemaker").add_response("list_tags", {"Tags": listed})


def _has(stub: Stub, content: bytes, bucket: str = LAKE, key: str = "athena-results/q.csv") -> None:
    body = StreamingBody(io.BytesIO(content), len(content))
    stub("s3").add_response("get_object", {"Body": body}, {"Bucket": bucket, "Key": key})


def _queries(stub: Stub, sql: str, state: str = "SUCCEEDED", reason: str = "") -> None:
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


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _publishes_again(stub: Stub) -> None:
    """What is asked for once the query is done: the versions of the model."""
    described = {
        "EndpointName": "nrti-m",
        "EndpointArn": ARN,
        "EndpointStatus": "InService",
        "EndpointConfigName": CONFIG,
        "CreationTime": MOMENT,
        "LastModifiedTime": MOMENT,
    }
    stub("sagemaker").add_response("describe_endpoint", described, {"EndpointName": "nrti-m"})
    summary = {"EndpointConfigName": CONFIG, "EndpointConfigArn": ARN, "CreationTime": MOMENT}
    stub("sagemaker").add_response("list_endpoint_configs", {"EndpointConfigs": [summary]})
    _configures(stub)


def test_the_quality_stands_beside_what_was_promised(target: Target, stub: Stub, tmp_path: Path) -> None:
    selection, windows = Selection(SINCE), {"features": ["a", "b"], "window": 30, "hop": 10}
    sql = statement(selection, {"m": 12})
    truth, prediction = [1, 0] * 200, [1, 0, 0, 0] * 100
    rows = outcomes(400, truth=truth, prediction=prediction, probability=[0.9, 0.2, 0.4, 0.1] * 100)
    _publishes(stub, windows)
    _queries(stub, sql)
    _has(stub, _csv(run(sql, rows, tmp_path)))
    _publishes_again(stub)

    execution, (found,) = judge(target, selection)

    assert found.metrics["recall"] == 0.5
    assert found.promised == {"recall": 0.95}
    assert found.broken_promises == ["recall"]
    assert execution.dollars == pytest.approx(0.0001)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("Bytes scanned limit was exceeded", "the query failed: Bytes scanned limit was exceeded"),
        (
            "Insufficient permissions to execute the query. User is not authorized to glue:GetTable",
            "Insufficient permissions",
        ),
    ],
)
def test_a_query_that_fails_is_one_line(target: Target, stub: Stub, reason: str, text: str) -> None:
    _publishes(stub, {"features": ["a"]})
    _queries(stub, statement(Selection(SINCE), {}), "FAILED", reason)

    with pytest.raises(NrtiError, match=text):
        judge(target, Selection(SINCE))


def test_throttling_is_left_to_the_boundary(target: Target, stub: Stub) -> None:
    _publishes(stub, {"features": ["a"]})
    stub("athena").add_client_error("start_query_execution", "TooManyRequestsException", "Rate exceeded", 400)

    with pytest.raises(ClientError, match="Rate exceeded"):
        judge(target, Selection(SINCE))


def test_rows_of_the_lake_have_the_inputs_that_their_model_declares(target: Target, stub: Stub) -> None:
    windows = {"features": ["a", "b"], "window": 2, "hop": 1, "group": "pump", "label": "failure"}
    wanted = Wanted("m", SINCE, "sensor like 'p%'")
    _publishes(stub, windows)
    _queries(stub, training_statement(wanted, published=True))
    kinds = {
        "model": "varchar", "channels": "integer", "sensor": "varchar", "truth": "integer",
        "data": "array", "moment": "bigint",
    }  # fmt: skip
    info = {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in kinds.items()]}
    stub("athena").add_response("get_query_results", {"ResultSet": {"ResultSetMetadata": info, "Rows": []}})
    lines = [f'"m","2","p1","{n % 2}","[1.0, 2.0, {n}.0, 4.0]","{n}"' for n in range(40)]
    _has(stub, "\n".join([",".join(f'"{name}"' for name in kinds), *lines, ""]).encode())

    found = load(target, wanted)

    assert found.features == ("a[0]", "b[0]", "a[1]", "b[1]")
    assert found.schema
    assert (found.schema.hop, found.schema.group, found.label) == (1, "pump", "failure")
