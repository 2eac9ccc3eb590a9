"""Which publications stay."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.models.publication.pruning import prune
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from tests.unit.conftest import SilentProgress, missing
from tests.unit.models.conftest import ARN, MOMENT, SOURCE, STACK, Story

NAMES = [f"nrti-m-2026112212000000{number}" for number in range(5)]


def goes(story: Story, name: str) -> None:
    story.stubber.add_response("delete_endpoint_config", {}, {"EndpointConfigName": name})
    story.stubber.add_response("delete_model", {}, {"ModelName": name})


@pytest.mark.parametrize(("keep", "gone"), [(1, NAMES[:3]), (2, NAMES[:2]), (4, []), (9, [])])
def test_the_last_stay_and_so_does_what_is_younger_than_the_one_in_service(
    target: Target, story: Story, keep: int, gone: list[str]
) -> None:
    story.prunes(*NAMES)
    for name in gone:
        goes(story, name)
    if gone:
        story.forgets()

    assert prune(target, "m", NAMES[3], keep) == gone


def test_what_has_another_name_is_not_ours(target: Target, story: Story) -> None:
    story.prunes("nrti-m-2-20261122120000000", "nrti-m-by-hand", "my-nrti-m-20261122120000000", NAMES[3])

    assert prune(target, "m", NAMES[3], 1) == []


def test_one_half_of_a_publication_goes_like_the_whole(target: Target, story: Story) -> None:
    story.prunes(NAMES[0])
    missing(story.stubber, "delete_endpoint_config", "endpoint configuration", EndpointConfigName=NAMES[0])
    story.stubber.add_response("delete_model", {}, {"ModelName": NAMES[0]})
    story.forgets()

    assert prune(target, "m", NAMES[3], 1) == NAMES[:1]


@pytest.fixture
def published(story: Story) -> None:
    """All that comes before."""
    story.comes_into_service()


def run(target: Target, progress: SilentProgress) -> bool:
    return publish(target, STACK, "m", SOURCE, PublishSettings(keep=2), progress)


@pytest.mark.usefixtures("published")
def test_a_publication_says_what_it_deleted(target: Target, story: Story, progress: SilentProgress) -> None:
    story.prunes(*NAMES[:3])
    for name in NAMES[:2]:
        goes(story, name)
    story.forgets()

    assert run(target, progress)
    assert progress.lines[3:] == ["deleted 2 older configurations with their models, kept 2"]


@pytest.mark.usefixtures("published")
def test_a_publication_is_none_the_worse_if_nothing_can_be_deleted(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.stubber.add_client_error("list_endpoints", "AccessDeniedException", "no list")

    assert run(target, progress)
    line = progress.lines[-1]
    assert "missing permission: no list" in line


def test_a_temporary_endpoint_that_an_interruption_left_goes_too(target: Target, story: Story) -> None:
    older, longer = "nrti-m-20261122120000000", "nrti-m-2-20261122120000000"
    listed = {
        "EndpointArn": ARN,
        "CreationTime": MOMENT,
        "LastModifiedTime": MOMENT,
        "EndpointStatus": "InService",
    }
    names = (older, longer, NAMES[4], "nrti-m")
    story.stubber.add_response(
        "list_endpoints", {"Endpoints": [{"EndpointName": name, **listed} for name in names]}
    )
    story.stubber.add_response("delete_endpoint", {}, {"EndpointName": older})
    goes(story, older)
    story.forgets()
    story.lists()

    assert prune(target, "m", NAMES[3], 5) == []
