"""Publishing: what is called when, with what, and what an interruption leaves."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.models.polling import Sleep
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from tests.unit.conftest import SilentProgress
from tests.unit.models.conftest import (
    ARN,
    BAD,
    FORMER,
    IMAGE,
    NAME,
    NEW,
    ROLE,
    SOURCE,
    STACK,
    Story,
    interrupting,
)


def run(target: Target, sleep: Sleep, **settings: Any) -> bool:
    return publish(target, STACK, "m", SOURCE, PublishSettings(**settings), SilentProgress(), sleep)


def rolls_over(story: Story) -> None:
    """Up to the request that begins it."""
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.tries()
    story.endpoint("InService")
    story.updates()


def test_the_first_time_an_endpoint_is_created(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.absent()
    story.configures()
    story.absent()
    story.creates()
    story.endpoint("Creating", NEW)
    story.endpoint("Creating", NEW)
    story.endpoint("InService", NEW)
    story.answers()
    story.prunes()

    assert run(target, wait_delays.append)
    assert wait_delays == [0.1, 0.1]


def test_another_artifact_rolls_it_over(target: Target, story: Story, wait_delays: list[float]) -> None:
    rolls_over(story)
    story.endpoint("Updating")
    story.endpoint("InService", NEW)
    story.prunes(FORMER)

    assert run(target, wait_delays.append)
    assert story.asked_for == [NEW, NEW]


def test_the_same_artifact_is_tried_and_left_alone(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService")
    story.serves(SOURCE.artifact)
    story.declared()
    story.answers()

    assert not run(target, wait_delays.append)


def test_the_same_artifact_that_does_not_answer(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService")
    story.serves(SOURCE.artifact)
    story.declared()
    story.answers(BAD)
    for _ in range(2):
        story.fails()

    with pytest.raises(NrtiError, match=r"serves .* already, but expected one prediction and got 0"):
        run(target, wait_delays.append)


def test_an_update_in_progress_is_waited_for(target: Target, story: Story, wait_delays: list[float]) -> None:
    story.endpoint("Updating")
    story.stubber.add_client_error("describe_endpoint", "ThrottlingException", "Rate exceeded")
    story.endpoint("InService")
    story.serves(SOURCE.artifact)
    story.declared()
    story.answers()

    assert not run(target, wait_delays.append)
    assert wait_delays == [0.1, 0.1]


def test_a_failed_endpoint_is_replaced(target: Target, story: Story, wait_delays: list[float]) -> None:
    story.endpoint("Failed", reason="no memory")
    story.config(memory=1024)
    story.configures()
    story.endpoint("Failed", reason="no memory")
    story.deletes()
    story.endpoint("Deleting")
    story.absent()
    story.creates()
    story.endpoint("InService", NEW)
    story.answers()
    story.prunes()

    assert run(target, wait_delays.append)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"memory": 4096}, {"MemorySizeInMB": 4096, "MaxConcurrency": 7}),
        ({"concurrency": 20}, {"MemorySizeInMB": 1024, "MaxConcurrency": 20}),
    ],
)
def test_what_is_not_given_stays_as_it_is(
    target: Target, story: Story, settings: dict[str, int], expected: dict[str, int]
) -> None:
    wanted: list[Any] = []
    target.client("sagemaker").meta.events.register(
        "provide-client-params.sagemaker.CreateEndpointConfig",
        lambda params, **_: wanted.append(params["ProductionVariants"][0]["ServerlessConfig"]),
    )
    story.endpoint("InService")
    story.config(memory=1024, concurrency=7)  # another size is reason enough, whatever the artifact
    story.configures()
    story.tries()
    story.endpoint("InService")
    story.updates()
    story.endpoint("InService", NEW)
    story.prunes()

    assert run(target, interrupting(), **settings)
    assert wanted == [expected]


def test_what_the_model_and_its_configuration_are_made_of(target: Target, story: Story) -> None:
    story.absent()
    container = {
        "Image": IMAGE,
        "ModelDataUrl": SOURCE.artifact,
        "Environment": ANY,
    }
    owner = [{"Key": "nrti:stack", "Value": "nrti"}, {"Key": "nrti:model", "Value": "m"}]
    story.stubber.add_response(
        "create_model",
        {"ModelArn": ARN},
        {"ModelName": ANY, "ExecutionRoleArn": ROLE, "PrimaryContainer": container, "Tags": owner},
    )
    about = [
        {"Key": "nrti:source", "Value": "s3://bucket/né_w_.tar.gz"},
        {"Key": "nrti:length", "Value": "3"},
        {"Key": "nrti:metric:f1", "Value": "0.5"},
    ]
    variant = {
        "VariantName": ANY,
        "ModelName": ANY,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
    }
    story.stubber.add_response(
        "create_endpoint_config",
        {"EndpointConfigArn": ARN},
        {"EndpointConfigName": ANY, "ProductionVariants": [variant], "Tags": [*owner, *about]},
    )
    story.absent()
    story.stubber.add_response(
        "create_endpoint",
        {"EndpointArn": ARN},
        {"EndpointName": NAME, "EndpointConfigName": ANY, "Tags": owner},
    )
    story.endpoint("InService", NEW)
    story.answers()
    story.prunes()

    assert run(target, interrupting())


def test_an_interruption_before_anything_was_begun_changes_nothing(target: Target, story: Story) -> None:
    story.endpoint("Updating")

    with pytest.raises(NrtiError, match=r"^interrupted, and nothing was changed$") as raised:
        run(target, interrupting())
    assert raised.value.exit_status == ExitStatus.INTERRUPTED


def test_an_interruption_between_model_and_endpoint_leaves_neither(target: Target, story: Story) -> None:
    story.absent()
    story.configures()
    story.endpoint("Creating")  # of another process
    story.discards()

    with pytest.raises(NrtiError, match=r"^interrupted, and nothing was changed$"):
        run(target, interrupting())


def test_an_interrupted_wait_says_that_sagemaker_goes_on(target: Target, story: Story) -> None:
    rolls_over(story)
    story.endpoint("Updating")

    message = (
        r"interrupted, but SageMaker continues to make endpoint nrti-m serve s3://bucket/n.*: "
        r"nrti deploy-model --name m --artifact s3://bucket/n.* waits for it and tests it"
    )
    with pytest.raises(NrtiError, match=message):
        run(target, interrupting())


def test_a_lost_permission_says_the_same(target: Target, story: Story, wait_delays: list[float]) -> None:
    rolls_over(story)
    story.stubber.add_client_error("describe_endpoint", "AccessDeniedException", "no describing", 403)

    message = r"missing permission: no describing, but SageMaker continues"
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)
