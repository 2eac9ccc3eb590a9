"""A shadow that cannot be promoted stays a shadow, and the model in service stays as it is."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.publication.promotion import promote
from tests.unit.conftest import SilentProgress
from tests.unit.models.conftest import STACK, Story


def test_a_shadow_that_is_not_in_service_is_not_promoted(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.shadows(other="m")
    story.endpoint("Failed", reason="no such image")
    story.config()

    with pytest.raises(NrtiError, match="model 'm' is Failed: no such image: wait until nrti models shows"):
        promote(target, STACK, "m", 5, progress)


def test_what_nrti_did_not_publish_is_not_promoted(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.shadows(other="m")
    story.endpoint("InService")
    story.config()
    story.config()

    with pytest.raises(NrtiError, match="nrti did not publish what model 'm' serves: publish it with"):
        promote(target, STACK, "m", 5, progress)


def test_a_model_that_is_no_shadow_has_no_place_to_take(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.shadows()

    with pytest.raises(NrtiError, match="model 'm' shadows no other"):
        promote(target, STACK, "m", 5, progress)
