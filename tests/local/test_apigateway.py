"""The REST API, the Kinesis destination, CloudFormation and CloudWatch, on a small stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.local import patched, small_stack
from tests.local.small_stack import SmallStack
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStack]:
    with patched.start(tmp_path_factory.mktemp("state")) as running:
        yield small_stack.deploy(running.target)


def test_an_event_is_accepted_and_stored_whatever_its_characters(small: SmallStack) -> None:
    sensor = 'it\'s "a" \\ / ${x} #set é\n\U0001f600'
    status, answer = small.post({"sensor": sensor, "data": [1, 2.5, -1e-7]})
    assert status == 202
    assert len(answer["request_id"]) == 36
    eventually(small.sensors, lambda sensors: sensor in sensors)


def test_a_batch_is_stored_by_one_request(small: SmallStack) -> None:
    names = {f"batch-{number}" for number in range(25)}
    assert small.post([{"sensor": name} for name in names])[0] == 202
    eventually(small.sensors, lambda sensors: names <= sensors)


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/events", b'{"sensor": "both"}', None),
        ("/events", b"nope", None),
        ("/events", b'{"sensor": "both"}', "wrong"),
        ("/nowhere", b"{}", None),
    ],
)
def test_a_query_string_changes_no_answer(small: SmallStack, path: str, body: bytes, key: str | None) -> None:
    headers = {"x-api-key": key or small.key, "content-type": "application/json"}
    url = small.target.invoke_url(small.ids["Api"], "v1") + path
    without, with_query = (_answer(address, body, headers) for address in (url, f"{url}?query=none"))
    assert without == with_query


def _answer(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, set[str], set[str]]:
    """The status, and the names of the headers and of the answer's members."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    connection.request("POST", f"{parts.path}?{parts.query}".rstrip("?"), body, headers)
    with connection.getresponse() as response:
        names = {name.lower() for name in response.headers}
        return response.status, names, set(json.load(response))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b"nope", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff", "the body is not UTF-8"),
        (b'{"sensor": "a", "data": [NaN]}', "NaN is not JSON"),
        (b'{"sensor": "a", "data": [-Infinity]}', "-Infinity is not JSON"),
        (b'{"sensor": "a", "data": [1e999]}', "the number 1e999 is too large"),
        (b'{"sensor": "a", "sensor": "b"}', 'the key "sensor" appears twice'),
        (b"[" * 100_000, "the body is nested too deeply"),
        (b'{"sensor": "\\ud800"}', "a text has half of a surrogate pair"),
        ({}, "body must contain ['sensor'] properties"),
        ({"sensor": 1}, "body.sensor must be string"),
        ({"sensor": "a", "more": 1}, "body must not contain {'more'} properties"),
        ([{"sensor": "a"}, {"sensor": "b", "data": [1, "2"]}], "body[1].data[1] must be number"),
        ([], "body must contain at least 1 items"),
        ([{"sensor": "a"}] * 26, "body must contain less than or equal to 25 items"),
    ],
)
def test_a_bad_body_is_refused_with_the_reason(small: SmallStack, body: Any, message: str) -> None:
    assert small.post(body) == (400, {"message": message})


def test_an_input_past_the_limit_of_step_functions_is_refused(small: SmallStack) -> None:
    status, answer = small.post({"sensor": "s" * 262_144})
    assert status == 400
    assert "length less than or equal to 262144" in answer["message"]


def test_a_body_past_the_limit_of_api_gateway_is_refused(small: SmallStack) -> None:
    assert small.post(b" " * (10 * 1024 * 1024 + 1)) == (413, {"message": "Request Too Long"})


@pytest.mark.parametrize("content_type", ["application/xml", "application/x-www-form-urlencoded", "text/csv"])
def test_another_content_type_is_refused(small: SmallStack, content_type: str) -> None:
    status, answer = small.post(b"<a/>", content_type=content_type)
    assert (status, answer) == (415, {"message": "Unsupported Media Type"})


@pytest.mark.parametrize("key", ["", "wrong"])
def test_no_key_and_a_wrong_key_are_refused(small: SmallStack, key: str) -> None:
    assert small.post({"sensor": "a"}, x_api_key=key) == (403, {"message": "Forbidden"})


def test_a_usage_plan_throttles(small: SmallStack) -> None:
    apigateway = small.target.client("apigateway")

    def limit(rate: int) -> None:
        paths = ("/throttle/rateLimit", "/throttle/burstLimit")
        operations = [{"op": "replace", "path": path, "value": str(rate)} for path in paths]
        apigateway.update_usage_plan(usagePlanId=small.ids["Plan"], patchOperations=operations)

    limit(1)
    answers = [small.post({"sensor": "throttled"}) for _ in range(5)]
    limit(1000)
    assert (429, {"message": "Too Many Requests"}) in answers


