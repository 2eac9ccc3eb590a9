"""A full disk: requests that store something are refused with a reason, all others are answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_local.server.disk import shortage
from nrti_local.server.layers import full_disk
from tests.unit.nrti_local.asgi import Fake, ask

FULL = "the disk of /home is full, with 3 kB free (No space left on device)"
_API = "/restapis/a/v1/_user_request_/events"


@pytest.mark.parametrize(
    ("service", "request_"),
    [
        ("s3", {"method": "PUT", "path": "/bucket/key"}),
        ("athena", {"target": "AmazonAthena.StartQueryExecution"}),
        ("sagemaker", {"target": "SageMaker.CreateTrainingJob"}),
        ("kinesis", {"target": "Kinesis_20131202.PutRecords"}),
        (
            "monitoring",
            {"path": "/service/CloudWatch/operation/PutMetricData", "smithy_protocol": "rpc-v2-cbor"},
        ),
    ],
    ids=str,
)
def test_what_has_to_be_kept_is_refused_as_the_service_does(service: str, request_: dict[str, str]) -> None:
    behind = Fake()
    answer = ask(full_disk.before(behind, lambda: FULL), service, **request_)  # type: ignore[arg-type]

    assert answer.status == 507
    assert FULL.encode() in answer.body
    assert not behind.asked


def test_events_are_to_be_sent_again() -> None:
    answer = ask(full_disk.before(Fake(), lambda: FULL), "", path=_API)

    assert (answer.status, json.loads(answer.body)) == (503, {"message": FULL})


@pytest.mark.parametrize(
    ("service", "request_"),
    [
        ("s3", {"method": "GET", "path": "/bucket/key"}),
        ("s3", {"method": "DELETE", "path": "/bucket/key"}),
        ("s3", {"path": "/bucket", "query": "delete"}),
        ("dynamodb", {"target": "DynamoDB_20120810.DeleteItem"}),
        ("sqs", {"target": "AmazonSQS.ReceiveMessage"}),
        ("sagemaker", {"path": "/endpoints/nrti-m/invocations"}),
        ("cloudformation", {"content_type": "application/x-www-form-urlencoded"}),
        (
            "monitoring",
            {"path": "/service/CloudWatch/operation/GetMetricData", "smithy_protocol": "rpc-v2-cbor"},
        ),
    ],
    ids=str,
)
def test_what_reads_or_deletes_is_answered(service: str, request_: dict[str, str]) -> None:
    assert ask(full_disk.before(Fake(), lambda: FULL), service, **request_).status == 200  # type: ignore[arg-type]


def test_with_room_all_is_answered() -> None:
    application = full_disk.before(Fake(), str)

    assert ask(application, "", path=_API).status == 200
    assert ask(application, "s3", method="PUT", path="/bucket/key").status == 200


def test_a_disk_is_full_before_nothing_is_free(tmp_path: Path) -> None:
    place = tmp_path / "not" / "yet" / "there"

    assert shortage(place, reserve=0) == ""
    answer = shortage(place, reserve=2**70)
    assert answer.startswith(f"the disk of {place} is full, with ")
    assert "No space left on device" in answer
