"""Why a trained model is not published, and the exit code that says which reason it was."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.commands.options.publishing import PublishingOptions
from nrti_cli.commands.train_gate import AfterTraining, why_not
from nrti_cli.errors import ExitStatus
from nrti_cli.models.training.evaluation import Evaluation
from tests.unit.conftest import Stub, missing
from tests.unit.models.conftest import Story
from tests.unit.models.test_evaluation import WRITTEN

_PUBLISHING = PublishingOptions()
IF_BETTER = AfterTraining(_PUBLISHING, deploy=True, force=False, if_better=True)
_SAME = {"f1": (-0.01, 0.02), "average_precision": (-0.02, 0.01)}
_HIGHER = {"f1": (0.1, 0.2), "average_precision": (0.0, 0.1)}


def _evaluated(incumbent: dict[str, Any] | None) -> Evaluation:
    return Evaluation(**WRITTEN, incumbent=incumbent)  # type: ignore[arg-type]


@pytest.fixture
def endpoint(target: Target, stub: Stub) -> Story:
    return Story(target, stub)


@pytest.mark.parametrize(
    ("incumbent", "status", "text"),
    [
        (
            {"difference": _SAME},
            ExitStatus.NOT_BETTER,
            "F1 -0.0100..+0.0200, average precision -0.0200..+0.0100",
        ),
        (
            {"reason": "it takes sequences of 4 values"},
            ExitStatus.FAILED,
            "takes sequences of 4 values: deploy it",
        ),
    ],
)
def test_the_exit_code_says_whether_it_was_compared(
    target: Target, incumbent: dict[str, Any], status: ExitStatus, text: str
) -> None:
    refusal = why_not(target, "m", _evaluated(incumbent), IF_BETTER, "deploy it")

    assert refusal
    assert refusal.exit_status is status
    assert text in str(refusal)


def test_a_better_version_is_published(target: Target) -> None:
    assert why_not(target, "m", _evaluated({"difference": _HIGHER}), IF_BETTER, "deploy it") is None


def test_the_first_version_has_nothing_to_beat(target: Target, stub: Stub) -> None:
    missing(stub("sagemaker"), "describe_endpoint", "endpoint", EndpointName="nrti-m")

    assert why_not(target, "m", _evaluated(None), IF_BETTER, "deploy it") is None


def test_a_version_in_service_whose_artifact_the_job_could_not_read(target: Target, endpoint: Story) -> None:
    endpoint.endpoint("InService")

    refusal = why_not(target, "m", _evaluated(None), IF_BETTER, "deploy it")

    assert refusal
    assert refusal.exit_status is ExitStatus.FAILED
    assert "its artifact is not in the stack's bucket" in str(refusal)