ECHO = """
import json

def handler(event, context):
    if event.get("type") == "TOKEN":
        allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event["authorizationToken"]}
        return {"principalId": "p", "policyDocument": {"Statement": [allow]}, "context": {"level": 3}}
    if "httpMethod" not in event:
        if event["n"] < 0:
            raise ValueError(f"n is {event['n']}")
        return event
    if event["body"] == "malformed":
        return "text"
    cookies = {"Set-Cookie": ["a=1", "b=2"]}
    body = event["requestContext"].get("authorizer", event["pathParameters"])
    return {"statusCode": 201, "multiValueHeaders": cookies, "body": json.dumps(body)}
"""


@pytest.fixture(scope="module")
def echo(small: SmallStack) -> str:
    """The address of an API with a function behind `/proxy/{id}`, and by templates behind `/mapped/{id}`.

    `/guarded/{id}` is as `/proxy/{id}`, with an authorizer that allows the methods that the token names.
    """
    function, gateway = small.target.client("lambda"), small.target.client("apigateway")
    role = "arn:aws:iam::000000000000:role/r"
    code = small_stack.zipped(ECHO)
    arn = function.create_function(
        FunctionName="echo", Runtime="python3.12", Handler="index.handler", Role=role, Code={"ZipFile": code}
    )["FunctionArn"]
    alias = arn.replace("function:echo", "function:${stageVariables.name}")
    prefix = f"arn:aws:apigateway:{small.target.region_name}:lambda:path/2015-03-31/functions"
    api = gateway.create_rest_api(name="echo")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    authorizer = gateway.create_authorizer(
        restApiId=api,
        name="a",
        type="TOKEN",
        authorizerUri=f"{prefix}/{arn}/invocations",
        identitySource="method.request.header.Token",
    )["id"]
    for name, kind, authorization in (
        ("proxy", "AWS_PROXY", {"authorizationType": "NONE"}),
        ("mapped", "AWS", {"authorizationType": "NONE"}),
        ("guarded", "AWS_PROXY", {"authorizationType": "CUSTOM", "authorizerId": authorizer}),
    ):
        parent = gateway.create_resource(restApiId=api, parentId=root["id"], pathPart=name)["id"]
        resource = gateway.create_resource(restApiId=api, parentId=parent, pathPart="{id}")["id"]
        method: Any = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
        gateway.put_method(**method, **authorization)
        gateway.put_integration(
            **method,
            type=kind,
            integrationHttpMethod="POST",
            uri=f"{prefix}/{alias}/invocations",
            requestTemplates={"application/json": '{"n": $input.json("$.n"), "id": "$input.params(\'id\')"}'},
        )
        for status, pattern, template in (("200", "", "id"), ("422", "n is .*", "errorMessage")):
            gateway.put_integration_response(
                **method,
                statusCode=status,
                selectionPattern=pattern,
                responseTemplates={"application/json": f"$input.json('$.{template}')"},
            )
    gateway.create_deployment(restApiId=api, stageName="v1", variables={"name": "echo"})
    return small.target.invoke_url(api, "v1")


@pytest.mark.parametrize(
    ("path", "token", "body", "status", "answer"),
    [
        ("/proxy/7", "", b"{}", 201, {"id": "7"}),
        ("/proxy/7", "", b"malformed", 502, {"message": "Internal server error"}),
        ("/mapped/7", "", b'{"n": 1}', 200, "7"),
        ("/mapped/7", "", b'{"n": -1}', 422, "n is -1"),
        ("/guarded/7", "*/POST/guarded/7", b"{}", 201, {"principalId": "p", "level": "3"}),
        (
            "/guarded/8",
            "*/POST/guarded/7",
            b"{}",
            403,
            {"Message": "User is not authorized to access this resource"},
        ),
        ("/guarded/7", "", b"{}", 401, {"message": "Unauthorized"}),
    ],
)
def test_a_function_answers_by_both_integrations_and_authorizes(
    echo: str, path: str, token: str, body: bytes, status: int, answer: Any
) -> None:
    parts = urlsplit(echo)
    connection = HTTPConnection(parts.netloc)
    connection.request("POST", parts.path + path, body, {"token": token} if token else {})
    with connection.getresponse() as response:
        assert (response.status, json.load(response)) == (status, answer)
        assert response.headers.get_all("Set-Cookie", []) == (["a=1", "b=2"] if status == 201 else [])


