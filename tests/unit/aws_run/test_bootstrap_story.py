"""All that `nrti bootstrap --target aws` sends, case by case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY

from nrti_cli.aws.errors import explain
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.stack.bringup import BringUp, Notice
from nrti_cli.stack.deploy import DeploymentPlan
from nrti_cli.stack.outputs import Outputs, output_key, outputs
from nrti_cli.stack.package import artifacts
from nrti_cli.stack.poll_interval import PollInterval
from nrti_cli.stack.quicksight import Dashboard
from nrti_cli.stack.settings import StackSettings
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, LAKE, REGION
from tests.unit.conftest import Stub
from tests.unit.stack.conftest import CHANGE_SET_ID, STACK_ID, Story, event, stack_event

SETTINGS = StackSettings(
    buffer_seconds=60, kinesis_mode="ON_DEMAND", tracing="off", alarm_email="ops@example.com"
)
TABLE = "nrti-predictions"


def uploads(stub: Stub, *, is_new: bool) -> None:
    """The artifacts bucket and what belongs into it."""
    s3 = stub("s3")
    if is_new:
        s3.add_client_error("head_bucket", "404", expected_params={"Bucket": ARTIFACTS})
        s3.add_response(
            "create_bucket",
            {},
            {"Bucket": ARTIFACTS, "CreateBucketConfiguration": {"LocationConstraint": REGION}},
        )
    else:
        s3.add_response("head_bucket", {}, {"Bucket": ARTIFACTS})
    for operation in ("put_public_access_block", "put_bucket_encryption", "put_bucket_policy"):
        s3.add_response(operation, {})
    s3.add_response(
        "put_bucket_tagging",
        {},
        {"Bucket": ARTIFACTS, "Tagging": {"TagSet": [{"Key": "nrti:stack", "Value": "nrti"}]}},
    )
    for _ in artifacts():
        if is_new:
            s3.add_client_error("head_object", "404")
            s3.add_response("put_object", {}, {"Bucket": ARTIFACTS, "Key": ANY, "Body": ANY})
        else:
            s3.add_response("head_object", {}, {"Bucket": ARTIFACTS, "Key": ANY})


def _data(stub: Stub, *, exists: bool) -> None:
    """Whether table and lake are there from before."""
    if exists:
        stub("s3").add_response("head_bucket", {}, {"Bucket": LAKE})
        stub("dynamodb").add_response(
            "describe_table", {"Table": {"TableStatus": "ACTIVE", "ItemCount": 7}}, {"TableName": TABLE}
        )
    else:
        stub("s3").add_client_error("head_bucket", "404", expected_params={"Bucket": LAKE})
        stub("dynamodb").add_client_error("describe_table", "ResourceNotFoundException")


def undamaged(story: Story, declared: Iterable[str] = ("BufferSeconds",)) -> None:
    story.stub.add_response("detect_stack_drift", {"StackDriftDetectionId": "d"}, {"StackName": "nrti"})
    for status in ("DETECTION_IN_PROGRESS", "DETECTION_COMPLETE"):
        story.stub.add_response(
            "describe_stack_drift_detection_status",
            {
                "StackId": STACK_ID,
                "StackDriftDetectionId": "d",
                "DetectionStatus": status,
                "Timestamp": stack_event("")["Timestamp"],
            },
        )
    story.stub.add_response("describe_stack_resource_drifts", {"StackResourceDrifts": []})
    keys = [{"ParameterKey": key} for key in declared]
    story.stub.add_response("get_template_summary", {"Parameters": keys})


def _executes(story: Story, doing: str, done: str) -> None:
    """The change set's execution, with a request that AWS throttles."""
    story.events()
    story.executed()
    story.stub.add_client_error("describe_stack_events", "Throttling", "Rate exceeded")
    story.events(stack_event(doing), event("Queue", doing))
    story.events(event("Queue", done), stack_event(done))


def _statuses(bring_up: BringUp) -> list[str]:
    happened = bring_up.run()
    return [str(getattr(each, "status", "") or getattr(each, "kind", "notice")) for each in happened]


def test_a_new_stack(target: Target, stub: Stub, story: Story, poll: PollInterval) -> None:
    uploads(stub, is_new=True)
    _data(stub, exists=False)
    for _ in range(3):
        story.stack(None)
    story.change_set("CREATE")
    _executes(story, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")

    assert _statuses(BringUp(target, SETTINGS, poll)) == ["CREATE_COMPLETE", "CREATE", "CREATE_COMPLETE"]


def test_a_stack_that_is_as_it_should_be(
    target: Target, stub: Stub, story: Story, poll: PollInterval
) -> None:
    uploads(stub, is_new=False)
    for _ in range(3):
        story.stack("UPDATE_COMPLETE", BufferSeconds="60")
    undamaged(story)
    story.change_set("UPDATE", "FAILED", "The submitted information didn't contain changes.")
    story.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})

    (plan,) = BringUp(target, StackSettings(), poll).run()

    assert isinstance(plan, DeploymentPlan)
    assert plan.change_set is None


