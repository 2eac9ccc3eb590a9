"""Lambda's Invoke through the SDK: answers, errors, limits, and the worker processes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from nrti_local.lambda_.pool import MAX_WORKERS
from tests.local import patched
from tests.local.functions import Functions, archive
from tests.local.patched import Patched
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_stepfunctions.client import SFNClient

PID = "import os\ndef handler(event, context): return os.getpid()"
ECHO = """
import boto3, os, time
NAMES = ("AWS_REGION", "OWN", "_HANDLER", "_X_AMZN_TRACE_ID")

def handler(event, context):
    print("got", event)
    if event == "nap":
        time.sleep(0.3)
    if event == "credentials":
        return boto3.client("sts").get_caller_identity()["Account"]
    return {
        "event": event,
        "arn": context.invoked_function_arn,
        "version": context.function_version,
        "variables": {name: os.environ[name] for name in NAMES},
        "pid": os.getpid(),
    }
"""


#: As with the SDK, which sends the same header and takes half a second to load.
COUNTDOWN = """
import json, os, urllib.request

def handler(event, context):
    if event == 0:
        return "done"
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/2015-03-31/functions/{context.function_name}/invocations",
        json.dumps(event - 1).encode(),
        {"X-Amzn-Trace-Id": os.environ["_X_AMZN_TRACE_ID"]},
    )
    return json.load(urllib.request.urlopen(request))
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patched]:
    with patched.start(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture(scope="module")
def functions(running: Patched) -> Functions:
    return Functions(running.target)


@pytest.fixture(scope="module")
def echo(functions: Functions) -> str:
    return functions.make("echo", ECHO, Environment={"Variables": {"OWN": "own"}})


def _refusal(functions: Functions, name: str, payload: bytes, **settings: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as raised:
        functions.client.invoke(FunctionName=name, Payload=payload, **settings)
    answer = raised.value.response
    error = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


def test_an_invocation_answers_with_its_version_and_log(functions: Functions, echo: str) -> None:
    answer = functions.invoke(echo, {"n": 1})
    assert answer.payload["event"] == {"n": 1}
    assert answer.payload["arn"].endswith(":function:echo")
    assert "Lineage=1:" in answer.payload["variables"].pop("_X_AMZN_TRACE_ID")
    assert answer.payload["variables"] == {
        "AWS_REGION": functions.client.meta.region_name,
        "OWN": "own",
        "_HANDLER": "index.handler",
    }
    assert (answer.error, answer.version) == ("", "$LATEST")
    start, printed, end, report = answer.log.splitlines()
    assert start.startswith("START RequestId: ")
    assert printed == "got {'n': 1}"
    assert end.startswith("END RequestId: ")
    assert " ms\tMemory Size: 128 MB" in report


def test_an_invocation_without_a_payload_has_an_empty_event(functions: Functions, echo: str) -> None:
    assert json.load(functions.client.invoke(FunctionName=echo)["Payload"])["event"] == {}


def test_a_dry_run_executes_nothing(functions: Functions, echo: str) -> None:
    assert functions.client.invoke(FunctionName=echo, InvocationType="DryRun")["StatusCode"] == 204


def test_names_partial_and_full_are_the_same_function(functions: Functions, echo: str) -> None:
    arn = functions.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    account = arn.split(":")[4]
    pids = {functions.invoke(name).payload["pid"] for name in (echo, arn, f"{account}:function:{echo}")}
    assert len(pids) == 1
    assert _refusal(functions, arn.replace(account, "111111111111"), b"")[:2] == (
        404,
        "ResourceNotFoundException",
    )
    assert _refusal(functions, "echo:7", b"") == (
        404,
        "ResourceNotFoundException",
        f"Function not found: {arn}:7",
    )


def test_credentials_are_the_functions_own(functions: Functions, echo: str) -> None:
    assert functions.invoke(echo, "credentials", Qualifier="$LATEST").payload == "000000000000"


def test_versions_and_aliases_execute_their_own_code(functions: Functions) -> None:
    name = functions.make(
        "versioned", "def handler(event, context): return ['old', context.function_version]"
    )
    first = functions.client.publish_version(FunctionName=name)["Version"]
    functions.client.create_alias(FunctionName=name, Name="live", FunctionVersion=first)
    assert functions.invoke(name, Qualifier="live").payload == ["old", first]
    new = archive("def handler(event, context): return ['new', context.invoked_function_arn]")
    functions.client.update_function_code(FunctionName=name, ZipFile=new)
    answer = functions.invoke(name, Qualifier="live")
    assert (answer.payload, answer.version) == (["old", first], first)
    latest = functions.invoke(f"{name}:$LATEST")
    assert (latest.payload[0], latest.version) == ("new", "$LATEST")
    assert latest.payload[1].endswith(":function:versioned:$LATEST")


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("set", "def handler(event, context): return {1}", "Runtime.MarshalError"),
        ("syntax", "def", "Runtime.UserCodeSyntaxError"),
        ("import", "import nothing_like_it", "Runtime.ImportModuleError"),
        ("missing", "", "Runtime.HandlerNotFound"),
        ("raises", "def handler(event, context): raise KeyError('k')", "KeyError"),
    ],
)
def test_a_failure_has_its_name(functions: Functions, name: str, code: str, kind: str) -> None:
    for _ in range(2):
        answer = functions.invoke(functions.make(name, code) if not _exists(functions, name) else name)
        assert (answer.error, answer.payload["errorType"]) == ("Unhandled", kind)
        assert f"[ERROR] {kind}: " in answer.log


