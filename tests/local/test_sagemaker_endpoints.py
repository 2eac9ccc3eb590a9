"""Endpoints of the local SageMaker: their way from status to status, and what they answer."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_local.process import REGION
from tests.local.sagemaker_support import SageMaker, unique
from tests.waiting import eventually

#: Answers with what it was asked, or does what the body says.
_ECHO = """
import json, os, pathlib, sys, time

def model_fn(model_dir):
    print("loaded", flush=True)
    return pathlib.Path(model_dir, "word").read_text() if pathlib.Path(model_dir, "word").exists() else "none"

def input_fn(body, content_type):
    return body, content_type

def predict_fn(given, word):
    body, content_type = given
    order = json.loads(body) if content_type == "application/json" else {}
    if "raise" in order:
        raise ValueError(order["raise"])
    if "exit" in order:
        os._exit(3)
    time.sleep(order.get("sleep", 0))
    return {"word": word, "type": content_type, "kind": type(body).__name__, "pid": os.getpid(), **order}

class Response:
    def __init__(self, status, text, **headers):
        self.status_code, self.mimetype, self.headers, self._text = status, "text/plain", headers, text
    def get_data(self):
        return self._text.encode()

def output_fn(prediction, accept):
    if "status" in prediction:
        return Response(prediction["status"], "as you wish")
    if "attributes" in prediction:
        headers = {"X-Amzn-SageMaker-Custom-Attributes": prediction["attributes"]}
        return Response(200, "fine", **headers)
    if "size" in prediction:
        return b"x" * prediction["size"], accept
    return json.dumps({**prediction, "accept": accept}), "application/json"
"""
_BROKEN = "def model_fn(model_dir):\n    raise RuntimeError('this model is broken')\n"
_DEFAULTS = """
class Sum:
    def predict(self, rows):
        return rows.sum(axis=1)

def model_fn(model_dir):
    return Sum()
