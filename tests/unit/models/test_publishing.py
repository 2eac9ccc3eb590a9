"""Publishing: what is called when, and what is said when SageMaker cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.artifact import Metadata
from nrti_cli.models.publishing import publish
from nrti_cli.models.source import Source
from tests.unit.conftest import SilentProgress, Stub, missing

ARN = "arn:aws:sagemaker:eu-central-2:000000000000:x/y"
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
NAME = "nrti-m"
SOURCE = Source("s3://bucket/new.tar.gz", "s3://bucket/né(w).tar.gz", Metadata(3, {"f1": 0.5}))
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


class Story:
    """Records SageMaker's answers in the order in which they are to be asked for."""

    def __init__(self, stubber: Stubber) -> None:
        self.stubber = stubber

    def absent(self) -> None:
        missing(self.stubber, "describe_endpoint", "endpoint", EndpointName=NAME)

    def endpoint(self, status: str, config: str = "nrti-m-1", reason: str = "") -> None:
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
        self.stubber.add_response("describe_endpoint", described, {"EndpointName": NAME})

    def serves(self, artifact: str) -> None:
        config = {
            "EndpointConfigName": "nrti-m-1",
            "EndpointConfigArn": ARN,
            "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "nrti-m-1"}],
            "CreationTime": MOMENT,
        }
        self.stubber.add_response("describe_endpoint_config", config)
        self.stubber.add_response("list_tags", {"Tags": []})
        model = {"ModelName": "nrti-m-1", "PrimaryContainer": {"ModelDataUrl": artifact}}
        self.stubber.add_response("describe_model", {**model, "CreationTime": MOMENT, "ModelArn": ARN})

    def configures(self) -> None:
        self.stubber.add_response("create_model", {"ModelArn": ARN})
        self.stubber.add_response("create_endpoint_config", {"EndpointConfigArn": ARN})

    def creates(self) -> None:
        self.stubber.add_response("create_endpoint", {"EndpointArn": ARN})

    def updates(self) -> None:
        self.stubber.add_response("update_endpoint", {"EndpointArn": ARN})

    def deletes(self) -> None:
        self.stubber.add_response("delete_endpoint", {}, {"EndpointName": NAME})


@pytest.fixture
def story(stub: Stub) -> Story:
    return Story(stub("sagemaker"))


@pytest.fixture
def made(target: Target) -> list[str]:
    """The names of the configurations that were made, which are not known beforehand."""
    names: list[str] = []
    target.client("sagemaker").meta.events.register(
        "provide-client-params.sagemaker.CreateEndpointConfig",
        lambda params, **_: names.append(params["EndpointConfigName"]),
    )
    return names


def answers_with_the_new_config(target: Target, made: list[str]) -> None:
    """Lets DescribeEndpoint name the configuration that was made last, once there is one."""

    def rename(parsed: dict[str, Any], **_: object) -> None:
        if made and parsed.get("EndpointConfigName") == "new":
            parsed["EndpointConfigName"] = made[-1]

    target.client("sagemaker").meta.events.register("after-call.sagemaker.DescribeEndpoint", rename)


def run(target: Target, naps: list[float]) -> bool:
    return publish(target, ROLE, "m", SOURCE, SilentProgress(), naps.append)


def test_the_first_time_an_endpoint_is_created(
    target: Target, story: Story, made: list[str], naps: list[float]
) -> None:
    answers_with_the_new_config(target, made)
    story.absent()
    story.configures()
    story.creates()
    story.endpoint("Creating", "new")
    story.endpoint("Creating", "new")
    story.endpoint("InService", "new")

    assert run(target, naps)
    assert naps == [0.2, 0.2]


def test_another_artifact_rolls_it_over(
    target: Target, story: Story, made: list[str], naps: list[float]
) -> None:
    answers_with_the_new_config(target, made)
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.updates()
    story.endpoint("Updating")
    story.endpoint("InService", "new")

    assert run(target, naps)


def test_the_same_artifact_is_left_alone(target: Target, story: Story, naps: list[float]) -> None:
    story.endpoint("InService")
    story.serves(SOURCE.artifact)

    assert not run(target, naps)


def test_an_update_in_progress_is_waited_for(target: Target, story: Story, naps: list[float]) -> None:
    story.endpoint("Updating")
    story.endpoint("InService")
    story.serves(SOURCE.artifact)

    assert not run(target, naps)
    assert naps == [0.2]


def test_a_failed_endpoint_is_replaced(
    target: Target, story: Story, made: list[str], naps: list[float]
) -> None:
    answers_with_the_new_config(target, made)
    story.endpoint("Failed", reason="no memory")
    story.deletes()
    story.endpoint("Deleting")
    story.absent()
    story.configures()
    story.creates()
    story.endpoint("InService", "new")

    assert run(target, naps)


def test_a_creation_that_fails_says_why(target: Target, story: Story, naps: list[float]) -> None:
    story.absent()
    story.configures()
    story.creates()
    story.endpoint("Failed", reason="The model did not load")

    with pytest.raises(NrtiError, match=r"nrti-m is Failed: The model did not load: its log is .*nrti-m"):
        run(target, naps)


def test_an_update_that_went_back_is_an_error(target: Target, story: Story, naps: list[float]) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.updates()
    story.endpoint("InService", "nrti-m-1")

    with pytest.raises(NrtiError, match="went back to the model it served before"):
        run(target, naps)


def test_somebody_else_was_quicker(target: Target, story: Story, naps: list[float]) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.stubber.add_client_error(
        "update_endpoint", "ValidationException", f'Cannot update in-progress endpoint "{ARN}".'
    )

    with pytest.raises(NrtiError, match="being updated by somebody else"):
        run(target, naps)


def test_what_the_model_and_its_configuration_are_made_of(
    target: Target, stub: Stub, naps: list[float]
) -> None:
    stubber = stub("sagemaker")
    missing(stubber, "describe_endpoint", "endpoint", EndpointName=NAME)
    container = {
        "Image": "000000000000.dkr.ecr.eu-central-2.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3",
        "ModelDataUrl": SOURCE.artifact,
        "Environment": ANY,
    }
    owner = [{"Key": "nrti:stack", "Value": "nrti"}, {"Key": "nrti:model", "Value": "m"}]
    stubber.add_response(
        "create_model",
        {"ModelArn": ARN},
        {"ModelName": ANY, "ExecutionRoleArn": ROLE, "PrimaryContainer": container, "Tags": owner},
    )
    about = [
        {"Key": "nrti:source", "Value": "s3://bucket/né_w_.tar.gz"},
        {"Key": "nrti:length", "Value": "3"},
        {"Key": "nrti:metric:f1", "Value": "0.5"},
    ]
    stubber.add_response(
        "create_endpoint_config",
        {"EndpointConfigArn": ARN},
        {"EndpointConfigName": ANY, "ProductionVariants": ANY, "Tags": [*owner, *about]},
    )
    stubber.add_client_error("create_endpoint", "ResourceLimitExceeded", "no more endpoints")

    with pytest.raises(Exception, match="no more endpoints"):
        run(target, naps)