def _exists(functions: Functions, name: str) -> bool:
    pages = functions.client.get_paginator("list_functions").paginate()
    return any(found["FunctionName"] == name for page in pages for found in page["Functions"])


def test_a_function_that_exits_is_described_and_begins_anew(functions: Functions) -> None:
    code = "import os, sys\ndef handler(event, context): return sys.exit(event) if event else os.getpid()"
    name = functions.make("exits", code)
    pid = functions.invoke(name).payload
    answer = functions.invoke(name, 3)
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith(" Error: Runtime exited with error: exit status 3")
    assert functions.invoke(name).payload != pid


def test_a_function_that_takes_too_long_is_killed_with_what_it_started(functions: Functions) -> None:
    code = """
import subprocess, time
def handler(event, context):
    print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
    time.sleep(60)
"""
    answer = functions.invoke(functions.make("slow", code, Timeout=1))
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert answer.payload["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    child = int(answer.log.splitlines()[1])
    eventually(lambda: _is_gone(child))


def test_payloads_have_limits(functions: Functions, echo: str) -> None:
    large = functions.make("large", "def handler(event, context): return 'x' * event")
    assert functions.invoke(large, 6_291_554).error == ""
    answer = functions.invoke(large, 6_291_555)
    assert answer.payload["errorType"] == "Function.ResponseSizeTooLarge"
    too_large = b'"' + b"x" * 6_291_455 + b'"'
    status, code, message = _refusal(functions, echo, too_large)
    assert (status, code) == (413, "RequestEntityTooLargeException")
    assert message == "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    event = b'"' + b"x" * 1_048_575 + b'"'
    status, code, message = _refusal(functions, echo, event, InvocationType="Event")
    assert (status, code) == (413, "RequestEntityTooLargeException")
    assert message == "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    assert _refusal(functions, echo, b"{", InvocationType="Event")[:2] == (
        400,
        "InvalidRequestContentException",
    )


def test_reserved_concurrency_refuses_instead_of_waiting(running: Patched, functions: Functions) -> None:
    name, impatient = (
        functions.make("reserved", PID),
        Functions(running.target, retries={"total_max_attempts": 1}),
    )
    assert functions.invoke(name).error == ""
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(impatient.client.exceptions.TooManyRequestsException) as raised:
        impatient.client.invoke(FunctionName=name)
    answer: Any = raised.value.response
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    functions.client.delete_function_concurrency(FunctionName=name)
    assert functions.invoke(name).error == ""


def test_a_burst_waits_for_few_workers(functions: Functions, echo: str) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: functions.invoke(echo, "nap"), range(10)))
    assert len({answer.payload["pid"] for answer in answers}) <= MAX_WORKERS


