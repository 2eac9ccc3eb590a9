from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.aws.cloudformation.stacks import Resource, Stack
from nrti_cli.aws.sagemaker.cleanup import Owned, SageMakerCleanup
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.stack.delete import Teardown
from nrti_cli.stack.inventory import Finder, Inventory
from nrti_cli.stack.names import owns_bucket
from nrti_cli.stack.poll_interval import PollInterval
from nrti_local.process import REGION
from tests.unit.conftest import Stub
from tests.unit.stack.conftest import STACK_ID, Story, event, stack_event

HERE = f"000000000000-{REGION}"
LAKE = f"nrti-lake-{HERE}"
TABLE = "nrti-predictions"
LOGS = "/aws/lambda/nrti-transform"
FUNCTION_LOGS = ("/aws/lambda/nrti-inference", "/aws/lambda/nrti-labels", LOGS, "/aws/lambda/nrti-alerts")
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
NOTHING = Inventory()
STACK = Inventory(Stack("nrti", STACK_ID, "CREATE_COMPLETE"), buckets={LAKE: 1})


@pytest.fixture
def teardown(target: Target, poll: PollInterval) -> Teardown:
    return Teardown(target, Finder(target, keep_data=False), poll)


@pytest.mark.parametrize(
    ("bucket", "owned"),
    [
        (LAKE, True),
        (f"nrti-artifacts-{HERE}", True),
        (f"nrti-test-lake-{HERE}", False),
        (f"nrti-lake-111111111111-{REGION}", False),
        ("nrti-lake-000000000000-eu-west-1", False),
        (f"another-lake-{HERE}", False),
    ],
)
def test_a_bucket_belongs_to_the_stack_of_its_name_only(target: Target, bucket: str, owned: bool) -> None:
    assert owns_bucket(target, bucket) == owned


def test_what_will_be_deleted_can_be_read() -> None:
    found = Inventory(
        stack=Stack("nrti", STACK_ID, "CREATE_COMPLETE"),
        dashboard=Stack("nrti-quicksight", "q", "UPDATE_COMPLETE"),
        resources=(Resource("Queue", "AWS::SQS::Queue"),),
        sagemaker=(
            Owned("training job", "nrti-a-1", "InProgress"),
            Owned("endpoint", "nrti-a"),
            Owned("endpoint", "nrti-b"),
        ),
        buckets={LAKE: 1200},
        log_groups=("/aws/lambda/nrti-inference",),
    )

    assert found
    assert found.lines() == [
        "stack nrti-quicksight (UPDATE_COMPLETE)",
        "stack nrti (CREATE_COMPLETE): 1 resource",
        "training job (is stopped) nrti-a-1",
        "endpoint nrti-a",
        "endpoint nrti-b",
        f"bucket {LAKE}: 1,200 objects",
        "log group /aws/lambda/nrti-inference",
    ]
    assert found.summary() == ("the dashboard, the stack, 1 training job, 2 endpoints, 1 bucket, 1 log group")


def test_what_stays_can_be_read() -> None:
    found = Inventory(
        kept=(Resource("Table", "AWS::DynamoDB::Table", TABLE), Resource("Lake", "AWS::S3::Bucket", LAKE))
    )

    assert not found
    assert found.keeps() == f"table {TABLE}, bucket {LAKE}"


def test_nothing_is_nothing() -> None:
    assert not NOTHING


def _listed(noun: str, *names: str) -> dict[str, Any]:
    statuses = {
        "Endpoint": {"EndpointStatus": "InService"},
        "TrainingJob": {"TrainingJobStatus": "Completed"},
    }
    summaries: list[dict[str, Any]] = [
        {f"{noun}Name": name, f"{noun}Arn": f"arn:aws:sagemaker:::{name}-----", "CreationTime": _NOW}
        for name in names
    ]
    for summary in summaries:
        summary.update(statuses.get(noun, {}))
        summary.update({"LastModifiedTime": _NOW} if noun == "Endpoint" else {})
    plural = {"Endpoint": "Endpoints", "Model": "Models", "EndpointConfig": "EndpointConfigs"}
    return {plural.get(noun, "TrainingJobSummaries"): summaries}


