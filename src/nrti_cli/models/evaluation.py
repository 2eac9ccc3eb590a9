"""What a training job found out about its model on the rows that it had held out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.s3 import S3
from nrti_cli.models.artifact import member

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker_jobs import TrainingJob
    from nrti_cli.aws.target import Target

Interval = Sequence[float]


@dataclass(frozen=True)
class Evaluation:
    """The figures of one training, as train.py writes them; metrics are 0 to 1.

    What former versions of nrti did not write is empty.

    Attributes:
        confusion: rows by truth and prediction, the keys are tn, fp, fn and tp.
        threshold: the probability from which on a sequence is called a failure.
        rows: how many were trained on, validated with and tested with.
        intervals: of each metric, 95 %.
        base_rate: the share of failures among the test rows, which is the average precision of a guess.
        resampled: what the intervals were drawn by, and how many of these hold failures.
        split: by what the rows were parted, the gap, and why the figures are optimistic if they are.
        rule: by which the threshold was chosen.
        findings: what in the data is worth a look, a line each.
        search: the estimator that was chosen, those that were tried, and those that no time was left for.
        incumbent: the same metrics of the model in service, and the intervals of the difference; or a reason.
    """

    confusion: Mapping[str, int]
    precision: float
    recall: float
    f1: float
    average_precision: float
    threshold: float
    rows: Mapping[str, int]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    base_rate: float | None = None
    resampled: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)
    rule: str = "f1"
    findings: Sequence[str] = ()
    search: Mapping[str, Any] = field(default_factory=dict)
    incumbent: Mapping[str, Any] | None = None

    @property
    def is_a_guess(self) -> bool:
        """Whether the model may be no better than the base rate."""
        if self.base_rate is None:
            return False
        return self.intervals["average_precision"][0] <= self.base_rate


def read(target: Target, job: TrainingJob) -> Evaluation:
    """The evaluation of a completed job, from the output.tar.gz beside its artifact.

    Raises:
        NrtiError: there is none.
    """
    written: dict[str, Any] = json.loads(_written(target, job, "evaluation.json"))
    return Evaluation(**written)


def report(target: Target, job: TrainingJob) -> bytes:
    """The HTML page of a completed job.

    Raises:
        NrtiError: there is none.
    """
    return _written(target, job, "report.html")


def _written(target: Target, job: TrainingJob, name: str) -> bytes:
    uri = job.artifact.removesuffix("model.tar.gz") + "output.tar.gz"
    return member(S3(target).get(uri), name, uri)
