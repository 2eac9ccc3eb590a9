"""What the deployed roles allow and deny, by the policy evaluation of the embedded AWS.

The functions' roles are tried by calls to an embedded AWS that enforces IAM. Those that services use inside
of it are judged by the same evaluation, on the policies as CloudFormation has deployed them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from nrti_cli.stack.names import artifacts_bucket
from nrti_local import process
from nrti_local.process import REGION
from tests.local.own import Own
from tests.local.roles import ACCOUNT, ALLOWED, DENIED, PLACE, Call
from tests.policies import Policy, Request, decide, of_roles, rendered

_BUCKET = f"nrti-lake-{ACCOUNT}-{REGION}"
_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/nrti-dead-letters"
_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:nrti-inference"
_ITEM = {"sensor": {"S": "s"}, "event_key": {"S": "k"}}
_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

#: What neither function may do, and why: service, operation, parameters.
Attempt = tuple[str, str, str, dict[str, Any]]
FORBIDDEN: list[Attempt] = [
    (
        "another stack's endpoint",
        "sagemaker-runtime",
        "invoke_endpoint",
        {"EndpointName": "nrti2-m", "Body": b""},
    ),
    (
        "an endpoint whose name only ends so",
        "sagemaker-runtime",
        "invoke_endpoint",
        {"EndpointName": "x-nrti-m", "Body": b""},
    ),
    ("published models", "sagemaker", "delete_endpoint", {"EndpointName": "nrti-m"}),
    (
        "which models serve",
        "sagemaker",
        "update_endpoint",
        {"EndpointName": "nrti-m", "EndpointConfigName": "c"},
    ),
    ("the configuration of models", "sagemaker", "delete_endpoint_config", {"EndpointConfigName": "nrti-c"}),
    ("the list of endpoints", "sagemaker", "list_endpoints", {}),
    ("predictions from forgery", "dynamodb", "put_item", {"TableName": "nrti-predictions", "Item": _ITEM}),
    ("predictions from deletion", "dynamodb", "delete_item", {"TableName": "nrti-predictions", "Key": _ITEM}),
    ("the table", "dynamodb", "delete_table", {"TableName": "nrti-predictions"}),
    ("the history", "dynamodb", "scan", {"TableName": "nrti-predictions"}),
    ("another table", "dynamodb", "get_item", {"TableName": "nrti2-predictions", "Key": _ITEM}),
    (
        "the stream",
        "kinesis",
        "put_record",
        {"StreamName": "nrti-predictions", "Data": b"x", "PartitionKey": "k"},
    ),
    ("the stream from deletion", "kinesis", "delete_stream", {"StreamName": "nrti-predictions"}),
    ("dead letters from being read", "sqs", "receive_message", {"QueueUrl": _QUEUE}),
    ("dead letters from being lost", "sqs", "purge_queue", {"QueueUrl": _QUEUE}),
    ("dead letters from forgery", "sqs", "send_message", {"QueueUrl": _QUEUE, "MessageBody": "x"}),
    ("the lake from being read", "s3", "get_object", {"Bucket": _BUCKET, "Key": "predictions/f"}),
    ("the lake from forgery", "s3", "put_object", {"Bucket": _BUCKET, "Key": "predictions/f", "Body": b"x"}),
    ("the lake from deletion", "s3", "delete_object", {"Bucket": _BUCKET, "Key": "predictions/f"}),
    ("the bucket's policy", "s3", "delete_bucket_policy", {"Bucket": _BUCKET}),
    (
        "the functions' code",
        "lambda",
        "update_function_code",
        {"FunctionName": "nrti-inference", "ZipFile": b"x"},
    ),
    ("the functions", "lambda", "delete_function", {"FunctionName": "nrti-transform"}),
    ("the functions from being called", "lambda", "invoke", {"FunctionName": "nrti-inference"}),
    ("the workflow from being started", "stepfunctions", "start_execution", {"stateMachineArn": _MACHINE}),
    ("the workflow", "stepfunctions", "delete_state_machine", {"stateMachineArn": _MACHINE}),
    ("the API key", "apigateway", "get_api_keys", {"includeValues": True}),
    ("the stack", "cloudformation", "delete_stack", {"StackName": "nrti"}),
    (
        "the roles from growing",
        "iam",
        "put_role_policy",
        {"RoleName": "nrti-inference", "PolicyName": "p", "PolicyDocument": _POLICY},
    ),
    ("the account from new users", "iam", "create_user", {"UserName": "intruder"}),
    (
        "other roles",
        "sts",
        "assume_role",
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nrti-{REGION}-sagemaker", "RoleSessionName": "test"},
    ),
    ("alarms from being silenced", "cloudwatch", "delete_alarms", {"AlarmNames": ["nrti-dead-letters"]}),
    ("logs from deletion", "logs", "delete_log_group", {"logGroupName": "/aws/lambda/nrti-inference"}),
]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """The stack on an embedded AWS that enforces IAM."""
    own = Own(tmp_path_factory.mktemp("guarded"), auth=True)
    try:
        done = own.nrti("bootstrap", "--buffer-seconds", "1")
        assert done.returncode == 0, done.stderr
        yield own
    finally:
        process.destroy(own.layout)


Policies = Callable[[str], list[Policy]]


@pytest.fixture(scope="module")
def policies(guarded: Own) -> Policies:
    """The policies of a deployed role."""
    iam = guarded.client("iam")

    def deployed(role: str) -> list[Policy]:
        name = f"nrti-{REGION}-{role}"
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        return [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in names]

    return deployed


@pytest.fixture(scope="module")
def role_client(guarded: Own) -> Callable[[str, str], Any]:
    """A client of a service with a session of a role: the embedded AWS lets its root key assume any."""
    sts = guarded.client("sts")
    sessions: dict[str, boto3.Session] = {}

    def client(role: str, service: str) -> Any:
        if role not in sessions:
            arn = f"arn:aws:iam::{ACCOUNT}:role/nrti-{REGION}-{role}"
            given = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
            sessions[role] = boto3.Session(
                given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION
            )
        return sessions[role].client(service, endpoint_url=guarded.target().endpoint_url)  # type: ignore[call-overload]

    return client


def _refused(operation: Callable[..., Any], parameters: dict[str, Any]) -> bool:
    """Whether a call is refused for want of permission, and not for anything else."""
    try:
        operation(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return False


def test_the_deployed_roles_have_the_policies_of_the_template(policies: Policies) -> None:
    """`make judge-policies` has the roles from the template, and other checks from here."""
    resources = rendered(PLACE)
    beginning = f"nrti-{REGION}-"
    wanted = {
        name.removeprefix(beginning): list(each.values())
        for name, each in of_roles(resources).items()
        if name.startswith(beginning)
    }

    assert len(wanted) >= 10
    assert {role: policies(role) for role in wanted} == wanted


@pytest.mark.parametrize("call", ALLOWED, ids=str)
def test_a_role_may(call: Call, policies: Policies) -> None:
    assert decide(policies(call.role), call.request, PLACE) == "Allow"


@pytest.mark.parametrize("call", DENIED, ids=str)
def test_a_role_may_not_touch(call: Call, policies: Policies) -> None:
    assert decide(policies(call.role), call.request, PLACE) == "ImplicitDeny"


def test_the_inference_function_may_ask_the_models_of_its_stack(role_client: Callable[..., Any]) -> None:
    runtime = role_client("inference", "sagemaker-runtime")

    with pytest.raises(ClientError, match=r"Endpoint nrti-m of account \d+ not found"):
        runtime.invoke_endpoint(EndpointName="nrti-m", Body=b"")


@pytest.mark.parametrize("role", ["inference", "transform", "labels"])
@pytest.mark.parametrize("attempt", FORBIDDEN, ids=lambda attempt: attempt[0])
def test_a_function_may_not_touch(attempt: Attempt, role: str, role_client: Callable[..., Any]) -> None:
    _, service, operation, parameters = attempt

    assert _refused(getattr(role_client(role, service), operation), parameters)


def test_the_transform_function_may_ask_no_model(role_client: Callable[..., Any]) -> None:
    runtime = role_client("transform", "sagemaker-runtime")

    assert _refused(runtime.invoke_endpoint, {"EndpointName": "nrti-m", "Body": b""})


@pytest.mark.parametrize(
    "role",
    [
        "api",
        "workflow",
        "inference",
        "transform",
        "labels",
        "alerts",
        "alert-schedule",
        "delivery",
        "sagemaker",
    ],
)
def test_no_person_may_take_a_service_s_role(role: str, guarded: Own) -> None:
    root = guarded.client("iam")
    root.create_user(UserName=f"person-{role}")
    root.put_user_policy(UserName=f"person-{role}", PolicyName="everything", PolicyDocument=_POLICY)
    key = root.create_access_key(UserName=f"person-{role}")["AccessKey"]
    sts = boto3.client(
        "sts",
        endpoint_url=guarded.target().endpoint_url,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )

    arn = f"arn:aws:iam::{ACCOUNT}:role/nrti-{REGION}-{role}"
    assert _refused(sts.assume_role, {"RoleArn": arn, "RoleSessionName": "test"})


@pytest.mark.parametrize("secure", [True, False])
def test_the_buckets_and_the_queue_answer_over_tls_only(secure: bool, guarded: Own) -> None:
    target = guarded.target()
    queue = target.client("sqs").get_queue_attributes(QueueUrl=_QUEUE, AttributeNames=["Policy"])
    buckets = [
        target.client("s3").get_bucket_policy(Bucket=each) for each in (_BUCKET, artifacts_bucket(target))
    ]

    for document in (queue["Attributes"]["Policy"], *(each["Policy"] for each in buckets)):
        (statement,) = json.loads(document)["Statement"]
        named = statement["Resource"]
        for resource in [named] if isinstance(named, str) else named:
            request = Request(statement["Action"].replace("*", "Any"), resource.replace("*", "any/key"))
            decision = decide([json.loads(document)], request, PLACE, tls=secure)
            assert decision == ("ImplicitDeny" if secure else "Deny")
