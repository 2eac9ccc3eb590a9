"""EXPRESS state machines by the API: versions, tasks of other services, and what ministack runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from nrti_local.settings import REGION
from tests.local import patched
from tests.local.patched import Patched
from tests.local.sagemaker_support import unique
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

ROLE = "arn:aws:iam::000000000000:role/r"
PASS = {"Type": "Pass", "End": True}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patched]:
    with patched.start(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture(scope="module")
def states(running: Patched) -> SFNClient:
    client: SFNClient = running.target.client("stepfunctions")
    return client


Create = Callable[..., str]


@pytest.fixture(scope="module")
def create(states: SFNClient) -> Create:
    """Creates a machine of one state, or of a definition, and returns its ARN."""

    def create(state: dict[str, Any] | None = None, kind: Any = "EXPRESS", **definition: Any) -> str:
        text = json.dumps(definition or _of(state or PASS))
        made = states.create_state_machine(name=unique("m"), definition=text, roleArn=ROLE, type=kind)
        return made["stateMachineArn"]

    return create


def _of(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "S", "States": {"S": state}}


def _task(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}


def _run(states: SFNClient, arn: str, given: Any = None) -> Any:
    """The output of an execution, or its status and error."""
    done = states.start_sync_execution(stateMachineArn=arn, input=json.dumps(given or {}))
    return json.loads(done["output"]) if done["status"] == "SUCCEEDED" else (done["status"], done["error"])


def test_an_update_counts_from_the_next_execution_on(states: SFNClient, create: Create) -> None:
    arn = create({**PASS, "Result": 1})
    assert _run(states, arn) == 1
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(_of({**PASS, "Result": 2})))
    assert _run(states, arn) == 2
    states.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.start_execution(stateMachineArn=arn)


def test_a_version_keeps_its_definition_and_an_alias_leads_to_it(states: SFNClient, create: Create) -> None:
    arn = create({**PASS, "Result": "first"})
    version = states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    route: Any = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=route)["stateMachineAliasArn"]
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(_of({**PASS, "Result": "second"})))

    assert [_run(states, each) for each in (arn, version, alias)] == ["second", "first", "first"]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (_task("aws-sdk:sts:getCallerIdentity"), {"Account": "000000000000"}),
        (
            _task("events:putEvents", Entries=[{"Source": "s", "DetailType": "d", "Detail": {"x": 1}}]),
            {"FailedEntryCount": 0},
        ),
        (
            _task(
                "states:startExecution",
                StateMachineArn=f"arn:aws:states:{REGION}:000000000000:stateMachine:no",
            ),
            "StepFunctions.StateMachineDoesNotExistException",
        ),
        (_task("aws-sdk:s3:getObject", Bucket="no-such", Key="k"), "S3.NoSuchBucketException"),
        (_task("aws-sdk:sqs:getQueueUrl", QueueName="no-such"), "Sqs.QueueDoesNotExistException"),
        (_task("aws-sdk:dynamodb:describeTable", TableName="no"), "DynamoDb.ResourceNotFoundException"),
        (_task("aws-sdk:dynamodb:batchWriteItem", RequestItems={}), "DynamoDb.DynamoDbException"),
        (
            _task("dynamodb:getItem", TableName="no", Key={"id": {"S": "1"}}),
            "DynamoDB.ResourceNotFoundException",
        ),
        (
            _task("sqs:sendMessage", QueueUrl="http://localhost/0/no", MessageBody="m"),
            "SQS.AmazonSQSException",
        ),
        (
            _task("sns:publish", TopicArn="arn:aws:sns:us-east-1:000000000000:no", Message="m"),
            "SNS.NotFoundException",
        ),
        (_task("lambda:invoke", FunctionName="no-such", Payload={}), "Lambda.ResourceNotFoundException"),
        (_task("aws-sdk:s3:noSuchOperation"), "States.Runtime"),
        (_task("aws-sdk:nosuchservice:act"), "States.Runtime"),
        (_task("sqs:sendMessage.waitForTaskToken", QueueUrl="u", MessageBody="m"), "States.Runtime"),
        (_task("states:startExecution.sync:2", StateMachineArn="a"), "States.Runtime"),
        (_task("aws-sdk:s3:getObject", Bucket="b"), "States.Runtime"),
    ],
)
def test_a_task_of_another_service(states: SFNClient, create: Create, task: Any, expected: Any) -> None:
    output = _run(states, create(task))

    if isinstance(expected, str):
        assert output == ("FAILED", expected)
    else:
        assert expected.items() <= output.items()


def test_tasks_write_and_read_an_object_and_pass_objects_as_text(states: SFNClient, create: Create) -> None:
    put = {
        **_task("aws-sdk:s3:putObject", Bucket="texts", Key="k", **{"Body.$": "$.text"}),
        "ResultPath": None,
    }
    where = {"LocationConstraint": REGION}
    make = _task("aws-sdk:s3:createBucket", Bucket="texts", CreateBucketConfiguration=where)
    assert _run(states, create(make)) == {"Location": "/texts"}
    get = {**_task("aws-sdk:s3:getObject", Bucket="texts", Key="k"), "ResultSelector": {"text.$": "$.Body"}}
    put["Next"] = "Get"
    del put["End"]
    arn = create(StartAt="Put", States={"Put": put, "Get": get})

    assert _run(states, arn, {"text": "größe"}) == {"text": '"größe"'}
    assert _run(states, arn, {"text": {"größe": 1}}) == {"text": '{"größe":1}'}


def test_an_item_is_read_as_the_java_sdk_names_its_members(
    running: Patched, states: SFNClient, create: Create
) -> None:
    running.target.client("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S": "1"}, "yes": {"Bool": True}, "no": {"Nul": True}, "l": {"L": [{"Bool": False}]}}
    write = {"RequestItems": {"things": [{"PutRequest": {"Item": item}}]}}
    read = {"TableName": "things", "Key": {"id": {"S": "1"}}}

    assert _run(states, create(_task("aws-sdk:dynamodb:batchWriteItem", **write))) == {"UnprocessedItems": {}}
    assert _run(states, create(_task("aws-sdk:dynamodb:getItem", **read)))["Item"] == item
    wire = json.loads(json.dumps(item).replace("Bool", "BOOL").replace("Nul", "NULL"))
    assert _run(states, create(_task("dynamodb:getItem", **read)))["Item"] == wire


def test_a_workflow_starts_another_and_gives_it_an_object(states: SFNClient, create: Create) -> None:
    inner = create({**PASS, "Parameters": {"got.$": "$.x"}})
    task = _task("aws-sdk:sfn:startSyncExecution", StateMachineArn=inner, Input={"x.$": "$.y"})

    output = _run(states, create(task), {"y": 7})

    assert (output["Status"], json.loads(output["Output"])) == ("SUCCEEDED", {"got": 7})


def test_jsonata_runs_in_ministack(states: SFNClient, create: Create) -> None:
    state = {"Type": "Pass", "Output": "{% $states.input.n + 1 %}", "End": True}
    failing = {"Type": "Fail", "Error": "Mine", "Cause": "{% 'n is ' & $states.input.n %}"}

    assert _run(states, create(QueryLanguage="JSONata", **_of(state)), {"n": 1}) == 2
    assert _run(states, create(QueryLanguage="JSONata", **_of(failing)), {"n": 1}) == ("FAILED", "Mine")
    slow = {"Type": "Wait", "Seconds": 5, "End": True}
    ended = _run(states, create(QueryLanguage="JSONata", TimeoutSeconds=1, **_of(slow)))
    assert ended == ("TIMED_OUT", "States.Timeout")


def test_an_execution_that_takes_too_long_times_out(states: SFNClient, create: Create) -> None:
    arn = create(TimeoutSeconds=1, **_of({"Type": "Wait", "Seconds": 60, "End": True}))

    assert _run(states, arn) == ("TIMED_OUT", "States.Timeout")


@pytest.mark.parametrize("text", ["{", '{"x": NaN}', ""])
def test_an_input_that_is_not_json_is_refused(states: SFNClient, create: Create, text: str) -> None:
    with pytest.raises(states.exceptions.InvalidExecutionInput):
        states.start_execution(stateMachineArn=create(), input=text)


@pytest.mark.parametrize("name", ["a b", "a:b", "a/b", "x" * 80 + "\t"])
def test_a_name_that_is_no_name_is_refused(states: SFNClient, create: Create, name: str) -> None:
    with pytest.raises(states.exceptions.InvalidName):
        states.start_execution(stateMachineArn=create(), name=name[-80:])


def test_a_standard_start_that_names_a_running_execution_returns_it(
    states: SFNClient, create: Create
) -> None:
    arn = create({"Type": "Wait", "Seconds": 60, "End": True}, kind="STANDARD")
    first = states.start_execution(stateMachineArn=arn, name="e", input='{"a": 1, "b": 2}')
    again = states.start_execution(stateMachineArn=arn, name="e", input='{"b": 2, "a": 1}')

    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="e", input="{}")
    states.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="e", input='{"a": 1, "b": 2}')


def test_a_standard_machine_has_no_synchronous_executions(states: SFNClient, create: Create) -> None:
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        states.start_sync_execution(stateMachineArn=create(kind="STANDARD"))


def test_a_standard_execution_runs_to_its_end(states: SFNClient, create: Create) -> None:
    arn = create({**PASS, "Result": 3}, kind="STANDARD")
    started = states.start_execution(stateMachineArn=arn)["executionArn"]

    eventually(lambda: states.describe_execution(executionArn=started)["status"] == "SUCCEEDED")
    assert states.describe_execution(executionArn=started)["output"] == "3"


def test_an_execution_starts_another_and_does_not_wait_for_its_end(
    running: Patched, states: SFNClient, create: Create
) -> None:
    sqs = running.target.client("sqs")
    queue = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    send = _task("sqs:sendMessage", QueueUrl=queue, **{"MessageBody.$": "$.word"})
    child = create(send)
    start = _task("states:startExecution", StateMachineArn=child, Input={"word": "hello"})

    started = _run(states, create(start))

    assert started["ExecutionArn"].startswith(child.replace(":stateMachine:", ":express:"))
    assert started["StartDate"].endswith("Z")
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert message["Body"] == "hello"
    refused = _task("states:startExecution", StateMachineArn=child, Input="no JSON")
    assert _run(states, create(refused)) == ("FAILED", "StepFunctions.InvalidExecutionInputException")
