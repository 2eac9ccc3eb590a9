"""A stubbed SageMaker with the recorded life of an endpoint."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from nrti_cli.aws.target import Target
from nrti_cli.models.artifact import Metadata
from nrti_cli.models.handlers import Handlers
from nrti_cli.models.publication.rollout import _POLLS
from nrti_cli.models.publication.source import ModelSource
from nrti_cli.stack.outputs import Outputs
from tests.unit.conftest import Stub, missing

ARN = "arn:aws:sagemaker:eu-central-2:000000000000:x/y"
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
NAME = "nrti-m"
FORMER = "nrti-m-20261122120000000"
METADATA = Metadata(3, {"f1": 0.5}, {"scikit-learn": "1.9.0"}, handlers=Handlers(frozenset({"input_fn"})))
IMAGE = "000000000000.dkr.ecr.eu-central-2.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
FUNCTION = "nrti-inference"
STACK = Outputs(
    **{each.name: each.name for each in fields(Outputs)}
    | {"sagemaker_role_arn": ROLE, "inference_function": FUNCTION}
)
SOURCE = ModelSource("s3://bucket/new.tar.gz", "s3://bucket/né(w).tar.gz", METADATA)
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = {"form": "nrti", "answer": "{}", "rows": [{"prediction": 0, "probability": 0.1}]}
#: Zeros are what the model does not take.
NO_ZEROS = {"form": "nrti", "answer": "{}", "rows": [{"error": "no zeros"}]}
#: What the function returns about an answer that cannot be read.
BAD = {"form": "a list", "answer": "[]", "reason": "expected one prediction and got 0: []", "passing": False}
#: Stands for the configuration that is being published, of which the name holds the time.
NEW = "new"


class Story:
    """Records SageMaker's answers in the order in which they are to be asked for."""

    def __init__(self, target: Target, stub: Stub) -> None:
        self.stubber: Stubber = stub("sagemaker")
        self.functions: Stubber = stub("lambda")
        self.objects: Stubber = stub("s3")
        self.logs: Stubber = stub("logs")
        self.made: list[str] = []
        self.asked_for: list[str] = []
        events = target.client("sagemaker").meta.events
        events.register("provide-client-params.sagemaker.CreateModel", self._remember)
        events.register("after-call.sagemaker.DescribeEndpoint", self._rename)
        for operation in ("UpdateEndpoint", "CreateEndpoint"):
            events.register(f"provide-client-params.sagemaker.{operation}", self._ask)

    def _remember(self, params: dict[str, Any], **_: object) -> None:
        self.made.append(params["ModelName"])

    def _ask(self, params: dict[str, Any], **_: object) -> None:
        name = params["EndpointConfigName"]
        self.asked_for.append(NEW if name in self.made else name)

    def _rename(self, parsed: dict[str, Any], **_: object) -> None:
        if parsed.get("EndpointConfigName") == NEW:
            parsed["EndpointConfigName"] = self.made[-1]

    def absent(self) -> None:
        missing(self.stubber, "describe_endpoint", "endpoint", EndpointName=NAME)

    def endpoint(self, status: str, config: str = FORMER, reason: str = "", name: Any = NAME) -> None:
        described = {
            "EndpointName": NAME,
            "EndpointArn": ARN,
            "EndpointConfigName": config,
            "EndpointStatus": status,
            "CreationTime": MOMENT,
            "LastModifiedTime": MOMENT,
        }
        if reason:
            described["FailureReason"] = reason
        self.stubber.add_response("describe_endpoint", described, {"EndpointName": name})

    def config(
        self, memory: int = 2048, concurrency: int = 5, source: str = "job-1", name: str = FORMER
    ) -> None:
        serverless = {"MemorySizeInMB": memory, "MaxConcurrency": concurrency}
        config = {
            "EndpointConfigName": name,
            "EndpointConfigArn": ARN,
            "ProductionVariants": [
                {"VariantName": "AllTraffic", "ModelName": name, "ServerlessConfig": serverless}
            ],
            "CreationTime": MOMENT,
        }
        self.stubber.add_response("describe_endpoint_config", config, {"EndpointConfigName": name})
        self.stubber.add_response("list_tags", {"Tags": [{"Key": "nrti:source", "Value": source}]})

    def serves(self, artifact: str, name: str = FORMER) -> None:
        """The configuration, and the model in it; nothing is declared."""
        self.config(name=name)
        self.model(artifact, name)

    def model(self, artifact: str, name: str = FORMER) -> None:
        """The model of a configuration."""
        container = {"Image": IMAGE, "ModelDataUrl": artifact}
        model = {"ModelName": name, "PrimaryContainer": container}
        self.stubber.add_response("describe_model", {**model, "CreationTime": MOMENT, "ModelArn": ARN})

    def declared(self, document: dict[str, Any] | None = None) -> None:
        """The signature of the version in service."""
        if document is None:
            self.objects.add_client_error("get_object", "NoSuchKey")
            return
        body = json.dumps(document).encode()
        self.objects.add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))})

    def tries(self, answer: dict[str, Any] = GOOD) -> None:
        """The temporary endpoint comes into service, and answers."""
        self.creates()
        self.endpoint("InService", NEW, name=ANY)
        self.answers(answer)
        self.stubber.add_response("delete_endpoint", {})

    def comes_into_service(self) -> None:
        """The first publication of a model, as far as its answer."""
        self.absent()
        self.configures()
        self.absent()
        self.creates()
        self.endpoint("InService", NEW)
        self.answers()

    def configures(self) -> None:
        self.stubber.add_response("create_model", {"ModelArn": ARN})
        self.stubber.add_response("create_endpoint_config", {"EndpointConfigArn": ARN})

    def creates(self) -> None:
        self.stubber.add_response("create_endpoint", {"EndpointArn": ARN})

    def updates(self) -> None:
        self.stubber.add_response("update_endpoint", {"EndpointArn": ARN})

    def deletes(self) -> None:
        self.stubber.add_response("delete_endpoint", {}, {"EndpointName": NAME})

    def discards(self) -> None:
        """The deletion of the configuration, the model and the signature that were made."""
        self.stubber.add_response("delete_endpoint_config", {})
        self.stubber.add_response("delete_model", {})
        self.forgets()

    def shadows(self, **by_model: str) -> None:
        """The shadows of models."""
        keys = [{"Key": f"shadows/{model}.json"} for model in by_model]
        self.objects.add_response(
            "list_objects_v2", {"Contents": keys} if keys else {}, {"Bucket": ANY, "Prefix": "shadows/"}
        )
        for shadow in by_model.values():
            self.declared({"shadow": shadow})

    def forgets(self) -> None:
        """The deletion of signatures."""
        self.objects.add_response("delete_objects", {})

    def answers(self, answer: dict[str, Any] = GOOD) -> None:
        """What the inference function makes of the endpoint."""
        payload = json.dumps(answer).encode()
        self.functions.add_response(
            "invoke",
            {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(payload), len(payload))},
            {"FunctionName": FUNCTION, "Payload": ANY},
        )

    def fails(self, reason: str = "the model failed", *, passing: bool = False) -> None:
        """A trial that is not answered."""
        self.answers({"reason": reason, "passing": passing})

    def logged(self, *lines: str) -> None:
        """What the containers have logged, as far as it is asked for."""
        events = [{"message": line, "timestamp": 1, "eventId": "1", "logStreamName": "s"} for line in lines]
        for _ in range(1 if lines else _POLLS):
            self.logs.add_response("filter_log_events", {"events": events})

    def prunes(self, *names: str) -> None:
        """The listings, without the deletions; the new one is the newest."""
        self.stubber.add_response("list_endpoints", {"Endpoints": []})
        self.lists(*names)

    def lists(self, *names: str) -> None:
        """The listings of configurations and models."""
        configs = [{"EndpointConfigName": name, **_LISTED_CONFIG} for name in names]
        models = [{"ModelName": name, **_LISTED_MODEL} for name in names]
        self.stubber.add_response("list_endpoint_configs", {"EndpointConfigs": configs})
        self.stubber.add_response("list_models", {"Models": models})


_LISTED_CONFIG = {"EndpointConfigArn": ARN, "CreationTime": MOMENT}
_LISTED_MODEL = {"ModelArn": ARN, "CreationTime": MOMENT}


@pytest.fixture
def story(target: Target, stub: Stub) -> Story:
    return Story(target, stub)


def interrupting() -> Callable[[float], None]:
    """A sleep in which the user presses Ctrl-C."""

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    return sleep


@pytest.fixture
def stack(stub: Stub) -> None:
    """The stack exists, as CloudFormation says when it is asked."""
    described = {"StackName": "nrti", "StackStatus": "CREATE_COMPLETE", "CreationTime": MOMENT}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [described]}, {"StackName": "nrti"})
