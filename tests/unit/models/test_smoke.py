"""What counts as an answer of a model of nrti."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.models.smoke import defect
from tests.unit.conftest import SilentProgress
from tests.unit.models.conftest import NAME, Story


def test_a_busy_endpoint_is_asked_again(
    target: Target, story: Story, progress: SilentProgress, naps: list[float]
) -> None:
    story.fails("ModelNotReadyException", status=429)
    story.fails("ThrottlingException", status=429)
    story.answers()

    assert defect(target, NAME, 3, progress, naps.append) is None
    assert naps == [0.1, 0.1]
    assert progress.updates[0] == "endpoint nrti-m: trying it, 0 s"


def test_one_that_stays_busy_is_given_up(
    target: Target, story: Story, progress: SilentProgress, naps: list[float]
) -> None:
    for _ in range(12):
        story.fails("ModelNotReadyException", "still loading.", 429)

    assert defect(target, NAME, 3, progress, naps.append) == "still loading"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"predictions": [{"error": "why"}]}', "refuses a sequence of zeros of its own length: why"),
        (b'{"predictions": []}', "not that of a model of nrti"),
        (b'{"predictions": [{"prediction": 2, "probability": 0.1}]}', "not that of a model of nrti"),
        (b'{"predictions": [{"prediction": 1, "probability": null}]}', "not that of a model of nrti"),
        (b'{"predictions": [{"prediction": [], "probability": 1}]}', "not that of a model of nrti"),
        (b"[1]", "not that of a model of nrti: '[1]'"),
        (b"\xff", "not that of a model of nrti"),
    ],
)
def test_another_answer_is_a_defect(
    target: Target, story: Story, progress: SilentProgress, body: bytes, reason: str
) -> None:
    story.answers(body)

    assert reason in (defect(target, NAME, 3, progress) or "")


def test_what_the_model_says_is_told(target: Target, story: Story, progress: SilentProgress) -> None:
    story.fails("ModelError", OriginalStatusCode=400, OriginalMessage="send numbers")

    assert defect(target, NAME, 3, progress) == "its model answers with status 400: send numbers"


def test_an_endpoint_that_is_not_there(target: Target, story: Story, progress: SilentProgress) -> None:
    story.fails("ValidationError", "Endpoint nrti-m of account 000000000000 not found.")

    assert defect(target, NAME, 3, progress) == "Endpoint nrti-m of account 000000000000 not found"