def test_the_table_streams_to_kinesis_and_an_update_changes_that(small: SmallStack) -> None:
    cloudformation: CloudFormationClient = small.target.client("cloudformation")

    def update(**table: Any) -> None:
        cloudformation.update_stack(
            StackName="small",
            TemplateBody=json.dumps(small_stack.template(**table)),
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.get_waiter("stack_update_complete").wait(StackName="small", WaiterConfig={"Delay": 1})

    update(KinesisStreamSpecification={"StreamArn": {"Fn::GetAtt": ["Stream", "Arn"]}})
    assert _destinations(small) == ["ACTIVE"]
    assert small.post({"sensor": "streamed"})[0] == 202
    eventually(lambda: _records(small), lambda records: any(b'"streamed"' in record for record in records))
    update()
    assert _destinations(small) == ["DISABLED"]


def _destinations(small: SmallStack) -> list[str]:
    dynamodb: DynamoDBClient = small.target.client("dynamodb")
    found = dynamodb.describe_kinesis_streaming_destination(TableName=small.ids["Table"])
    return [destination["DestinationStatus"] for destination in found["KinesisDataStreamDestinations"]]


def _records(small: SmallStack) -> list[bytes]:
    kinesis: KinesisClient = small.target.client("kinesis")
    name = small.ids["Stream"]
    shard = kinesis.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    start = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return [record["Data"] for record in kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]]


def test_the_metrics_of_an_api_count_its_answers(small: SmallStack) -> None:
    dimensions = {"ApiName": "small", "Stage": "v1"}
    before = [_sum(small, "AWS/ApiGateway", name, dimensions) for name in ("Count", "4XXError", "5XXError")]
    small.post(b"nope")
    small.post({"sensor": "counted"})
    after = [_sum(small, "AWS/ApiGateway", name, dimensions) for name in ("Count", "4XXError", "5XXError")]
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 0]


def test_the_metrics_of_a_workflow_count_its_executions(small: SmallStack) -> None:
    dimensions = {"StateMachineArn": small.ids["Machine"]}
    names = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed")
    before = [_sum(small, "AWS/States", name, dimensions) for name in names]
    small.post({"sensor": "counted"})
    eventually(
        lambda: _sum(small, "AWS/States", "ExecutionsSucceeded", dimensions), lambda sum_: sum_ > before[1]
    )
    after = [_sum(small, "AWS/States", name, dimensions) for name in names]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 0]


def test_the_metrics_of_a_function_count_all_its_invocations(small: SmallStack) -> None:
    dimensions = {"FunctionName": small.ids["Function"]}

    def counted() -> list[float]:
        return [_sum(small, "AWS/Lambda", name, dimensions) for name in ("Invocations", "Errors")]

    before = counted()
    for sensor in ("counted-1", "counted-2", "raises"):
        small.post({"sensor": sensor})
    small.target.client("lambda").invoke(FunctionName=small.ids["Function"], Payload=b'{"events": []}')
    small.parked()
    eventually(counted, lambda after: after[0] - before[0] >= 4)

    assert [new - old for old, new in zip(before, counted(), strict=True)] == [4, 1]


def _sum(small: SmallStack, namespace: str, name: str, dimensions: dict[str, str]) -> float:
    cloudwatch: CloudWatchClient = small.target.client("cloudwatch")
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.now(UTC) - timedelta(minutes=10),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in found["Datapoints"])


def test_what_is_put_into_a_source_stream_is_left_to_the_delivery_bridge(small: SmallStack) -> None:
    target = small.target
    small_stack.make_bucket(target, "small-lake")
    arn = target.client("kinesis").describe_stream_summary(StreamName=small.ids["Stream"])
    source = arn["StreamDescriptionSummary"]["StreamARN"]
    target.client("firehose").create_delivery_stream(
        DeliveryStreamName="small",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": source,
            "RoleARN": "arn:aws:iam::000000000000:role/r",
        },
        ExtendedS3DestinationConfiguration={
            "BucketARN": "arn:aws:s3:::small-lake",
            "RoleARN": "arn:aws:iam::000000000000:role/r",
        },
    )
    target.client("kinesis").put_record(StreamName=small.ids["Stream"], Data=b"{}", PartitionKey="k")
    # ministack's own delivery is over when the put answers.
    assert target.client("s3").list_objects_v2(Bucket="small-lake")["KeyCount"] == 0


def test_the_stack_answers_as_before_after_a_restart(tmp_path: Path) -> None:
    with patched.start(tmp_path) as first:
        before = small_stack.deploy(first.target)
        assert before.post({"sensor": "before"})[0] == 202
    with patched.start(tmp_path) as second:  # what was accepted has been worked off
        after = small_stack.of(second.target)
        assert after.sensors() == {"before"}
        assert after.post({"sensor": 1}) == (400, {"message": "body.sensor must be string"})
        assert after.post({"sensor": "after"})[0] == 202
        eventually(after.sensors, lambda sensors: "after" in sensors)
