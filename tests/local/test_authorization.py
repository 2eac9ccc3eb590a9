"""The embedded AWS with IAM enforced: the pipeline works by its roles, and not without them."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target
from nrti_cli.dashboard.board import Board
from nrti_cli.dashboard.views import Choice
from nrti_cli.forgetting.records import Scope, forgotten, note
from nrti_cli.stack.outputs import outputs
from nrti_local.process import REGION
from tests.local.deployed import Pipeline, event
from tests.local.own import Own, deployed_at
from tests.local.roles import ACCOUNT
from tests.waiting import eventually

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/nrti-{REGION}-sagemaker"
_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:nrti-inference"
_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/nrti-dead-letters"
_MODEL = {
    "ModelName": "nrti-m",
    "ExecutionRoleArn": _ROLE,
    "PrimaryContainer": {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/i:1"},
}

Allow = Callable[..., Any]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    with deployed_at(tmp_path_factory.mktemp("guarded"), auth=True) as own:
        yield own


@pytest.fixture
def deployed(guarded: Own) -> Pipeline:
    target = guarded.target()
    stack = outputs(target)
    return Pipeline(target, stack, api_key(target, stack.api_key_id))


@pytest.fixture
def allow(guarded: Own) -> Iterator[Allow]:
    """Makes clients of a user who has the given permissions: of the SageMaker, unless another is named."""
    with _person(guarded) as (key, permit):

        def client(*statements: tuple[str, str], service: str = "sagemaker") -> Any:
            permit(*statements)
            return _client(service, guarded.target(), key["AccessKeyId"], key["SecretAccessKey"])

        yield client


@contextmanager
def _person(own: Own) -> Iterator[tuple[dict[str, Any], Callable[..., None]]]:
    """A user's key, and what lets the user do something."""
    iam = own.client("iam")
    iam.create_user(UserName="person")
    key = iam.create_access_key(UserName="person")["AccessKey"]

    def permit(*statements: tuple[str, str]) -> None:
        allowed = [{"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in statements]
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_user_policy(UserName="person", PolicyName="given", PolicyDocument=document)

    permit(("sts:GetCallerIdentity", "*"))
    yield key, permit
    iam.delete_user_policy(UserName="person", PolicyName="given")
    iam.delete_access_key(UserName="person", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="person")


@contextmanager
def _operator(own: Own) -> Iterator[Target]:
    """The target of a user who has only the operator's policy."""
    with _person(own) as (key, _):
        policy = (Path(__file__).parents[2] / "docs" / "operator-policy.json").read_text()
        own.client("iam").put_user_policy(UserName="person", PolicyName="given", PolicyDocument=policy)
        person = replace(own.target(), name="aws", region=REGION)
        person.__dict__["session"] = new_session(
            access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"], region=REGION
        )
        yield person


def _client(service: Any, target: Target, key: str, secret: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=target.endpoint_url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def _count(own: Own) -> int:
    return int(own.client("dynamodb").scan(TableName=outputs(own.target()).table, Select="COUNT")["Count"])


def test_labels_come_to_the_lake(guarded: Own, deployed: Pipeline) -> None:
    assert deployed.post({"event_id": "e", "label": 1}, "/labels")[0] == 202

    labels = {"Bucket": deployed.stack.lake_bucket, "Prefix": "labels/"}
    eventually(lambda: guarded.client("s3").list_objects_v2(**labels)["KeyCount"])


def test_events_are_judged_and_stored_by_the_roles_of_the_stack(guarded: Own) -> None:
    done = guarded.nrti("produce", "--model", "failure-v1", "--rate", "100", "--count", "10")

    assert done.returncode == 0, done.stderr
    eventually(lambda: _count(guarded), lambda stored: stored == 10)


def test_a_function_that_may_not_ask_the_model_says_so_in_the_dead_letters(guarded: Own) -> None:
    iam, name = guarded.client("iam"), f"nrti-{REGION}-inference"
    document = iam.get_role_policy(RoleName=name, PolicyName="invoke-endpoints")["PolicyDocument"]
    iam.delete_role_policy(RoleName=name, PolicyName="invoke-endpoints")
    try:
        guarded.proves_to_work()
        queue = outputs(guarded.target()).dead_letter_queue_url
        (message,) = guarded.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    finally:
        iam.put_role_policy(RoleName=name, PolicyName="invoke-endpoints", PolicyDocument=json.dumps(document))

    letter = json.loads(message["Body"])
    assert letter["error"] == "AccessDeniedException"
    assert "not authorized to perform: sagemaker:InvokeEndpoint" in letter["cause"]


def test_the_live_page_needs_no_more_than_the_operator_s_policy(guarded: Own) -> None:
    assert guarded.nrti("produce", "--rate", "100", "--count", "3").returncode == 0
    eventually(lambda: _count(guarded))
    item = guarded.client("dynamodb").scan(TableName=outputs(guarded.target()).table)["Items"][0]
    with _operator(guarded) as person:
        data, sensor, prediction = asyncio.run(_watched(person, item["sensor"]["S"], item["event_key"]["S"]))

    assert "stages" not in {stage["name"] for stage in data["stages"]}
    assert not data["live"]["problem"]
    assert not data["history"]["problem"]
    assert sensor["predictions"]
    assert prediction


async def _watched(
    target: Target, sensor: str, key: str
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """What a page shows once it has read everything, and what comes of opening a sensor and a prediction."""
    board = Board(target, outputs(target))
    await board.begin()
    try:
        async with asyncio.timeout(60):
            while True:
                data = (await board.changes(Choice(900), "")).document
                history = data["history"]
                if data["stages"] and (history["queries"] == 2 or history["problem"]):
                    break
                await asyncio.sleep(0.1)
        return data, await board.sensor(sensor), await board.prediction(sensor, key)
    finally:
        board.close()


def test_an_operator_may_ask_what_was_forgotten(guarded: Own) -> None:
    note(guarded.target(), Scope("gone", 1))
    with _operator(guarded) as person:
        assert forgotten(person).knows("gone")


def test_a_table_s_stream_is_read_with_permissions_for_it(guarded: Own, allow: Allow) -> None:
    arn = outputs(guarded.target()).table_stream_arn
    person = allow(
        ("dynamodb:DescribeStream", arn), ("dynamodb:GetShardIterator", arn), service="dynamodbstreams"
    )
    (shard,) = person.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = person.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]

    with pytest.raises(ClientError, match="dynamodb:GetRecords"):
        person.get_records(ShardIterator=iterator)
    with pytest.raises(ClientError, match="dynamodb:DescribeStream"):
        person.describe_stream(StreamArn=arn.replace("nrti-predictions", "other"))


def test_a_request_that_is_rewritten_on_its_way_keeps_its_signature(allow: Allow) -> None:
    assert "events" in allow(("logs:FilterLogEvents", "*"), service="logs").filter_log_events(
        logGroupName="/aws/lambda/nrti-inference"
    )
    assert allow(("kinesis:ListShards", "*"), service="kinesis").list_shards(StreamName="nrti-predictions")


def test_a_template_is_read_with_the_permissions_of_the_caller(guarded: Own, allow: Allow) -> None:
    bucket = f"nrti-artifacts-{ACCOUNT}-{REGION}"
    (found,) = guarded.client("s3").list_objects_v2(Bucket=bucket, Prefix="templates/")["Contents"]
    url = f"https://{bucket}.s3.{REGION}.amazonaws.com/{found['Key']}"
    asks = ("cloudformation:GetTemplateSummary", "*")
    reads = ("s3:GetObject", f"arn:aws:s3:::{bucket}/templates/*")

    with pytest.raises(ClientError, match="S3 error: Access Denied"):
        allow(asks, service="cloudformation").get_template_summary(TemplateURL=url)
    assert allow(asks, reads, service="cloudformation").get_template_summary(TemplateURL=url)["Parameters"]


def test_a_method_for_signed_requests_asks_iam(guarded: Own) -> None:
    gateway = guarded.client("apigateway")
    api = gateway.create_rest_api(name="signed")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    method: Any = {"restApiId": api, "resourceId": root["id"], "httpMethod": "POST"}
    gateway.put_method(**method, authorizationType="AWS_IAM")
    gateway.put_integration(
        **method,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{REGION}:states:action/ListStateMachines",
        credentials=_ROLE,
    )
    gateway.put_integration_response(**method, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="v1")
    address = f"{guarded.target().invoke_url(api, 'v1')}/"
    with _person(guarded) as (key, permit):
        secret = key["SecretAccessKey"]
        assert _signed(address, "", "") == (403, {"message": "Missing Authentication Token"})
        assert _signed(address, key["AccessKeyId"], "wrong")[0] == 403
        assert "execute-api:Invoke" in str(_signed(address, key["AccessKeyId"], secret))
        permit(("execute-api:Invoke", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/v1/POST/"))
        status, answer = _signed(address, key["AccessKeyId"], secret)

    assert status == 200
    assert _MACHINE in {machine["stateMachineArn"] for machine in answer["stateMachines"]}


def _signed(address: str, key: str, secret: str) -> tuple[int, Any]:
    """Posts an empty object; returns the status and the answer."""
    request = AWSRequest("POST", address, data=b"{}", headers={"content-type": "application/json"})
    if key:
        SigV4Auth(Credentials(key, secret), "execute-api", REGION).add_auth(request)
    sent = urllib.request.Request(address, b"{}", dict(request.headers))  # noqa: S310 - the address is our own
    try:
        with urllib.request.urlopen(sent) as answered:  # noqa: S310
            return answered.status, json.load(answered)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_query_is_allowed_by_its_work_group(guarded: Own, allow: Allow) -> None:
    group = outputs(guarded.target()).workgroup
    prefix = f"arn:aws:athena:{REGION}:{ACCOUNT}"
    person = allow(
        ("athena:*QueryExecution", f"{prefix}:workgroup/{group}"),
        ("athena:ListDatabases", f"{prefix}:datacatalog/AwsDataCatalog"),
        service="athena",
    )
    query = person.start_query_execution(QueryString="select 1", WorkGroup=group)["QueryExecutionId"]

    assert person.get_query_execution(QueryExecutionId=query)["QueryExecution"]["WorkGroup"] == group
    assert person.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    with pytest.raises(ClientError, match=r"athena:StartQueryExecution on resource: .*:workgroup/primary"):
        person.start_query_execution(QueryString="select 1")
    with pytest.raises(ClientError, match=r"athena:GetQueryResults on resource: .*:workgroup/nrti"):
        person.get_query_results(QueryExecutionId=query)


def test_an_operation_is_allowed_on_the_resources_that_it_names(allow: Allow) -> None:
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    person = allow(("sagemaker:DescribeEndpoint", f"{prefix}:endpoint/nrti-failure-v1"))

    assert person.describe_endpoint(EndpointName="nrti-failure-v1")["EndpointStatus"] == "InService"
    with pytest.raises(ClientError, match=r"sagemaker:DescribeEndpoint on resource: .*:endpoint/other"):
        person.describe_endpoint(EndpointName="other")
    with pytest.raises(ClientError, match="sagemaker:DeleteEndpoint"):
        person.delete_endpoint(EndpointName="nrti-failure-v1")


def test_a_transform_job_is_no_matter_of_its_model(allow: Allow) -> None:
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job"
    person = allow(("sagemaker:*TransformJob", f"{prefix}/mine-*"))
    request = {
        "ModelName": "none",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/o"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    with pytest.raises(ClientError, match=f"sagemaker:CreateTransformJob on resource: {prefix}/other"):
        person.create_transform_job(TransformJobName="other", **request)
    with pytest.raises(ClientError, match="Could not find model"):
        person.create_transform_job(TransformJobName="mine-1", **request)


def test_giving_sagemaker_a_role_needs_permission_to_pass_it(allow: Allow) -> None:
    with pytest.raises(ClientError, match=rf"AccessDeniedException.*iam:PassRole on resource: {_ROLE}"):
        allow(("sagemaker:CreateModel", "*")).create_model(**_MODEL)

    person = allow(("sagemaker:*Model", "*"), ("iam:PassRole", _ROLE))
    assert person.create_model(**_MODEL)["ModelArn"].endswith(":model/nrti-m")
    person.delete_model(ModelName="nrti-m")


@pytest.mark.parametrize(
    ("key", "code"),
    [("AKIAIOSFODNN7EXAMPLE", "UnrecognizedClientException"), ("", "InvalidSignatureException")],
)
def test_a_wrong_signature_is_refused(key: str, code: str, guarded: Own, allow: Allow) -> None:
    honest = allow(("sagemaker:ListModels", "*"))
    honest.list_models()
    used = key or honest._request_signer._credentials.access_key

    with pytest.raises(ClientError, match=code):
        _client("sagemaker", guarded.target(), used, "not-the-secret").list_models()


@pytest.mark.parametrize("path", ["/events", "/predictions"])
@pytest.mark.parametrize("key", ["", "wrong", "test"])
def test_no_route_takes_a_request_without_the_key(path: str, key: str, deployed: Pipeline) -> None:
    before = deployed.items("keyless")

    status, reply = deployed.post(event("keyless"), path, x_api_key=key)

    assert (status, reply) == (403, {"message": "The x-api-key header is missing or is not a valid key."})
    assert deployed.items("keyless") == before == []


def test_both_routes_work_by_the_roles_of_the_stack(deployed: Pipeline) -> None:
    assert deployed.post(event("keyed"), "/events")[0] == 202
    assert deployed.post(event("keyed"), "/predictions")[0] == 200
    eventually(lambda: deployed.items("keyed"), lambda items: len(items) == 2)


#: What a caller without permissions might do to the pipeline: service, operation, parameters.
WITHOUT_RIGHTS: list[tuple[str, str, dict[str, Any]]] = [
    ("stepfunctions", "start_execution", {"stateMachineArn": _MACHINE, "input": "{}"}),
    ("stepfunctions", "start_sync_execution", {"stateMachineArn": _MACHINE, "input": "{}"}),
    ("dynamodb", "scan", {"TableName": "nrti-predictions"}),
    ("sqs", "receive_message", {"QueueUrl": _QUEUE}),
    ("lambda", "invoke", {"FunctionName": "nrti-inference"}),
    ("s3", "list_objects_v2", {"Bucket": f"nrti-lake-{ACCOUNT}-{REGION}"}),
    ("apigateway", "get_api_keys", {"includeValues": True}),
    ("kinesis", "describe_stream_summary", {"StreamName": "nrti-predictions"}),
    ("athena", "list_work_groups", {}),
    ("cloudformation", "delete_stack", {"StackName": "nrti"}),
    ("sagemaker", "delete_endpoint", {"EndpointName": "nrti-failure-v1"}),
    ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "nrti-failure-v1", "Body": b"{}"}),
]


@pytest.mark.parametrize("attempt", WITHOUT_RIGHTS, ids=lambda attempt: attempt[1])
def test_a_user_without_rights_is_refused(
    attempt: tuple[str, str, dict[str, Any]], guarded: Own, allow: Allow
) -> None:
    service, operation, parameters = attempt
    known = allow(("iam:GetUser", "*"))._request_signer._credentials
    client: Any = boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=guarded.target().endpoint_url,
        region_name=REGION,
        aws_access_key_id=known.access_key,
        aws_secret_access_key=known.secret_key,
        config=Config(inject_host_prefix=False),
    )

    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, operation)(**parameters)
