"""Requests that the queue refused: what is sent, in which order, and what stays."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.kept import KeptRequests, Moved, every_letter
from nrti_cli.deadletters.undone import held, refused, require_all_done
from nrti_cli.errors import NrtiError
from nrti_cli.stack.names import artifacts_bucket
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import interrupted_during

LETTER = {"error": "OutOfTime", "cause": "no", "request_id": "r", "received_at": 7, "events": {"model": "m"}}
ERROR = {"DataType": "String", "StringValue": "OutOfTime"}
MODEL = {"DataType": "String", "StringValue": "m"}


@pytest.fixture
def kept(target: Target) -> KeptRequests:
    return KeptRequests(target)


@pytest.fixture
def bucket(target: Target) -> str:
    return artifacts_bucket(target)


def _listed(stub: Stub, bucket: str, *keys: str) -> None:
    found = [{"Key": key, "Size": 1, "LastModified": datetime.now(UTC)} for key in keys]
    stub("s3").add_response("list_objects_v2", {"Contents": found}, {"Bucket": bucket, "Prefix": "unparked/"})


def _read(stub: Stub, bucket: str, key: str, text: str) -> None:
    body = StreamingBody(io.BytesIO(text.encode()), len(text.encode()))
    stub("s3").add_response("get_object", {"Body": body, "ETag": "e"}, {"Bucket": bucket, "Key": key})


def _deleted(stub: Stub, bucket: str, key: str) -> None:
    objects = {"Objects": [{"Key": key}], "Quiet": True}
    stub("s3").add_response("delete_objects", {}, {"Bucket": bucket, "Delete": objects})


def _sent(stub: Stub, body: Any, **attributes: Any) -> None:
    expected = {"QueueUrl": "u", "MessageBody": json.dumps(body), "MessageAttributes": attributes}
    stub("sqs").add_response("send_message", {"MessageId": "m1"}, expected)


def _moved(kept: KeptRequests, target: Target) -> Moved:
    moved = Moved()
    kept.move(Queue(target, "u"), moved)
    return moved


def test_one_is_sent_as_the_letter_that_it_would_have_been_and_then_deleted(
    target: Target, stub: Stub, kept: KeptRequests, bucket: str
) -> None:
    """Also with a character that SQS refuses, which is sent as its escape."""
    letter = {**LETTER, "cause": "a \uffff"}
    _listed(stub, bucket, "unparked/1.json")
    _read(stub, bucket, "unparked/1.json", json.dumps(letter, ensure_ascii=False))
    _sent(stub, letter, error=ERROR, model=MODEL)
    _deleted(stub, bucket, "unparked/1.json")

    moved = _moved(kept, target)

    assert moved.letters == {"m1"}
    assert not moved.refused


def test_what_sqs_will_never_take_and_what_is_no_letter_stay_and_the_others_go(
    target: Target, stub: Stub, kept: KeptRequests, bucket: str
) -> None:
    _listed(stub, bucket, "unparked/1", "unparked/2", "unparked/3")
    _read(stub, bucket, "unparked/1", json.dumps(LETTER))
    _read(stub, bucket, "unparked/2", "no JSON")
    _read(stub, bucket, "unparked/3", json.dumps(LETTER))
    stub("sqs").add_client_error("send_message", "InvalidMessageContents", "a character")
    _sent(stub, LETTER, error=ERROR, model=MODEL)
    _deleted(stub, bucket, "unparked/3")

    moved = _moved(kept, target)

    assert moved.letters == {"m1"}
    assert moved.refused.keys() == {"unparked/1", "unparked/2"}
    with pytest.raises(NrtiError, match=r"2 kept requests cannot .*: unparked/1, unparked/2: .*a character"):
        require_all_done([*held(0), *refused(moved.refused)])


def test_nothing_is_deleted_while_the_queue_takes_nothing(
    target: Target, stub: Stub, kept: KeptRequests, bucket: str
) -> None:
    _listed(stub, bucket, "unparked/1", "unparked/2")
    _read(stub, bucket, "unparked/1", json.dumps(LETTER))
    stub("sqs").add_client_error("send_message", "ServiceUnavailable")

    with pytest.raises(ClientError, match="ServiceUnavailable"):
        _moved(kept, target)


def test_what_another_command_has_moved_meanwhile_is_passed_over(
    target: Target, stub: Stub, kept: KeptRequests, bucket: str
) -> None:
    _listed(stub, bucket, "unparked/1")
    stub("s3").add_client_error("get_object", "NoSuchKey")

    assert not _moved(kept, target).letters


def test_the_kept_ones_are_read_before_the_queue_into_which_they_may_move(
    target: Target, stub: Stub, bucket: str
) -> None:
    stub("s3").add_client_error(
        "list_objects_v2", "SlowDown", expected_params={"Bucket": bucket, "Prefix": ANY}
    )

    with pytest.raises(ClientError, match="SlowDown"), every_letter(target, "u", hide_for=30):
        raise AssertionError  # SQS, which is asked nothing, would have no answer


def test_an_interrupt_between_sending_and_deleting_takes_effect_afterwards(
    target: Target, stub: Stub, kept: KeptRequests, bucket: str
) -> None:
    _listed(stub, bucket, "unparked/1", "unparked/2")
    _read(stub, bucket, "unparked/1", json.dumps(LETTER))
    _sent(stub, LETTER, error=ERROR, model=MODEL)
    _deleted(stub, bucket, "unparked/1")
    interrupted_during(target, "SendMessage")
    moved = Moved()

    with pytest.raises(KeyboardInterrupt):
        kept.move(Queue(target, "u"), moved)

    assert moved.letters == {"m1"}
