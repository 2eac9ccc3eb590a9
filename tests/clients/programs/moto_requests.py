"""A pytest plugin for moto's own tests: makes of their requests such as AWS takes and can carry out.

The tests stay as they are. On its way out, a request gets a role's ARN where it has a placeholder, a model
that can be served, a sort key as the API spells it, and the order that moto takes for the default; tags go in
portions that AWS takes; and an operation that goes on after its answer is waited for.
"""

from __future__ import annotations

import io
import os
import tarfile
import time
from collections.abc import Callable
from typing import Any

import boto3

_ROLE = "arn:aws:iam::123456789012:role/placeholder"
_BUCKET, _KEY = "runnable", "model.tar.gz"
_SCRIPT = b"def model_fn(directory):\n    return None\n"
_TAGS = 50
_SECONDS = 30.0


def pytest_configure() -> None:
    """Puts the changes in front of every client of the default session, which moto's tests use."""
    boto3.setup_default_session()
    events: Any = boto3.DEFAULT_SESSION.events  # type: ignore[union-attr]
    for operation in ("CreateModel", "CreateTrainingJob"):
        events.register(f"provide-client-params.sagemaker.{operation}", _with_role)
    events.register("provide-client-params.sagemaker.CreateModel", _runnable)
    for operation in ("ListEndpoints", "ListEndpointConfigs"):
        events.register(f"provide-client-params.sagemaker.{operation}", _sorted)
    events.register("provide-client-params.sagemaker.AddTags", _in_portions)
    for operation in ("CreateEndpoint", "DeleteEndpoint"):
        events.register(f"after-call.sagemaker.{operation}", _settled)


def _client(service: str) -> Any:
    """A client of a session of its own, whose requests are left alone."""
    address = os.environ["TEST_SERVER_MODE_ENDPOINT"]
    return boto3.Session().client(service, region_name="us-east-1", endpoint_url=address)  # type: ignore[call-overload]


def _with_role(params: dict[str, Any], **_: Any) -> None:
    for member in {"RoleArn", "ExecutionRoleArn"} & params.keys():
        params[member] = _ROLE


def _runnable(params: dict[str, Any], **_: Any) -> None:
    if "PrimaryContainer" in params:
        params["PrimaryContainer"] |= {
            "ModelDataUrl": _uploaded(),
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        }


def _uploaded() -> str:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(_SCRIPT)
        archive.addfile(member, io.BytesIO(_SCRIPT))
    s3 = _client("s3")
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_object(Bucket=_BUCKET, Key=_KEY, Body=stream.getvalue())
    return f"s3://{_BUCKET}/{_KEY}"


def _sorted(params: dict[str, Any], **_: Any) -> None:
    params.setdefault("SortOrder", "Ascending")
    if "SortBy" in params:
        params["SortBy"] = params["SortBy"].capitalize()


def _in_portions(params: dict[str, Any], **_: Any) -> None:
    while len(params["Tags"]) > _TAGS:
        _client("sagemaker").add_tags(ResourceArn=params["ResourceArn"], Tags=params["Tags"][:_TAGS])
        params["Tags"] = params["Tags"][_TAGS:]


def _settled(**_: Any) -> None:
    client = _client("sagemaker")
    _until(
        lambda: all(
            e["EndpointStatus"] in {"InService", "Failed"} for e in client.list_endpoints()["Endpoints"]
        )
    )


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, "an endpoint does not settle"
        time.sleep(0.02)
