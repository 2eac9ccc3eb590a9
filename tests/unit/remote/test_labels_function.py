"""The function that records labels: which it records, which it rejects, and what Firehose gets."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from nrti_cli.remote.labels_function.handler import record
from nrti_cli.remote.labels_function.validation import defect

RECEIVED = 1_795_000_000_123
EVENT = {"event_id": "e", "label": 1}
SPAN = {"sensor": "r", "start": 1_795_000_000_000, "end": 1_795_000_000_500, "label": 0}


class Recorder:
    """The function with a Firehose that takes records, or does not."""

    def __init__(self) -> None:
        client = boto3.client("firehose", "eu-central-2", aws_access_key_id="k", aws_secret_access_key="s")
        self._client, self._stubber = client, Stubber(client)
        self._stubber.activate()

    def __call__(self, labels: Any, *rows: dict[str, Any]) -> dict[str, Any]:
        """Runs it with labels, of which Firehose has to get these rows."""
        if rows:
            data = "".join(json.dumps(row) + "\n" for row in rows).encode()
            expected = {"DeliveryStreamName": "d", "Record": {"Data": data}}
            self._stubber.add_response("put_record", {"RecordId": "1"}, expected)
        answer = record({"request_id": "q", "received_at": RECEIVED, "labels": labels}, self._client, "d")
        self._stubber.assert_no_pending_responses()
        return answer

    def fails(self, code: str) -> None:
        """Has Firehose fail."""
        self._stubber.add_client_error("put_record", code, http_status_code=503)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def row(label: int, position: int, **about: Any) -> dict[str, Any]:
    names = ("event_id", "sensor", "start_time", "end_time")
    return {
        **{name: about.get(name) for name in names},
        "label": label,
        "labelled_time": "2026-11-18 11:06:40.123",
        "recorded": RECEIVED * 1_000_000 + position,
    }


def test_all_labels_of_a_request_are_one_record_in_their_order(recorder: Recorder) -> None:
    start, end = "2026-11-18 11:06:40.000", "2026-11-18 11:06:40.500"
    time = {"sensor": "s", "timestamp": SPAN["start"], "label": 1}

    answer = recorder(
        [EVENT, SPAN, time],
        row(1, 0, event_id="e"),
        row(0, 1, sensor="r", start_time=start, end_time=end),
        row(1, 2, sensor="s", start_time=start, end_time=start),
    )

    assert answer == {"recorded": 3, "rejected": [], "has_rejected": False}


def test_wrong_labels_become_dead_letters_and_the_others_are_recorded(recorder: Recorder) -> None:
    late = {**SPAN, "end": 1}
    mixed = {**EVENT, "sensor": "r"}

    answer = recorder([late, EVENT, mixed], row(1, 1, event_id="e"))

    bodies = [letter["body"] for letter in answer["rejected"]]
    assert answer["has_rejected"]
    assert [(body["error"], body["cause"], body["labels"]) for body in bodies] == [
        ("InvalidLabel", "end is before start", [late]),
        (
            "InvalidLabel",
            "a label has event_id, or sensor and timestamp, or sensor, start and end; and label",
            [mixed],
        ),
    ]
    assert {(body["request_id"], body["received_at"]) for body in bodies} == {("q", RECEIVED)}


def test_a_single_label_needs_no_array(recorder: Recorder) -> None:
    assert recorder(EVENT, row(1, 0, event_id="e"))["recorded"] == 1


def test_what_firehose_does_not_take_is_left_to_the_workflow(recorder: Recorder) -> None:
    recorder.fails("ServiceUnavailableException")

    with pytest.raises(ClientError, match="ServiceUnavailableException"):
        recorder([EVENT])


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        (EVENT, None),
        (SPAN, None),
        ({"sensor": "s", "timestamp": 0, "label": 0}, None),
        ({**SPAN, "end": SPAN["start"]}, None),
        ("e", "a label is a JSON object"),
        ({"event_id": "e"}, "a label has event_id"),
        ({"sensor": "s", "label": 1}, "a label has event_id"),
        ({**EVENT, "label": 2}, "label must be"),
        ({**EVENT, "label": True}, "label must be"),
        ({**EVENT, "label": float("nan")}, "label must be"),
        ({**EVENT, "event_id": "\ud800"}, "event_id must be"),
        ({**SPAN, "sensor": ""}, "sensor must be"),
        ({**SPAN, "start": 0.5}, "start must be"),
        ({**SPAN, "end": 1e300}, "end must be"),
        ({**SPAN, "end": "2026"}, "end must be"),
    ],
)
def test_a_label_is_about_one_thing_and_in_order(label: Any, problem: str | None) -> None:
    assert (defect(label) or "").startswith(problem or "")
    assert (defect(label) is None) == (problem is None)
