"""Every read-only operation of the services that the pipeline uses, with invented names, by botocore.

Each gives an answer that is true, or an error as AWS shapes it: never an internal error, never something that
the client cannot read, and no description of what does not exist.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape

from nrti_cli.aws.target import Target

pytestmark = pytest.mark.clients

SERVICES = (  # noqa: SIM905 - a line each would be longer than the test
    "apigateway athena cloudformation cloudwatch dynamodb dynamodbstreams events firehose glue iam kinesis "
    "lambda logs s3 sagemaker sns sqs stepfunctions sts"
).split()
_READS = re.compile(r"(Batch)?(Describe|Get|Head|List|Query|Scan|Search|Test|Validate)")
#: Operations on one thing that answer although it does not exist; AWS answers most of them as well.
ANSWERS_ANYWAY = {
    ("athena", "BatchGetNamedQuery"),
    ("athena", "BatchGetQueryExecution"),
    ("cloudwatch", "DescribeAlarmsForMetric"),
    ("cloudwatch", "GetMetricData"),
    ("cloudwatch", "GetMetricStatistics"),
    ("glue", "BatchGetPartition"),
    ("glue", "BatchGetTriggers"),
    ("glue", "GetJobRuns"),
    ("glue", "GetUserDefinedFunctions"),
    ("lambda", "GetFunctionCodeSigningConfig"),
    ("sts", "GetFederationToken"),
}


def _value(shape: Shape, depth: int = 0) -> Any:
    """The least that a shape takes, with invented names."""
    kind = shape.type_name
    if kind == "structure":
        members = shape.members if depth < 6 else {}  # type: ignore[attr-defined] # of a StructureShape
        needed = shape.metadata.get("required", [])
        return {name: _value(member, depth + 1) for name, member in members.items() if name in needed}
    if kind == "list":
        return [_value(shape.member, depth + 1)]  # type: ignore[attr-defined] # of a ListShape
    if kind == "map":
        return {"key": _value(shape.value, depth + 1)}  # type: ignore[attr-defined] # of a MapShape
    if kind == "string":
        return _text(shape)
    simple = {"boolean": True, "blob": b"x", "timestamp": 1_700_000_000, "float": 1.0, "double": 1.0}
    return simple.get(kind, max(1, shape.metadata.get("min", 1)))


def _text(shape: Shape) -> str:
    if shape.metadata.get("enum"):
        return str(shape.metadata["enum"][0])
    text = "arn:aws:x:eu-central-2:000000000000:none/none" if "arn" in shape.name.lower() else "none"
    return text.ljust(shape.metadata.get("min", 1), "e")[: shape.metadata.get("max", 10**6)]


def _operations(client: Any) -> Iterator[OperationModel]:
    model = client.meta.service_model
    return (model.operation_model(name) for name in model.operation_names if _READS.match(name))


def _problem(client: Any, service: str, operation: OperationModel) -> str | None:
    request = _value(operation.input_shape) if operation.input_shape else {}
    try:
        answer = getattr(client, xform_name(operation.name))(**request)
    except ClientError as error:
        reply, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        refused = "not in the embedded AWS" in reply["Message"]
        if not reply["Message"] or (status >= 500 and not refused):
            return f"{operation.name}: {status} {reply}"
        return None
    needed = operation.output_shape.metadata.get("required", []) if operation.output_shape else []
    missing = set(needed) - answer.keys()
    if missing:
        return f"{operation.name} answers without {missing}"
    asks_for_one = request and not operation.name.startswith(("List", "Search", "Simulate", "Test"))
    if asks_for_one and (service, operation.name) not in ANSWERS_ANYWAY:
        return f"{operation.name} answers for {request}: {answer}"
    return None


@pytest.mark.parametrize("service", SERVICES)
def test_every_look_is_answered_truly_or_refused(service: str, pipeline: Target) -> None:
    client = pipeline.client(service, parameter_validation=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problems = [_problem(client, service, operation) for operation in _operations(client)]

    assert not list(filter(None, problems))
