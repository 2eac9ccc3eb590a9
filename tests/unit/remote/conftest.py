"""What the inference function sees of SageMaker, stubbed: all that was recorded must be called."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.response import StreamingBody
from botocore.stub import Stubber

from nrti_cli.remote.inference_function.endpoints import Models


@dataclass(frozen=True)
class Runtime:
    """The models of stack `nrti`, and what their endpoints shall answer, in turn."""

    models: Models
    stubber: Stubber

    def expect(self, model: str, rows: list[Any], body: bytes) -> None:
        response = {"Body": StreamingBody(io.BytesIO(body), len(body))}
        self.stubber.add_response("invoke_endpoint", response, _call(model, rows))

    def answer(self, model: str, rows: list[Any], predictions: list[Mapping[str, Any]]) -> None:
        self.expect(model, rows, json.dumps({"predictions": predictions}).encode())

    def fail(self, model: str, rows: list[Any], code: str, status: int, **more: Any) -> None:
        self.stubber.add_client_error(
            "invoke_endpoint",
            code,
            "told so",
            status,
            modeled_fields=more or None,
            expected_params=_call(model, rows),
        )

    def unknown(self, model: str, rows: list[Any]) -> None:
        message = f"Endpoint nrti-{model} of account 000000000000 not found."
        self.stubber.add_client_error(
            "invoke_endpoint", "ValidationError", message, 400, expected_params=_call(model, rows)
        )


def _call(model: str, rows: list[Any]) -> dict[str, Any]:
    return {
        "EndpointName": f"nrti-{model}",
        "ContentType": "application/json",
        "Accept": "application/json",
        "Body": json.dumps({"instances": rows}),
    }


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    client = boto3.client(
        "sagemaker-runtime",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with Stubber(client) as stubber:
        yield Runtime(Models(client, "nrti"), stubber)
        stubber.assert_no_pending_responses()