def test_only_what_is_tagged_with_the_stack_is_its_own(target: Target, stub: Stub) -> None:
    sagemaker = stub("sagemaker")
    sagemaker.add_response("list_training_jobs", _listed("TrainingJob"))
    sagemaker.add_response("list_endpoints", _listed("Endpoint", "nrti-a", "nrti-test-a", "x-nrti-a"))
    for stack in ("nrti", "nrti-test"):
        sagemaker.add_response("list_tags", {"Tags": [{"Key": "nrti:stack", "Value": stack}]})
    sagemaker.add_response("list_endpoint_configs", _listed("EndpointConfig", "nrti-gone"))
    sagemaker.add_client_error("list_tags", "ValidationException", 'Could not find endpoint "arn"')
    sagemaker.add_response("list_models", _listed("Model"))

    assert SageMakerCleanup(target).owned() == [Owned("endpoint", "nrti-a")]


@pytest.mark.parametrize(
    ("owned", "operation", "code", "text"),
    [
        (Owned("endpoint", "nrti-a"), "delete_endpoint", "ValidationException", "Could not find endpoint"),
        (Owned("model", "nrti-a"), "delete_model", "ValidationException", "Could not find model"),
        (Owned("training job", "a", "Failed"), "delete_training_job", "ResourceNotFound", "not found."),
        (Owned("training job", "a", "InProgress"), "stop_training_job", "ResourceNotFound", "not found."),
    ],
)
def test_what_has_gone_meanwhile_is_no_error(
    target: Target, stub: Stub, owned: Owned, operation: str, code: str, text: str
) -> None:
    stub("sagemaker").add_client_error(operation, code, text)

    SageMakerCleanup(target).delete(owned)


def _empties(stub: Stub, *keys: str) -> None:
    s3 = stub("s3")
    versions = [{"Key": key, "VersionId": "1"} for key in keys]
    s3.add_response("head_bucket", {}, {"Bucket": LAKE})
    s3.add_response("list_object_versions", {"Versions": versions} if keys else {})
    if keys:
        s3.add_response(
            "delete_objects", {}, {"Bucket": LAKE, "Delete": {"Objects": versions, "Quiet": True}}
        )


def test_a_bucket_that_fills_again_is_emptied_again(teardown: Teardown, stub: Stub, story: Story) -> None:
    _empties(stub, "a")
    story.events()
    story.stack("CREATE_COMPLETE")
    story.deleted()
    story.events(event("Lake", "DELETE_FAILED", "not empty"), stack_event("DELETE_FAILED"))
    _empties(stub, "b")
    story.events()
    story.stack("CREATE_COMPLETE")
    story.deleted()
    story.events(event("Lake", "DELETE_COMPLETE"), stack_event("DELETE_COMPLETE"))
    stub("s3").add_client_error("list_object_versions", "NoSuchBucket")
    for _ in FUNCTION_LOGS:
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    _nothing_left(stub, story)

    gone = list(teardown.delete(STACK))

    assert [(each.logical_id, each.status) for each in gone] == [
        ("Lake", "DELETE_FAILED"),
        ("Lake", "DELETE_COMPLETE"),
        (LAKE, "DELETE_COMPLETE"),
    ]


def _finds_logs_again(stub: Stub, story: Story) -> None:
    _left(stub, story, LOGS)
    stub("logs").add_response("delete_log_group", {}, {"logGroupName": LOGS})


def test_a_log_group_that_a_function_at_work_makes_again_is_deleted_again(
    teardown: Teardown, stub: Stub, story: Story
) -> None:
    for _ in FUNCTION_LOGS:
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    for _ in range(2):
        _finds_logs_again(stub, story)
    _nothing_left(stub, story)

    gone = [(each.type, each.logical_id) for each in teardown.delete(NOTHING)]
    assert gone == [("AWS::Logs::LogGroup", LOGS)] * 2


def test_a_log_group_that_always_comes_back_is_left_over(
    teardown: Teardown, stub: Stub, story: Story
) -> None:
    for _ in FUNCTION_LOGS:
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    for _ in range(3):
        _finds_logs_again(stub, story)
    _left(stub, story, LOGS)

    with pytest.raises(NrtiError, match=f"not deleted: log group {LOGS}: run nrti teardown again"):
        list(teardown.delete(NOTHING))


def _sagemaker_has(stub: Stub, job: str = "", **summary: Any) -> None:
    """What the four lists say: at most one training job, which is the stack's."""
    sagemaker = stub("sagemaker")
    listed = _listed("TrainingJob", job) if job else _listed("TrainingJob")
    for each in listed["TrainingJobSummaries"]:
        each.update(summary)
    sagemaker.add_response("list_training_jobs", listed)
    if job:
        sagemaker.add_response("list_tags", {"Tags": [{"Key": "nrti:stack", "Value": "nrti"}]})
    for operation, noun in (
        ("list_endpoints", "Endpoint"),
        ("list_endpoint_configs", "EndpointConfig"),
        ("list_models", "Model"),
    ):
        sagemaker.add_response(operation, _listed(noun))


