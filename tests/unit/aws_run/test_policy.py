"""The deployer's policy is one that AWS takes and a platform team would."""

from __future__ import annotations

import json

import pytest

from tests.policies import arn, with_all_options
from tests.unit.aws_run.conftest import ACCOUNT, PLACE, decision
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


#: Actions on a resource of the stack, and on such as the policy must not reach.
ON_THIS_STACK = [
    ("glue:GetDatabase", "glue:database/default", "glue:database/other"),
    ("sagemaker:CreateModel", "sagemaker:model/nrti-m", "sagemaker:model/other"),
    ("sagemaker:CreateEndpoint", "sagemaker:endpoint/nrti-m", "sagemaker:endpoint/other"),
    ("sagemaker:CreateTrainingJob", "sagemaker:training-job/nrti-m", "sagemaker:training-job/other"),
    (
        "quicksight:CreateIngestion",
        "quicksight:dataset/nrti-d/ingestion/i",
        "quicksight:dataset/d/ingestion/i",
    ),
]


@pytest.mark.parametrize(("wanted", "resource", "other"), ON_THIS_STACK)
def test_what_the_resources_need_is_allowed_on_this_stack_alone(
    wanted: str, resource: str, other: str
) -> None:
    assert _decision(wanted, arn(resource, PLACE)) == "Allow"
    assert _decision(wanted, arn(other, PLACE)) == "ImplicitDeny"


def test_of_sagemaker_only_the_types_that_nrti_makes_are_allowed() -> None:
    job = arn("sagemaker:hyper-parameter-tuning-job/nrti-m", PLACE)

    assert _decision("sagemaker:CreateHyperParameterTuningJob", job) == "ImplicitDeny"


#: Services of which the policy allows everything on the resources that it names.
_WHOLE = {name.removesuffix(":*") for name in patterns() if name.endswith(":*")}
_RESOURCES = with_all_options(PLACE)


@pytest.mark.parametrize("resource", [each.arn for each in _RESOURCES.values() if "nrti" in each.arn])
def test_each_resource_of_the_stacks_is_among_those_that_it_names(resource: str) -> None:
    service = resource.split(":")[2]
    wanted = {
        "glue": "glue:GetTable",
        "iam": "iam:CreateRole",
        "quicksight": "quicksight:DescribeDataSet",
    }

    assert service in _WHOLE | set(wanted)
    assert _decision(wanted.get(service, f"{service}:CreateIt"), resource) == "Allow"


WITHOUT_RESOURCE = [
    "kinesis:UpdateShardCount",
    "lakeformation:DescribeResource",
    "lakeformation:ListResources",
    "quicksight:CreateDataSource",
    "quicksight:ListIngestions",
]


@pytest.mark.parametrize("wanted", WITHOUT_RESOURCE)
def test_what_aws_does_not_restrict_to_a_resource_is_allowed(wanted: str) -> None:
    assert _decision(wanted, "*") == "Allow"


@pytest.mark.parametrize(
    ("service", "decision"),
    [("kinesisreplication.dynamodb", "Allow"), ("autoscaling", "ImplicitDeny")],
)
def test_the_role_of_one_service_alone_may_be_created(service: str, decision: str) -> None:
    name = f"{service}.amazonaws.com"
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/Role"

    assert _decision("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": name}) == decision


def test_operations_are_called_by_their_actions() -> None:
    assert action("s3", "HeadObject") == "s3:GetObject"
    assert action("apigateway", "GetStage") == "apigateway:GET"
    assert action("apigateway", "UpdateAccount") == "apigateway:PATCH"
    assert action("resourcegroupstaggingapi", "GetResources") == "tag:GetResources"
    assert not allowed("iam:CreateUser")
    assert not allowed("sts:AssumeRole")
