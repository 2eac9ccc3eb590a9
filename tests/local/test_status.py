from __future__ import annotations

import json
from typing import Any

from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.local.own import Own
from tests.local.sagemaker_support import SageMaker
from tests.waiting import eventually

#: Of an endpoint that was not made for nrti.
UNREADABLE = """
def model_fn(model_dir):
    return None

def input_fn(body, content_type):
    return body

def predict_fn(data, model):
    return data

def output_fn(prediction, accept):
    return '{"answer": "soon"}', "application/json"
"""
STAGES = [
    "API",
    "workflow",
    "dead letters",
    "table",
    "stream",
    "lake",
    "labels",
    "endpoints",
    "alarms",
    "alerts",
]


def _status(nrti: Nrti) -> dict[str, dict[str, Any]]:
    answer = nrti("status", "--format", "json")
    return {stage["name"]: stage for stage in json.loads(answer.stdout)["stages"]}


def test_a_stack_without_events_is_idle_and_a_stage_that_failed_is_named(tenant: Own) -> None:
    assert tenant.nrti("bootstrap", "--stack", "idle").returncode == 0

    shown = tenant.nrti("status")

    assert shown.returncode == 0, shown.stderr
    assert [line[:13].strip() for line in shown.stdout.splitlines() if line[0] != " "] == STAGES
    assert "idle" in shown.stdout
    assert "\x1b" not in shown.stdout

    queue = tenant.client("sqs").get_queue_url(QueueName="idle-dead-letters")["QueueUrl"]
    tenant.client("sqs").delete_queue(QueueUrl=queue)
    shown = tenant.nrti("status")

    assert shown.returncode == 1
    assert "dead letters  failed  the queue does not exist" in shown.stdout
    assert tenant.nrti("bootstrap").returncode == 0
    tenant.client("glue").delete_table(DatabaseName="idle", Name="outcomes")
    assert (
        "labels        failed  outcomes cannot be queried, run nrti bootstrap" in tenant.nrti("status").stdout
    )
    assert tenant.nrti("bootstrap").returncode == 0
    assert tenant.nrti("status").returncode == 0


def test_what_went_through_is_seen_at_every_stage(
    nrti: Nrti, deployed: Pipeline, sensor: str, model: str
) -> None:
    earlier = _status(nrti)
    before, failed_labels = earlier["workflow"], earlier["labels"]["failed"]
    label = {"sensor": sensor, "timestamp": 1795546700000, "label": 1}
    assert deployed.post(label, "/labels")[0] == 202
    sent = nrti("produce", "--model", model, "--rate", "50", "--count", "20")
    assert sent.returncode == 0, sent.stderr
    found = eventually(
        lambda: _status(nrti),
        lambda status: (
            status["lake"]["state"] == "ok"
            and status["labels"]["requests"] > 0
            and status["workflow"]["succeeded"] >= before["succeeded"] + 20  # a file may have fewer rows
        ),
    )

    assert found["API"]["requests"] >= 20
    assert found["API"]["address"].endswith("/events")
    assert found["workflow"]["failed"] == before["failed"]
    assert found["table"]["items"] >= 20
    assert found["stream"]["records"] >= 20
    assert found["lake"]["key"].endswith(".parquet")
    assert found["labels"]["failed"] == failed_labels  # of other tests, which have the same stack
    assert found["labels"]["state"] == ("warn" if failed_labels else "ok")
    assert found["labels"]["key"].startswith("labels/month=")
    assert found["endpoints"][f"nrti-{model}"] == "InService"
    assert found["alarms"]["alarms"] == 13


def test_an_endpoint_that_answers_what_cannot_be_read_is_named(
    nrti: Nrti, deployed: Pipeline, sensor: str
) -> None:
    sagemaker = SageMaker.of(deployed.target)
    config = sagemaker.config(UNREADABLE)
    sagemaker.client.create_endpoint(EndpointName="nrti-unreadable", EndpointConfigName=config)
    assert sagemaker.settled("nrti-unreadable")["EndpointStatus"] == "InService"
    before = nrti("status").stdout

    status, reply = deployed.post(event(sensor, model="unreadable"), "/predictions")

    assert (status, reply["error"]) == (503, "BadAnswer")
    shown = nrti("status")
    sagemaker.client.delete_endpoint(EndpointName="nrti-unreadable")
    assert shown.returncode == 1
    assert "nrti-unreadable: its response is not a prediction (1 request in" in shown.stdout
    assert "no prediction" not in before + nrti("status").stdout
