"""What the inference function sees of SageMaker, stubbed: all that was recorded must be called."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from nrti_cli.remote.inference_function.answers import Verdict
from nrti_cli.remote.inference_function.endpoints import Judgement, Models
from nrti_cli.remote.inference_function.variants import Variants

#: The version of every model that says no other.
VERSION = "20261122153654278"
PUBLISHED_AT = 1_795_361_814_278


@dataclass
class Control:
    """SageMaker's control plane and S3, as far as the function asks them.

    Attributes:
        variant: what each endpoint serves.
        status: of each endpoint.
        objects: of the artifacts bucket.
    """

    variant: str = f"v{VERSION}"
    status: str = "InService"
    objects: dict[str, Any] = field(default_factory=dict)

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803 (boto3's)
        return {
            "EndpointName": EndpointName,
            "EndpointStatus": self.status,
            "ProductionVariants": [{"VariantName": self.variant}],
        }

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": f"{Bucket}/{Key}"}}, "GetObject")
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}


@dataclass(frozen=True)
class Runtime:
    """The models of stack `nrti`, and what their endpoints answer, in turn."""

    models: Models
    stubber: Stubber
    control: Control

    def expect(
        self,
        model: str,
        rows: list[Any],
        body: bytes,
        *,
        variant: str | None = None,
        content_type: str = "application/json",
        call: dict[str, Any] | None = None,
    ) -> None:
        response = {
            "Body": StreamingBody(io.BytesIO(body), len(body)),
            "ContentType": content_type,
            "InvokedProductionVariant": variant or self.control.variant,
        }
        self.stubber.add_response("invoke_endpoint", response, call or question(model, rows))

    def answer(self, model: str, rows: list[Any], predictions: list[Mapping[str, Any]]) -> None:
        self.expect(model, rows, json.dumps({"predictions": predictions}).encode())

    def fail(
        self,
        model: str,
        rows: list[Any],
        code: str,
        status: int,
        call: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.stubber.add_client_error(
            "invoke_endpoint",
            code,
            "as arranged",
            status,
            modeled_fields=more or None,
            expected_params=call or question(model, rows),
        )

    def unknown(self, model: str, rows: list[Any]) -> None:
        message = f"Endpoint nrti-{model} of account 000000000000 not found."
        self.stubber.add_client_error(
            "invoke_endpoint", "ValidationError", message, 400, expected_params=question(model, rows)
        )


def question(
    model: str, rows: list[Any], body: bytes | None = None, content_type: str = "application/json"
) -> dict[str, Any]:
    """What an endpoint is asked: nrti's form, or a body of another content type."""
    return {
        "EndpointName": f"nrti-{model}",
        "ContentType": content_type,
        "Accept": content_type,
        "Body": body or json.dumps({"instances": rows}).encode(),
    }


def judged(model: str, prediction: int, probability: float, version: str = VERSION) -> Judgement:
    """What a model of nrti says."""
    return Judgement(f"nrti-{model}", version, Verdict(prediction, probability))


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
        control = Control()
        variants = Variants(lambda: control, lambda: control, "artifacts")  # type: ignore[arg-type, return-value]
        yield Runtime(Models(client, "nrti", variants), stubber, control)
        stubber.assert_no_pending_responses()