def test_data_from_before_is_imported_then_the_rest_made(
    target: Target, stub: Stub, story: Story, poll: PollInterval
) -> None:
    uploads(stub, is_new=True)
    _data(stub, exists=True)
    for _ in range(3):
        story.stack(None)
    imports = [
        ("AWS::DynamoDB::Table", "Table", {"TableName": TABLE}),
        ("AWS::S3::Bucket", "LakeBucket", {"BucketName": LAKE}),
    ]
    sent = [
        {"ResourceType": type_, "LogicalResourceId": name, "ResourceIdentifier": identifier}
        for type_, name, identifier in imports
    ]
    story.imports(sent)
    _executes(story, "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE")
    story.stack("IMPORT_COMPLETE")
    story.stub.add_response("get_template_summary", {"Parameters": []})
    story.change_set("UPDATE")
    _executes(story, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")

    happened = _statuses(BringUp(target, SETTINGS, poll))

    assert happened == [
        *("CREATE_COMPLETE", "notice"),
        *("IMPORT", "IMPORT_COMPLETE"),
        *("UPDATE", "UPDATE_COMPLETE"),
    ]


def test_the_plan_of_a_new_stack_only_reads(
    target: Target, stub: Stub, story: Story, poll: PollInterval
) -> None:
    _data(stub, exists=False)
    story.stack(None)

    (plan,) = BringUp(target, SETTINGS, poll).preview()

    assert isinstance(plan, DeploymentPlan)
    assert {change.action for change in plan.changes} == {"Add"}
    names = {change.logical_id for change in plan.changes}
    assert {"Table", "AlarmTopic"} <= names, "the alarms have an address"
    assert "ThrottledRequests" not in names, "the API has no log"


def test_the_plan_of_a_new_stack_shows_what_it_imports(
    target: Target, stub: Stub, story: Story, poll: PollInterval
) -> None:
    _data(stub, exists=True)
    story.stack(None)

    notice, plan = BringUp(target, SETTINGS, poll).preview()

    assert isinstance(notice, Notice)
    assert isinstance(plan, DeploymentPlan)
    imported = {change.logical_id for change in plan.changes if change.action == "Import"}
    assert (plan.kind, imported) == ("IMPORT", {"Table", "LakeBucket"})


def test_a_plan_of_a_stack_that_failed_says_what_would_be_put_right(
    target: Target, stub: Stub, poll: PollInterval
) -> None:
    Story(stub).stack("ROLLBACK_COMPLETE")

    (notice,) = BringUp(target, SETTINGS, poll).preview()

    assert isinstance(notice, Notice)
    assert "ROLLBACK_COMPLETE, which bootstrap would repair" in notice.text


def test_a_resource_that_fails_is_named(target: Target, stub: Stub, story: Story, poll: PollInterval) -> None:
    uploads(stub, is_new=False)
    _data(stub, exists=False)
    for _ in range(3):
        story.stack(None)
    story.change_set("CREATE")
    story.events()
    story.executed()
    story.events(event("Queue", "CREATE_FAILED", "it exists"), stack_event("ROLLBACK_COMPLETE"))

    with pytest.raises(NrtiError, match=r"Queue .*: it exists: fix that"):
        list(BringUp(target, SETTINGS, poll).run())


def test_a_missing_permission_ends_it_before_anything_is_made(
    target: Target, stub: Stub, poll: PollInterval
) -> None:
    stub("sts").add_client_error("get_caller_identity", "ExpiredToken", "The token has expired")

    with pytest.raises(ClientError) as raised:
        list(BringUp(target, SETTINGS, poll).run())

    assert "renew them" in str(explain(raised.value))


def test_the_dashboard_is_a_stack_of_its_own(target: Target, stub: Stub, poll: PollInterval) -> None:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    story = Story(stub)
    user = "arn:aws:quicksight:eu-central-1:111122223333:user/default/ada"
    dashboard = Dashboard(target, user, "SPICE", poll)
    story.stack(None)
    story.stub.add_response("describe_stacks", with_outputs(), {"StackName": "nrti"})
    story.stack(None)
    story.change_set("CREATE", StackName="nrti-quicksight")
    _executes(story, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")

    assert [type(each).__name__ for each in dashboard.run()] == ["DeploymentPlan", "Step"]


def with_outputs() -> dict[str, object]:
    found = [
        {"OutputKey": output_key(field.name), "OutputValue": f"the-{field.name}"} for field in fields(Outputs)
    ]
    stack = {"StackName": "nrti", "StackStatus": "CREATE_COMPLETE", "Outputs": found}
    return {"Stacks": [{**stack, "CreationTime": stack_event("")["Timestamp"]}]}


def test_the_outputs_are_read_at_the_end(target: Target, stub: Stub) -> None:
    stub("cloudformation").add_response("describe_stacks", with_outputs(), {"StackName": "nrti"})

    assert outputs(target).lake_bucket == "the-lake_bucket"
