"""Which models are shadows, and how one takes the place of its model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.shadows import Shadows
from tests.unit.models.conftest import Story


def _puts(story: Story, model: str, shadow: str) -> None:
    expected = {
        "Bucket": ANY,
        "Key": f"shadows/{model}.json",
        "Body": json.dumps({"shadow": shadow}).encode(),
    }
    story.objects.add_response("put_object", {}, expected)


def test_the_shadows_are_listed_with_their_models(target: Target, story: Story) -> None:
    story.shadows(a="b", c="d")

    assert Shadows(target).all() == {"a": "b", "c": "d"}


@pytest.mark.parametrize("document", [[], {}, {"shadow": 1}])
def test_an_object_of_another_program_is_no_shadow(target: Target, story: Story, document: Any) -> None:
    story.objects.add_response("list_objects_v2", {"Contents": [{"Key": "shadows/a.json"}]})
    story.declared(document)

    assert Shadows(target).all() == {}


def test_a_shadow_is_found_by_its_name(target: Target, story: Story) -> None:
    story.shadows(a="b", c="d")

    assert Shadows(target).shadowed_by("d") == "c"


def test_a_model_that_is_no_shadow_is_named(target: Target, story: Story) -> None:
    story.shadows(a="b")

    with pytest.raises(NrtiError, match="model 'a' shadows no other: nrti deploy-model --name a --shadow-of"):
        Shadows(target).shadowed_by("a")


def test_a_new_shadow_replaces_the_former_one(target: Target, story: Story) -> None:
    story.declared({"shadow": "former"})
    _puts(story, "m", "new")

    assert Shadows(target).begin("m", "new") == "former"


def test_the_same_shadow_again_changes_nothing(target: Target, story: Story) -> None:
    story.declared({"shadow": "n"})
    _puts(story, "m", "n")

    assert Shadows(target).begin("m", "n") == ""


def test_a_model_is_not_its_own_shadow(target: Target) -> None:
    with pytest.raises(UsageError, match="cannot be its own shadow"):
        Shadows(target).require("m", "m")


def test_a_model_shadows_one_other_at_a_time(target: Target, story: Story) -> None:
    story.shadows(a="b")

    with pytest.raises(NrtiError, match="model 'b' is the shadow of 'a' already: nrti models end-shadow b"):
        Shadows(target).require("m", "b")
