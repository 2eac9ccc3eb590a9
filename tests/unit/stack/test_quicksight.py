"""The definition of the dashboard's stack fits its template."""

from __future__ import annotations

from dataclasses import fields

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.stack.outputs import Outputs
from nrti_cli.stack.quicksight import check_user, dashboard_definition, dashboard_target
from nrti_cli.stack.template import parse

ACCOUNT = Target(name="aws", stack="plant-2", region="eu-central-1")
PIPELINE = Outputs(**{field.name: f"the-{field.name}" for field in fields(Outputs)})
USER = "arn:aws:quicksight:us-east-1:111122223333:user/default/ada@example.com"


def test_it_is_a_stack_of_its_own_at_the_same_place() -> None:
    target = dashboard_target(ACCOUNT)

    assert (target.stack, target.region, target.name) == ("plant-2-quicksight", "eu-central-1", "aws")


def test_every_parameter_is_one_of_the_template_and_none_is_missing() -> None:
    definition = dashboard_definition(ACCOUNT, PIPELINE, USER, "SPICE")
    declared = parse(definition.template)["Parameters"]

    assert set(definition.parameters) <= set(declared)
    assert {name for name, each in declared.items() if "Default" not in each} <= set(definition.parameters)
    assert definition.parameters["LakeBucket"] == "the-lake_bucket"
    assert definition.parameters["ImportMode"] in declared["ImportMode"]["AllowedValues"]
    assert definition.parameters["QuickSightUserArn"] == USER
    assert definition.tags == {"nrti:stack": "plant-2"}


def test_the_import_mode_and_the_owner_stay_as_they_are_unless_they_are_given() -> None:
    assert "ImportMode" not in dashboard_definition(ACCOUNT, PIPELINE, USER, None).parameters
    assert "QuickSightUserArn" not in dashboard_definition(ACCOUNT, PIPELINE, None, "SPICE").parameters


def test_the_embedded_aws_has_no_quicksight() -> None:
    local = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:1")

    with pytest.raises(UsageError, match="no QuickSight"):
        check_user(local, USER)


@pytest.mark.parametrize(
    "arn", ["ada", "arn:aws:iam::111122223333:user/ada", f"{USER[: -len('ada@example.com')]}"]
)
def test_what_is_no_quicksight_user_is_refused(arn: str) -> None:
    with pytest.raises(UsageError, match="list-users"):
        check_user(ACCOUNT, arn)
