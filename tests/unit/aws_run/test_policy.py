"""The deployer's policy is one that AWS takes and a platform team would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nrti_cli.assets import asset
from nrti_cli.stack.template import parse
from tests.rendered import Place, Rendering
from tests.unit.aws_run.conftest import ACCOUNT, REGION, decision
from tests.unit.aws_run.policy import FILE, action, allowed, patterns, statements

#: Of a managed policy, without the blanks.
_LONGEST = 6144


def test_it_is_short_enough_for_a_managed_policy() -> None:
    assert len(json.dumps(json.loads(FILE.read_text()), separators=(",", ":"))) <= _LONGEST


def test_only_named_actions_are_on_everything_and_nothing_there_can_destroy() -> None:
    unbounded = [each for each in statements() if each["Resource"] == "*" and "Condition" not in each]
    actions = {name for each in unbounded for name in each["Action"]}

    reading = {
        name for name in actions if name.partition(":")[2].startswith(("Describe", "Get", "List", "Validate"))
    }
    assert reading
    assert actions - reading == {
        "kinesis:EnableEnhancedMonitoring",
        "kinesis:UpdateShardCount",
        "kinesis:UpdateStreamMode",
        "quicksight:CreateDataSource",
    }


def test_every_other_resource_bears_the_stacks_name_or_is_of_a_kind_that_bears_none() -> None:
    bounded = [each for each in statements() if each["Resource"] != "*" and "Condition" not in each]
    resources = [
        name
        for each in bounded
        for name in ([each["Resource"]] if isinstance(each["Resource"], str) else each["Resource"])
    ]

    nameless = {name for name in resources if "nrti" not in name}
    of_no_stack = ("arn:*:apigateway:", "arn:*:glue:*:*:catalog", "arn:*:glue:*:*:database/default")
    assert all(name.startswith(of_no_stack) for name in nameless)


def test_it_holds_in_every_partition() -> None:
    assert "arn:aws" not in FILE.read_text()


def _decision(wanted: str, resource: str, conditions: dict[str, str] | None = None) -> str:
    return decision(FILE, wanted, resource, conditions)


@pytest.mark.parametrize(
    ("wanted", "resource", "other"),
    [
        ("glue:GetDatabase", "glue:{}:database/default", "glue:{}:database/other"),
        ("sagemaker:CreateModel", "sagemaker:{}:model/nrti-m", "sagemaker:{}:model/other"),
        ("sagemaker:CreateEndpoint", "sagemaker:{}:endpoint/nrti-m", "sagemaker:{}:endpoint/other"),
        (
            "sagemaker:CreateTrainingJob",
            "sagemaker:{}:training-job/nrti-m",
            "sagemaker:{}:hyper-parameter-tuning-job/nrti-m",
        ),
        ("quicksight:CreateIngestion", "quicksight:{}:dataset/nrti-d/i", "quicksight:{}:dataset/d/i"),
    ],
)
def test_what_the_resources_need_is_allowed_on_this_stack_alone(
    wanted: str, resource: str, other: str
) -> None:
    place = f"{REGION}:{ACCOUNT}"

    assert _decision(wanted, f"arn:aws:{resource.format(place)}") == "Allow"
    assert _decision(wanted, f"arn:aws:{other.format(place)}") == "ImplicitDeny"


def _named_resources() -> Iterator[tuple[str, str]]:
    """The ARNs of both stacks' resources that bear its name, by their logical ids."""
    place = Place("nrti", REGION, ACCOUNT)
    for file, stack in [("pipeline", place), ("quicksight", replace(place, stack="nrti-quicksight"))]:
        template = parse(asset(f"cloudformation/{file}.yaml").read_text())
        for name, resource in Rendering(template, stack, {"AlarmEmail": "a@b.c"}).resources().items():
            if "nrti" in resource.arn:
                yield name, resource.arn


#: Services of which the policy allows everything on the resources that it names.
_WHOLE = {name.removesuffix(":*") for name in patterns() if name.endswith(":*")}


@pytest.mark.parametrize(("name", "resource"), list(_named_resources()))
def test_each_resource_of_the_stacks_is_among_those_that_it_names(name: str, resource: str) -> None:
    service = resource.split(":")[2]
    wanted = {
        "glue": "glue:GetTable",
        "iam": "iam:CreateRole",
        "quicksight": "quicksight:DescribeDataSet",
    }

    assert service in _WHOLE | set(wanted), name
    assert _decision(wanted.get(service, f"{service}:CreateIt"), resource) == "Allow", name


@pytest.mark.parametrize(
    "wanted",
    [
        "kinesis:UpdateShardCount",
        "lakeformation:DescribeResource",
        "lakeformation:ListResources",
        "quicksight:CreateDataSource",
        "quicksight:ListIngestions",
    ],
)
def test_what_aws_does_not_restrict_to_a_resource_is_allowed(wanted: str) -> None:
    assert _decision(wanted, "*") == "Allow"


@pytest.mark.parametrize(
    ("service", "decision"),
    [("kinesisreplication.dynamodb", "Allow"), ("autoscaling", "ImplicitDeny")],
)
def test_the_role_of_one_service_alone_may_be_created(service: str, decision: str) -> None:
    name = f"{service}.amazonaws.com"
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/Role"

    assert _decision("iam:CreateServiceLinkedRole", role, {"iam:awsservicename": name}) == decision


def test_operations_are_called_by_their_actions() -> None:
    assert action("s3", "HeadObject") == "s3:GetObject"
    assert action("apigateway", "GetStage") == "apigateway:GET"
    assert action("apigateway", "UpdateAccount") == "apigateway:PATCH"
    assert action("resourcegroupstaggingapi", "GetResources") == "tag:GetResources"
    assert not allowed("iam:CreateUser")
    assert not allowed("sts:AssumeRole")
