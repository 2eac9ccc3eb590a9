"""All that `nrti models rollback` with `--target aws` sends, by what the deployer may do."""

from __future__ import annotations

from nrti_cli.aws.target import Target
from nrti_cli.models.publication.rollback import roll_back
from tests.unit.conftest import SilentProgress, Stub
from tests.unit.models.conftest import FORMER, Story
from tests.unit.models.test_going_back import NEWEST, goes, lists


def test_it_goes_to_the_version_before(target: Target, stub: Stub) -> None:
    story = Story(target, stub)
    lists(story, NEWEST)
    goes(story, NEWEST, FORMER)

    assert roll_back(target, "m", SilentProgress(), lambda _: None).version == FORMER[-17:]
