from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.cloudformation.change_sets import Definition, Import
from nrti_cli.aws.errors import explain
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment, DeploymentPlan
from nrti_cli.stack.poll_interval import PollInterval
from nrti_local.process import REGION
from tests.unit.conftest import Stub
from tests.unit.stack.conftest import CHANGE_SET_ID, STACK_ID, Story, event, stack_event

DEFINITION = Definition("{}", {"BufferSeconds": "5"}, {"nrti:stack": "nrti"})
BUCKET = f"nrti-artifacts-000000000000-{REGION}"
KEY = "templates/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.json"
URL = f"http://127.0.0.1:9/{BUCKET}/{KEY}"


@pytest.fixture
def deployment(target: Target, poll: PollInterval) -> Deployment:
    return Deployment(target, poll, ArtifactsBucket(target))


@pytest.fixture
def plan(deployment: Deployment, story: Story) -> DeploymentPlan:
    story.stack(None)
    story.change_set("CREATE")
    return deployment.plan(DEFINITION)


def test_a_new_stack_comes_up_resource_by_resource(
    deployment: Deployment, story: Story, plan: DeploymentPlan
) -> None:
    story.events(stack_event("REVIEW_IN_PROGRESS"))
    story.executed()
    story.events(stack_event("CREATE_IN_PROGRESS"), event("Queue", "CREATE_IN_PROGRESS"))
    story.events(event("Queue", "CREATE_COMPLETE"), stack_event("CREATE_COMPLETE"))

    (step,) = deployment.execute(plan)

    assert (step.logical_id, step.status, step.seconds) == ("Queue", "CREATE_COMPLETE", 1)


def test_the_resource_that_failed_first_is_named(
    deployment: Deployment, story: Story, plan: DeploymentPlan
) -> None:
    story.events(stack_event("REVIEW_IN_PROGRESS"))
    story.executed()
    story.events(
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("Queue", "CREATE_FAILED", "the name is taken"),
        event("Third", "CREATE_FAILED", "it comes too late to matter"),
        stack_event("ROLLBACK_IN_PROGRESS"),
    )
    story.events(event("Queue", "DELETE_COMPLETE"), stack_event("ROLLBACK_COMPLETE"))

    with pytest.raises(NrtiError, match=r"\(ROLLBACK_COMPLETE\): Queue \(.*\): the name is taken"):
        list(deployment.execute(plan))


def test_a_resource_that_lacks_a_permission_says_which(
    deployment: Deployment, story: Story, plan: DeploymentPlan
) -> None:
    denied = (
        "User: arn:x is not authorized to perform: iam:CreateRole on resource: role nrti-api (Service: Iam)"
    )
    story.events(stack_event("REVIEW_IN_PROGRESS"))
    story.executed()
    story.events(event("Role", "CREATE_FAILED", denied), stack_event("ROLLBACK_COMPLETE"))

    with pytest.raises(NrtiError, match="grant iam:CreateRole on role, then try again"):
        list(deployment.execute(plan))


def test_a_deployment_refused_as_a_whole_names_what_is_wrong(
    deployment: Deployment, story: Story, plan: DeploymentPlan
) -> None:
    story.events(stack_event("REVIEW_IN_PROGRESS"))
    story.executed()
    story.events(stack_event("CREATE_FAILED", "Validation failed with 1 error(s). Call DescribeEvents"))
    invalid = {
        "LogicalResourceId": "Lake",
        "ResourceType": "AWS::S3::Bucket",
        "EventType": "VALIDATION_ERROR",
    }
    story.stub.add_response(
        "describe_events",
        {"OperationEvents": [{**invalid, "ValidationStatusReason": "it already exists"}]},
        {"StackName": STACK_ID, "Filters": {"FailedEvents": True}},
    )

    with pytest.raises(NrtiError, match=r"Lake \(AWS::S3::Bucket\): it already exists"):
        list(deployment.execute(plan))


def test_a_silent_deployment_is_given_up(deployment: Deployment, story: Story, plan: DeploymentPlan) -> None:
    story.events(stack_event("REVIEW_IN_PROGRESS"))
    story.executed()
    for _ in range(5):
        story.events()

    with pytest.raises(NrtiError, match="made no progress: no event for 3 s: run nrti bootstrap again"):
        list(deployment.execute(plan))


