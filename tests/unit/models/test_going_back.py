"""`nrti models rollback` against a stubbed SageMaker: to the version before, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.models.publication.rollback import Rollback, roll_back
from tests.unit.conftest import SilentProgress
from tests.unit.models.conftest import ARN, FORMER, MOMENT, NAME, Story, interrupting

OLDEST, NEWEST = "nrti-m-20261121120000000", "nrti-m-20261123120000000"
_MARKED = {"nrti:rolled-back": OLDEST[-17:]}


def _describes(story: Story, config: str, tags: Mapping[str, str]) -> None:
    variant = {"VariantName": "v1", "ModelName": config}
    described = {"EndpointConfigName": config, "EndpointConfigArn": ARN, "CreationTime": MOMENT}
    story.stubber.add_response(
        "describe_endpoint_config",
        {**described, "ProductionVariants": [variant]},
        {"EndpointConfigName": config},
    )
    listed = [{"Key": key, "Value": value} for key, value in {"nrti:source": f"job-{config}", **tags}.items()]
    story.stubber.add_response("list_tags", {"Tags": listed})


def lists(
    story: Story,
    serving: str,
    names: Sequence[str] = (OLDEST, FORMER, NEWEST),
    tags: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """The endpoint settles, and the versions are listed, with the tags of some."""
    for _ in range(2):
        story.endpoint("InService", serving)
    summaries = [
        {"EndpointConfigName": name, "EndpointConfigArn": ARN, "CreationTime": MOMENT} for name in names
    ]
    story.stubber.add_response("list_endpoint_configs", {"EndpointConfigs": summaries})
    for name in reversed(names):
        _describes(story, name, (tags or {}).get(name, {}))


def _marks(story: Story, left: str, version: str) -> None:
    described = {"EndpointConfigName": left, "EndpointConfigArn": ARN, "CreationTime": MOMENT}
    story.stubber.add_response(
        "describe_endpoint_config",
        {**described, "ProductionVariants": [{"VariantName": "v1"}]},
        {"EndpointConfigName": left},
    )
    story.stubber.add_response(
        "add_tags",
        {},
        {"ResourceArn": ARN, "Tags": [{"Key": "nrti:rolled-back", "Value": version[-17:]}]},
    )


def goes(story: Story, serving: str, version: str) -> None:
    """The endpoint goes to another version, and the one that it leaves is marked."""
    story.endpoint("InService", serving)
    story.updates()
    story.endpoint("Updating", serving)
    story.endpoint("InService", version)
    _marks(story, serving, version)


def test_it_goes_to_the_version_before_and_marks_the_one_that_it_leaves(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, NEWEST)
    goes(story, NEWEST, FORMER)

    done = roll_back(target, "m", progress, lambda _: None)

    assert done == Rollback("m", NEWEST[-17:], FORMER[-17:], f"job-{FORMER}", f"job-{NEWEST}")
    assert story.asked_for == [FORMER]


def test_a_version_that_a_rollback_has_left_is_skipped(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, NEWEST, tags={FORMER: _MARKED})
    goes(story, NEWEST, OLDEST)

    assert roll_back(target, "m", progress, lambda _: None).version == OLDEST[-17:]


def test_without_a_version_before_nothing_is_done(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, OLDEST)

    with pytest.raises(NrtiError, match=f"model m has no version before {OLDEST[-17:]} to go back to"):
        roll_back(target, "m", progress, lambda _: None)


def test_an_endpoint_of_another_user_is_left_alone(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, "by-hand")

    with pytest.raises(NrtiError, match="model m has no version of nrti in service"):
        roll_back(target, "m", progress, lambda _: None)


def test_sagemaker_takes_a_version_back_that_does_not_come_into_service(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, NEWEST)
    story.endpoint("InService", NEWEST)
    story.updates()
    story.endpoint("InService", NEWEST, reason="The image is gone.")
    story.logged()

    with pytest.raises(NrtiError, match=f"{NAME} does not serve version {FORMER[-17:]}: The image is gone"):
        roll_back(target, "m", progress, lambda _: None)


def test_an_interrupt_says_that_sagemaker_continues(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    lists(story, NEWEST)
    story.endpoint("InService", NEWEST)
    story.updates()
    story.endpoint("Updating", NEWEST)

    with pytest.raises(NrtiError, match="interrupted, but SageMaker continues to make endpoint") as ended:
        roll_back(target, "m", progress, interrupting())
    assert ended.value.exit_status is ExitStatus.INTERRUPTED
