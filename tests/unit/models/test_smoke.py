"""What the trial of an endpoint shows and refuses."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.response import StreamingBody

from nrti_cli.aws.target import Target
from nrti_cli.models.publication.smoke import EndpointTest
from tests.unit.conftest import SilentProgress
from tests.unit.models.conftest import BAD, FUNCTION, GOOD, NAME, Story

ZEROS = EndpointTest(FUNCTION, {"threshold": 0.4}, [[0.0, 0.0, 0.0]], real=False)
UNDECLARED = replace(ZEROS, signature={})


def test_a_busy_endpoint_is_asked_again(
    target: Target, story: Story, progress: SilentProgress, wait_delays: list[float]
) -> None:
    for _ in range(2):
        story.fails("busy", passing=True)
    story.answers()

    assert ZEROS.defect(target, NAME, progress, wait_delays.append) is None
    assert wait_delays == [0.1, 0.1]
    assert progress.updates[0] == "endpoint nrti-m: testing, 0 s"


def test_one_that_stays_busy_is_given_up(
    target: Target, story: Story, progress: SilentProgress, wait_delays: list[float]
) -> None:
    for _ in range(12):
        story.fails("still loading", passing=True)

    assert ZEROS.defect(target, NAME, progress, wait_delays.append) == "still loading"


def test_the_answer_and_the_signature_it_was_read_by_are_shown(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    rows = [{"prediction": 1, "probability": 0.93}, {"prediction": 0, "score": 7.25, "label": "ok"}]
    story.answers({"form": "declared", "answer": "[0.93,\n 7.25]", "rows": [*rows, {"prediction": 1}] * 2})

    assert replace(ZEROS, real=True).defect(target, NAME, progress) is None
    assert progress.lines == [
        "  [dim]tested, read by its signature: 1 (0.93), 0 (ok, 7.25), 1, …[/dim]",
        "  [dim]response: [0.93, 7.25][/dim]",
        "  [dim]signature: threshold 0.4[/dim]",
    ]


def test_failure_labels_that_never_come_are_said(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    declared = replace(ZEROS, signature={"failure_labels": ["-1"]}, real=True)
    story.answers(GOOD | {"rows": [{"prediction": 0, "label": "0"}, {"prediction": 0, "label": "1"}]})

    assert declared.defect(target, NAME, progress) is None
    assert progress.lines[-1] == (
        "[yellow]no row of the test is a failure: labels '0', '1', and failures are '-1'[/yellow]"
    )


def test_the_answer_of_a_model_of_nrtis_own_training_is_not_shown(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.answers()

    assert replace(UNDECLARED, real=True, known=True).defect(target, NAME, progress) is None
    assert not progress.lines


@pytest.mark.parametrize(
    ("real", "answer", "reason"),
    [
        (False, GOOD | {"rows": [{"error": "why"}]}, "a sequence of zeros of its own length: why"),
        (True, GOOD | {"rows": [{"prediction": 1}, {"error": "why"}]}, "row 2 of the sample: why"),
        (True, BAD, "expected one prediction and got 0: []"),
    ],
)
def test_another_answer_is_a_defect(
    target: Target, story: Story, progress: SilentProgress, real: bool, answer: dict[str, Any], reason: str
) -> None:
    story.answers(answer)

    assert replace(ZEROS, real=real).defect(target, NAME, progress) == reason
    assert not progress.lines


def test_a_form_that_the_model_can_be_asked_in_is_named(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    story.answers(BAD)
    story.answers(BAD)
    story.answers()

    reason = UNDECLARED.defect(target, NAME, progress)

    assert reason == f"{BAD['reason']}; it can be read with --content-template '$records'"


def test_the_log_is_asked_before_other_forms_fail_and_not_about_an_answer(
    target: Target, story: Story, progress: SilentProgress
) -> None:
    order: list[str] = []

    def cause() -> str:
        order.append("log")
        return ": KeyError: 'x'"

    story.fails("answers 500")
    for _ in range(2):
        story.fails("fails otherwise")
    story.answers(BAD)

    assert UNDECLARED.defect(target, NAME, progress, cause=cause) == "answers 500: KeyError: 'x'"
    assert ZEROS.defect(target, NAME, progress, cause=cause) == BAD["reason"]
    assert order == ["log"]


def test_without_rows_there_is_no_trial_and_that_is_said(target: Target, progress: SilentProgress) -> None:
    assert replace(ZEROS, rows=None).defect(target, NAME, progress) is None
    assert "not tested: its inputs are unknown; --sample FILE" in progress.lines[0]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "'request_id'",
            "the stack's inference function is of an earlier version: nrti bootstrap updates it",
        ),
        ("out of memory", "function nrti-inference failed: KeyError: out of memory"),
    ],
)
def test_a_function_that_fails(
    target: Target, story: Story, progress: SilentProgress, error: str, message: str
) -> None:
    payload = json.dumps({"errorType": "KeyError", "errorMessage": error}).encode()
    answer = {"StatusCode": 200, "FunctionError": "Unhandled"}
    story.functions.add_response(
        "invoke", {**answer, "Payload": StreamingBody(io.BytesIO(payload), len(payload))}
    )

    assert ZEROS.defect(target, NAME, progress) == message