def test_an_update_keeps_the_parameters_that_are_not_given(deployment: Deployment, story: Story) -> None:
    deployed = {"BufferSeconds": "60", "ThrottleRate": "9", "Gone": "x"}
    story.stack("UPDATE_COMPLETE", **deployed)
    declared = [{"ParameterKey": key} for key in ("BufferSeconds", "ThrottleRate", "New")]
    story.stub.add_response("get_template_summary", {"Parameters": declared}, {"TemplateURL": URL})
    sent = [
        {"ParameterKey": "BufferSeconds", "ParameterValue": "5"},
        {"ParameterKey": "ThrottleRate", "UsePreviousValue": True},
    ]
    story.change_set("UPDATE", Parameters=sent)

    assert [change.logical_id for change in deployment.plan(DEFINITION).changes] == ["Queue"]


@pytest.mark.parametrize(
    "reason", ["The submitted information didn't contain changes.", "No updates are to be performed."]
)
def test_no_change_is_no_error(deployment: Deployment, story: Story, reason: str) -> None:
    story.stack("CREATE_COMPLETE")
    story.stub.add_response("get_template_summary", {"Parameters": []})
    story.change_set("UPDATE", "FAILED", reason)
    story.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})

    plan = deployment.plan(DEFINITION)

    assert plan == DeploymentPlan("UPDATE", (), None)
    assert list(deployment.execute(plan)) == []


def test_a_refused_change_says_why(deployment: Deployment, story: Story) -> None:
    story.stack("REVIEW_IN_PROGRESS")
    story.change_set("CREATE", "CREATE_PENDING")
    story.described("FAILED", "Transform is not allowed")
    story.discarded()

    with pytest.raises(NrtiError, match="refuses the change: Transform is not allowed"):
        deployment.plan(DEFINITION)


def test_a_plan_leaves_nothing_behind(deployment: Deployment, story: Story, plan: DeploymentPlan) -> None:
    story.discarded()

    deployment.discard(plan)


def test_the_plan_of_an_update_leaves_the_stack_alone(deployment: Deployment, story: Story) -> None:
    story.stack("CREATE_COMPLETE")
    story.stub.add_response("get_template_summary", {"Parameters": []})
    story.change_set("UPDATE")
    story.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})

    deployment.discard(deployment.plan(DEFINITION))


def test_what_exists_is_imported_by_its_name(deployment: Deployment, story: Story) -> None:
    story.stack(None)
    sent = {
        "ResourceType": "AWS::DynamoDB::Table",
        "LogicalResourceId": "Table",
        "ResourceIdentifier": {"TableName": "nrti-predictions"},
    }
    story.change_set("IMPORT", ResourcesToImport=[sent])
    found = Import("Table", "AWS::DynamoDB::Table", {"TableName": "nrti-predictions"})

    assert deployment.plan(replace(DEFINITION, imports=(found,))).kind == "IMPORT"


def test_a_change_has_its_properties_and_whether_it_replaces(deployment: Deployment, story: Story) -> None:
    story.stack(None)
    details = [
        {"Target": {"Attribute": "Properties", "Name": "ShardCount"}},
        {"Target": {"Attribute": "Tags"}},
    ]
    story.change_set("CREATE", change={"Action": "Modify", "Replacement": "Conditional", "Details": details})

    (change,) = deployment.plan(DEFINITION).changes

    assert (change.action, change.replacement) == ("Modify", "Conditional")
    assert change.properties == ("ShardCount", "Tags")


@pytest.mark.parametrize(
    ("sources", "evaluation"),
    [
        ([("ResourceAttribute", "Dynamic"), ("ResourceReference", "Dynamic")], "Dynamic"),
        ([("ResourceAttribute", "Static")], "Static"),
        ([("ResourceAttribute", "Dynamic"), ("DirectModification", "Dynamic")], "Static"),
        ([("ResourceAttribute", "Dynamic"), ("ParameterReference", "Static")], "Static"),
    ],
)
def test_a_change_is_certain_unless_it_only_follows_others(
    deployment: Deployment, story: Story, sources: list[tuple[str, str]], evaluation: str
) -> None:
    details = [
        {"Target": {"Attribute": "Properties", "Name": "Role"}, "ChangeSource": source, "Evaluation": each}
        for source, each in sources
    ]
    story.stack(None)
    story.change_set("CREATE", change={"Action": "Modify", "Replacement": "False", "Details": details})

    plan = deployment.plan(DEFINITION)

    assert [change.evaluation for change in plan.listed] == [evaluation]
    assert len(plan.changes) == (evaluation == "Static")


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_the_remains_of_a_failed_creation_are_deleted(
    deployment: Deployment, story: Story, status: str
) -> None:
    story.stack(status)
    story.events(stack_event(status))
    story.deleted()
    story.events(event("Queue", "DELETE_COMPLETE"), stack_event("DELETE_COMPLETE"))
    story.stack(None)

    assert [step.logical_id for step in deployment.settle()] == ["Queue"]