def test_a_change_replaces_the_workers_and_a_deletion_ends_them(functions: Functions) -> None:
    name = functions.make("changing", PID)
    first = functions.invoke(name).payload
    assert functions.invoke(name).payload == first
    functions.client.update_function_configuration(FunctionName=name, Description="the same process does")
    assert functions.invoke(name).payload == first
    functions.client.update_function_configuration(FunctionName=name, MemorySize=256)
    second = functions.invoke(name).payload
    assert second != first
    eventually(lambda: _is_gone(first))
    functions.client.delete_function(FunctionName=name)
    eventually(lambda: _is_gone(second))


def test_layers_are_merged_in_their_order(functions: Functions) -> None:
    layers = [
        functions.client.publish_layer_version(
            LayerName="layer", Content={"ZipFile": archive(f"value = {number}", "python/layer_module.py")}
        )["LayerVersionArn"]
        for number in (1, 2)
    ]
    code = "import layer_module\ndef handler(event, context): return layer_module.value"
    assert functions.invoke(functions.make("layered", code, Layers=layers)).payload == 2


def test_functions_that_invoke_each_other_for_ever_are_stopped(running: Patched, echo: str) -> None:
    chained = Functions(running.target, retries={"total_max_attempts": 1})
    header = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0;Lineage=1:00000000:"
    depth = 15

    def send_header(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["X-Amzn-Trace-Id"] = f"{header}{depth}"

    chained.client.meta.events.register("before-call.lambda.Invoke", send_header)
    trace = chained.invoke(echo).payload["variables"]["_X_AMZN_TRACE_ID"]
    assert trace.startswith("Root=1-00000000-000000000000000000000000;Parent=")
    assert trace.endswith(":16")
    depth = 16
    assert _refusal(chained, echo, b"")[:2] == (400, "RecursiveInvocationException")
    chained.client.put_function_recursion_config(FunctionName=echo, RecursiveLoop="Allow")
    assert chained.invoke(echo).payload["variables"]["_X_AMZN_TRACE_ID"].endswith(":17")


def test_a_function_may_invoke_itself_more_often_than_there_are_workers(functions: Functions) -> None:
    name = functions.make("countdown", COUNTDOWN, Timeout=30)
    assert functions.invoke(name, MAX_WORKERS + 2).payload == "done"


def test_events_are_tried_again_and_end_in_the_queue(running: Patched, functions: Functions) -> None:
    sqs: SQSClient = running.target.client("sqs")
    url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = functions.make("fails", "def handler(event, context): raise ValueError(event)")
    functions.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    sent = functions.client.invoke(FunctionName=name, Payload=b'"e"', InvocationType="Event")
    assert sent["StatusCode"] == 202
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    body = json.loads(message["Body"])
    assert body["requestPayload"] == "e"
    assert body["responsePayload"]["errorType"] == "ValueError"


def test_a_runtime_that_is_missing_is_no_success(functions: Functions) -> None:
    answer = functions.invoke(functions.make("java", "", Runtime="java21"))
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "InvalidRuntimeException")
    assert answer.payload["errorMessage"] == "java21: without Docker this runtime is not in the embedded AWS"


def test_ministacks_own_callers_have_the_same_workers(running: Patched, functions: Functions) -> None:
    name = functions.make("shared", PID)
    arn = functions.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    states: SFNClient = running.target.client("stepfunctions")
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": arn, "End": True}}}
    machine = states.create_state_machine(
        name="standard", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/any"
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]

    def output() -> str:
        return states.describe_execution(executionArn=execution).get("output", "")

    eventually(output)
    assert json.loads(output()) == functions.invoke(name).payload


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that is dead but not collected has."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
