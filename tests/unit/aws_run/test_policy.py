"""The deployer's policy is one that AWS takes and a platform team would."""

from __future__ import annotations

import json

from tests.unit.aws_run.policy import FILE, action, allowed, statements

#: Of a managed policy, without the blanks.
_LONGEST = 6144


def test_it_is_short_enough_for_a_managed_policy() -> None:
    assert len(json.dumps(json.loads(FILE.read_text()), separators=(",", ":"))) <= _LONGEST


def test_only_named_actions_are_on_everything_and_nothing_there_can_destroy() -> None:
    unbounded = [each for each in statements() if each["Resource"] == "*" and "Condition" not in each]
    actions = [name.partition(":")[2] for each in unbounded for name in each["Action"]]

    assert actions
    assert all(name.startswith(("Describe", "Get", "List", "Validate")) for name in actions)


def test_every_other_resource_bears_the_stacks_name_or_is_of_a_kind_that_bears_none() -> None:
    bounded = [each for each in statements() if each["Resource"] != "*" and "Condition" not in each]
    resources = [
        name
        for each in bounded
        for name in ([each["Resource"]] if isinstance(each["Resource"], str) else each["Resource"])
    ]

    nameless = {name for name in resources if "nrti" not in name}
    assert all(name.startswith(("arn:aws:apigateway:", "arn:aws:glue:*:*:catalog")) for name in nameless)


def test_operations_are_called_by_their_actions() -> None:
    assert action("s3", "HeadObject") == "s3:GetObject"
    assert action("apigateway", "GetStage") == "apigateway:GET"
    assert action("resourcegroupstaggingapi", "GetResources") == "tag:GetResources"
    assert not allowed("iam:CreateUser")
    assert not allowed("sts:AssumeRole")