def _nothing_left(stub: Stub, story: Story, *tagged: str) -> None:
    _left(stub, story)
    _tagged(stub, *tagged)


def _left(stub: Stub, story: Story, *log_groups: str) -> None:
    """What a look finds when all has been deleted: nothing, or log groups of functions."""
    story.stack(None)
    _sagemaker_has(stub)
    dynamodb, s3 = stub("dynamodb"), stub("s3")
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    s3.add_client_error("head_bucket", "404")
    story.stack(None)
    s3.add_response("list_buckets", {"Buckets": []})
    for group in FUNCTION_LOGS:
        listed = [{"logGroupName": group}] if group in log_groups else []
        stub("logs").add_response("describe_log_groups", {"logGroups": listed})
    stub("ssm").add_response("get_parameters_by_path", {"Parameters": []})


def _tagged(stub: Stub, *arns: str) -> None:
    stub("resourcegroupstaggingapi").add_response(
        "get_resources",
        {"ResourceTagMappingList": [{"ResourceARN": arn} for arn in arns]},
        {"TagFilters": [{"Key": "nrti:stack", "Values": ["nrti"]}]},
    )


def test_a_training_job_is_stopped_then_deleted_with_its_logs(
    teardown: Teardown, stub: Stub, story: Story
) -> None:
    job, group = "nrti-a-1", "/aws/sagemaker/TrainingJobs"
    sagemaker, logs = stub("sagemaker"), stub("logs")
    sagemaker.add_response("stop_training_job", {}, {"TrainingJobName": job})
    _sagemaker_has(stub, job, TrainingJobStatus="Stopping")
    _sagemaker_has(stub, job, TrainingJobStatus="Stopped")
    sagemaker.add_response("delete_training_job", {}, {"TrainingJobName": job})
    _sagemaker_has(stub)
    logs.add_response(
        "describe_log_streams",
        {"logStreams": [{"logStreamName": f"{job}/algo-1-1"}]},
        {"logGroupName": group, "logStreamNamePrefix": f"{job}/"},
    )
    logs.add_response("delete_log_stream", {}, {"logGroupName": group, "logStreamName": f"{job}/algo-1-1"})
    for _ in FUNCTION_LOGS:
        logs.add_response("describe_log_groups", {"logGroups": []})
    _nothing_left(stub, story)

    gone = list(teardown.delete(Inventory(sagemaker=(Owned("training job", job, "InProgress"),))))

    assert [(each.type, each.logical_id) for each in gone] == [("AWS::SageMaker::TrainingJob", job)]


def test_what_carries_the_tag_and_is_left_makes_the_account_unclean(
    teardown: Teardown, stub: Stub, story: Story
) -> None:
    left, key = "arn:aws:sqs:eu-central-2:000000000000:nrti-odd", "arn:aws:kms:eu-central-2:0:key/1"
    for _ in FUNCTION_LOGS:
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    _nothing_left(stub, story, left, key)
    for _ in range(4):
        _tagged(stub, left)
    stub("kms").add_response("describe_key", {"KeyMetadata": {"KeyId": "1", "KeyState": "PendingDeletion"}})

    with pytest.raises(NrtiError, match=f"not deleted: {left}: run nrti teardown again"):
        list(teardown.delete(NOTHING))


def test_a_resource_that_cannot_be_deleted_is_named(teardown: Teardown, stub: Stub, story: Story) -> None:
    for _ in range(3):
        _empties(stub)
        story.events()
        story.stack("CREATE_COMPLETE")
        story.deleted()
        story.events(event("Role", "DELETE_FAILED", "it is in use"), stack_event("DELETE_FAILED"))

    with pytest.raises(NrtiError, match=r"Role \(.*\): it is in use: fix that, then run nrti teardown"):
        list(teardown.delete(STACK))


def test_an_object_that_cannot_be_deleted_is_named(teardown: Teardown, stub: Stub) -> None:
    s3 = stub("s3")
    s3.add_response("head_bucket", {}, {"Bucket": LAKE})
    s3.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
    s3.add_response("delete_objects", {"Errors": [{"Key": "a", "Message": "it is locked"}]})

    with pytest.raises(NrtiError, match=f"s3://{LAKE}/a cannot be deleted: it is locked"):
        list(teardown.delete(STACK))