def test_remains_that_cannot_be_deleted_are_named(deployment: Deployment, story: Story) -> None:
    story.stack("ROLLBACK_FAILED")
    story.events()
    story.deleted()
    story.events(event("Lake", "DELETE_FAILED", "The bucket is not empty"), stack_event("DELETE_FAILED"))

    with pytest.raises(NrtiError, match=r"Lake .*: The bucket is not empty: run nrti teardown"):
        list(deployment.settle())


def test_an_operation_of_another_user_is_awaited(deployment: Deployment, story: Story) -> None:
    story.stack("UPDATE_IN_PROGRESS")
    story.events(stack_event("UPDATE_IN_PROGRESS"))
    story.events()
    story.events(event("Queue", "UPDATE_COMPLETE"), stack_event("UPDATE_COMPLETE"))
    story.stack("UPDATE_COMPLETE")

    assert [step.logical_id for step in deployment.settle()] == ["Queue"]


def test_a_creation_that_was_cut_off_is_deleted(deployment: Deployment, story: Story) -> None:
    story.stack("CREATE_IN_PROGRESS")
    for _ in range(6):
        story.events()
    story.stack("CREATE_IN_PROGRESS")
    story.events()
    story.deleted()
    story.events(stack_event("DELETE_COMPLETE"))
    story.stack(None)

    assert list(deployment.settle()) == []


def test_an_update_that_was_cut_off_needs_a_person(deployment: Deployment, story: Story) -> None:
    story.stack("UPDATE_IN_PROGRESS")
    for _ in range(6):
        story.events()
    story.stack("UPDATE_IN_PROGRESS")

    with pytest.raises(NrtiError, match="is UPDATE_IN_PROGRESS and no event for 3 s"):
        list(deployment.settle())


def test_a_stuck_rollback_is_continued(deployment: Deployment, story: Story) -> None:
    story.stack("UPDATE_ROLLBACK_FAILED")
    story.events()
    story.stub.add_response("continue_update_rollback", {}, {"StackName": STACK_ID})
    story.events(stack_event("UPDATE_ROLLBACK_COMPLETE"))
    story.stack("UPDATE_ROLLBACK_COMPLETE")

    assert list(deployment.settle()) == []


def test_a_half_deleted_stack_is_left_to_teardown(deployment: Deployment, story: Story) -> None:
    story.stack("DELETE_FAILED")

    with pytest.raises(NrtiError, match=r"is DELETE_FAILED .*: run nrti teardown"):
        list(deployment.settle())


@pytest.mark.parametrize("reads", ["get_template_summary", "create_change_set"])
def test_a_template_that_cloudformation_cannot_read_is_named(
    deployment: Deployment, story: Story, stub: Stub, reads: str
) -> None:
    stub("s3").add_response("head_object", {}, {"Bucket": BUCKET, "Key": KEY})
    story.stack("UPDATE_COMPLETE")
    if reads != "get_template_summary":
        story.stub.add_response("get_template_summary", {"Parameters": []})
    said = "S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/"
    story.stub.add_client_error(reads, "ValidationError", said)

    with pytest.raises(NrtiError) as raised:
        deployment.plan(DEFINITION)

    assert str(raised.value) == (
        f"CloudFormation cannot read the template {URL}: Access Denied: "
        "it reads with your permissions: allow s3:GetObject on the objects of that bucket"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "DescribeStacks: missing permission: not for you"),
        ("ExpiredToken", "DescribeStacks: AWS does not accept the credentials"),
    ],
)
def test_credentials_are_explained_in_a_line(
    deployment: Deployment, story: Story, code: str, said: str
) -> None:
    story.stub.add_client_error("describe_stacks", code, "not for you")

    with pytest.raises(ClientError) as raised:
        deployment.plan(DEFINITION)

    assert said in str(explain(raised.value))
