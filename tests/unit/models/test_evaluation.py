"""The evaluation that is shown after a training."""

from __future__ import annotations

import io
import json

import pytest
from botocore.response import StreamingBody

from nrti_cli.aws.sagemaker.training_jobs import TrainingJob
from nrti_cli.aws.target import Target
from nrti_cli.commands.output.evaluation import show
from nrti_cli.errors import NrtiError
from nrti_cli.models.training.evaluation import Evaluation, read_evaluation
from tests.unit.conftest import Stub
from tests.unit.models.test_artifact import archive

WRITTEN = {
    "confusion": {"tn": 9_600, "fp": 12, "fn": 34, "tp": 354},
    "precision": 0.9672,
    "recall": 0.9124,
    "f1": 0.939,
    "average_precision": 0.97,
    "threshold": 0.3456789,
    "rows": {"train": 30_000, "validation": 10_000, "test": 10_000},
}
JOB = TrainingJob("job-1", "Completed", artifact="s3://b/models/job-1/output/model.tar.gz")


def test_it_is_read_beside_the_artifact_and_rendered(
    target: Target, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    content = archive({"evaluation.json": json.dumps(WRITTEN).encode()})
    stub("s3").add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(content), len(content))},
        {"Bucket": "b", "Key": "models/job-1/output/output.tar.gz"},
    )
    show(read_evaluation(target, JOB))

    text = capsys.readouterr().out
    for expected in (
        "10,000 held-out rows",
        "9,600",
        "354",
        "0.9672",
        "0.9124",
        "0.9390",
        "threshold 0.3457",
    ):
        assert expected in text
    assert "the highest F1 on 10,000 validation rows" in text


def test_a_job_without_one(target: Target, stub: Stub) -> None:
    stub("s3").add_client_error("get_object", "NoSuchKey")

    with pytest.raises(NrtiError, match=r"object s3://b/models/job-1/output/output\.tar\.gz does not exist"):
        read_evaluation(target, JOB)


@pytest.mark.parametrize(
    ("f1", "average_precision", "better"),
    [
        ((0.01, 0.05), (-0.01, 0.02), True),
        ((-0.01, 0.05), (0.001, 0.02), True),
        ((-0.01, 0.05), (-0.01, 0.02), False),
        ((0.01, 0.05), (-0.03, -0.02), False),
        ((0.0, 0.05), (0.0, 0.02), False),
    ],
)
def test_a_version_is_better_if_a_metric_is_certainly_higher_and_none_is_certainly_lower(
    f1: tuple[float, float], average_precision: tuple[float, float], better: bool
) -> None:
    differences = {"precision": (-1.0, -0.5), "f1": f1, "average_precision": average_precision}

    assert Evaluation(**WRITTEN, incumbent={"difference": differences}).is_better is better  # type: ignore[arg-type]


def test_without_an_evaluation_of_the_model_in_service_it_is_unknown() -> None:
    for incumbent in (None, {"reason": "it takes sequences of 4 values"}):
        assert Evaluation(**WRITTEN, incumbent=incumbent).is_better is None  # type: ignore[arg-type]