"""


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


@pytest.fixture(scope="module")
def echo(sagemaker: SageMaker) -> str:
    return sagemaker.endpoint(_ECHO, word="one")


def ask(sagemaker: SageMaker, endpoint: str, **order: Any) -> Any:
    return json.loads(sagemaker.invoke(endpoint, json.dumps(order).encode()))


def refusal(sagemaker: SageMaker, endpoint: str, **order: Any) -> Any:
    with pytest.raises(ClientError) as raised:
        ask(sagemaker, endpoint, **order)
    return raised.value.response


def test_it_describes_what_serves_it(sagemaker: SageMaker, echo: str) -> None:
    described = sagemaker.settled(echo)
    (variant,) = described["ProductionVariants"]
    assert variant["VariantName"] == "AllTraffic"
    assert variant["CurrentServerlessConfig"]["MaxConcurrency"] == 5
    assert described["EndpointArn"] == f"arn:aws:sagemaker:{REGION}:000000000000:endpoint/{echo}"
    assert "Plan" not in described


def test_an_invocation_reaches_the_handlers(sagemaker: SageMaker, echo: str) -> None:
    answer = ask(sagemaker, echo)
    assert answer["word"] == "one"
    assert (answer["type"], answer["kind"]) == ("application/json", "str")
    assert answer["accept"] == "application/json"


def test_other_content_types_come_as_bytes(sagemaker: SageMaker, echo: str) -> None:
    answer = json.loads(sagemaker.invoke(echo, b"\x00\xff", ContentType="application/x-own", Accept="a/b"))
    assert (answer["type"], answer["kind"], answer["accept"]) == ("application/x-own", "bytes", "a/b")


def test_the_answer_has_the_runtime_s_headers(sagemaker: SageMaker, echo: str) -> None:
    answer = sagemaker.runtime.invoke_endpoint(EndpointName=echo, Body=b"{}", CustomAttributes="trace=1")
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert "CustomAttributes" not in answer


def test_custom_attributes_are_those_of_the_model(sagemaker: SageMaker, echo: str) -> None:
    answer = sagemaker.runtime.invoke_endpoint(
        EndpointName=echo, Body=b'{"attributes": "mine"}', ContentType="application/json"
    )
    assert answer["CustomAttributes"] == "mine"


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ("TargetModel", "is not a multi-model endpoint and does not support target model header"),
        ("TargetContainerHostname", "does not support target container hostname header"),
        ("InferenceComponentName", "Inference component other of account 000000000000 not found"),
        ("EnableExplanations", "has no explainer configuration"),
        ("SessionId", "does not support stateful sessions"),
    ],
)
def test_a_request_for_another_kind_of_endpoint_is_refused(
    parameter: str, text: str, sagemaker: SageMaker, echo: str
) -> None:
    with pytest.raises(ClientError, match=text) as raised:
        sagemaker.invoke(echo, b"{}", **{parameter: "other"})
    assert raised.value.response["Error"]["Code"] == "ValidationError"


def test_an_exception_is_a_model_error(sagemaker: SageMaker, echo: str) -> None:
    response = refusal(sagemaker, echo, **{"raise": "no"})
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 500
    assert "Internal Server Error" in response["OriginalMessage"]
    assert response["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{echo}")
    group = f"/aws/sagemaker/Endpoints/{echo}"
    eventually(lambda: sagemaker.lines(group), lambda lines: "ValueError: no" in lines)


def test_a_response_keeps_its_status(sagemaker: SageMaker, echo: str) -> None:
    response = refusal(sagemaker, echo, status=415)
    assert (response["OriginalStatusCode"], response["OriginalMessage"]) == (415, "as you wish")
    assert response["Error"]["Message"].startswith("Received client error (415) from primary with message")


def test_an_answer_past_the_limit_is_refused(sagemaker: SageMaker, echo: str) -> None:
    assert len(sagemaker.invoke(echo, b'{"size": 4194304}')) == 4 * 1024 * 1024
    assert refusal(sagemaker, echo, size=4 * 1024 * 1024 + 1)["Error"]["Code"] == "ModelError"


def test_a_request_past_the_limit_is_refused(sagemaker: SageMaker, echo: str) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.invoke(echo, b"x" * (4 * 1024 * 1024 + 1))
    assert raised.value.response["Error"]["Code"] == "ValidationError"


def test_an_unknown_endpoint_is_not_found(sagemaker: SageMaker) -> None:
    expected = "Endpoint nowhere of account 000000000000 not found."
    error = refusal(sagemaker, "nowhere")["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", expected)


def test_a_dead_worker_is_replaced(sagemaker: SageMaker, echo: str) -> None:
    before = ask(sagemaker, echo)["pid"]
    response = refusal(sagemaker, echo, exit=True)
    assert (response["Error"]["Code"], response["OriginalStatusCode"]) == ("ModelError", 500)
    assert ask(sagemaker, echo)["pid"] != before


def test_more_than_max_concurrency_is_throttled(sagemaker: SageMaker, embedded: Target) -> None:
    endpoint = sagemaker.endpoint(_ECHO, serverless={"MemorySizeInMB": 1024, "MaxConcurrency": 1})
    runtime = embedded.client("sagemaker-runtime", retries={"total_max_attempts": 1})

    def call(_: int) -> str:
        try:
            runtime.invoke_endpoint(
                EndpointName=endpoint, Body=b'{"sleep": 0.5}', ContentType="application/json"
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "answered"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(call, range(3))) == ["ThrottlingException", "ThrottlingException", "answered"]


def test_a_script_may_leave_the_handlers_to_the_toolkit(sagemaker: SageMaker) -> None:
    endpoint = sagemaker.endpoint(_DEFAULTS)
    assert json.loads(sagemaker.invoke(endpoint, b"[[1, 2], [3, 4]]")) == [3.0, 7.0]
    assert sagemaker.invoke(endpoint, b"1,2\n3,4", ContentType="text/csv", Accept="text/csv") == "3.0\n7.0\n"


def test_a_model_that_does_not_load_fails_the_endpoint(sagemaker: SageMaker) -> None:
    name = unique("endpoint")
    sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=sagemaker.config(_BROKEN))
    described = sagemaker.settled(name)
    assert described["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in described["FailureReason"]
    lines = eventually(lambda: sagemaker.lines(f"/aws/sagemaker/Endpoints/{name}"))
    assert "RuntimeError: this model is broken" in lines
    assert refusal(sagemaker, name)["Error"]["Code"] == "ValidationError"


def test_model_data_that_is_not_there_fails_the_endpoint(sagemaker: SageMaker) -> None:
    config, name = sagemaker.config_of(f"s3://{sagemaker.bucket}/nothing.tar.gz"), unique("endpoint")
    sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
    assert sagemaker.settled(name)["FailureReason"].startswith("Could not find model data at s3://")


def test_an_update_serves_without_a_gap(sagemaker: SageMaker) -> None:
    endpoint = sagemaker.endpoint(_ECHO, word="old")
    new = sagemaker.config(_ECHO, word="new")
    sagemaker.client.update_endpoint(EndpointName=endpoint, EndpointConfigName=new)
    described = sagemaker.client.describe_endpoint(EndpointName=endpoint)
    assert described["EndpointStatus"] == "Updating"
    assert described["EndpointConfigName"] != new
    assert described["PendingDeploymentSummary"]["EndpointConfigName"] == new
    words = [ask(sagemaker, endpoint)["word"]]

    def answers() -> list[str]:
        words.append(ask(sagemaker, endpoint)["word"])
        return words

    eventually(answers, lambda words: words[-1] == "new")
    assert words == sorted(words, reverse=True)
    described = sagemaker.settled(endpoint)
    assert described["EndpointConfigName"] == new
    assert "PendingDeploymentSummary" not in described


def test_an_update_that_fails_keeps_what_served(sagemaker: SageMaker, echo: str) -> None:
    before = sagemaker.settled(echo)["EndpointConfigName"]
    sagemaker.client.update_endpoint(EndpointName=echo, EndpointConfigName=sagemaker.config(_BROKEN))
    described = sagemaker.settled(echo)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", before)
    assert "ping health check" in described["FailureReason"]
    assert ask(sagemaker, echo)["word"] == "one"


def test_an_endpoint_on_its_way_cannot_be_changed(sagemaker: SageMaker, tmp_path: Path) -> None:
    name, go = unique("endpoint"), tmp_path / "go"
    waiting = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    config = sagemaker.config(waiting + _ECHO)
    sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
    assert refusal(sagemaker, name)["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.client.delete_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.client.update_endpoint(EndpointName=name, EndpointConfigName=config)
    go.touch()
    assert sagemaker.settled(name)["EndpointStatus"] == "InService"


def test_a_deleted_endpoint_leaves_nothing(sagemaker: SageMaker) -> None:
    endpoint = sagemaker.endpoint(_ECHO)
    process = Path("/proc", str(ask(sagemaker, endpoint)["pid"]))
    sagemaker.client.delete_endpoint(EndpointName=endpoint)
    waiter = sagemaker.client.get_waiter("endpoint_deleted")
    waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    assert not process.exists()
    assert refusal(sagemaker, endpoint)["Error"]["Code"] == "ValidationError"


def test_invocations_are_counted_in_cloudwatch(sagemaker: SageMaker, embedded: Target) -> None:
    endpoint = sagemaker.endpoint(_ECHO)
    ask(sagemaker, endpoint)
    refusal(sagemaker, endpoint, **{"raise": "no"})
    cloudwatch = embedded.client("cloudwatch")

    def total(metric: str) -> float:
        statistics = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            StartTime=time.time() - 3600,
            EndTime=time.time() + 60,
            Period=3600,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in statistics["Datapoints"]))

    eventually(lambda: total("Invocations"), lambda invocations: invocations == 2)
    assert total("Invocation5XXErrors") == 1
    assert total("ModelLatency") > 0
