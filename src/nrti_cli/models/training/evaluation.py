"""The evaluation of a training job on its held-out rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.s3.objects import S3
from nrti_cli.models.artifact import member

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker.training_jobs import TrainingJob
    from nrti_cli.aws.target import Target

Interval = Sequence[float]

#: The metrics by which a new version has to beat the one in service.
DECIDING = ("f1", "average_precision")


@dataclass(frozen=True)
class Evaluation:
    """The evaluation that train.py writes; metrics are 0 to 1.

    Fields that an earlier version of nrti did not write are empty.

    Attributes:
        confusion: rows by truth and prediction, with the keys tn, fp, fn and tp.
        threshold: sequences with this probability or a higher one are failures.
        rows: number of rows for training, validation and test.
        intervals: the 95 % interval of each metric.
        base_rate: the share of failures among the test rows, which is the average precision of a guess.
        resampled: what was resampled for the intervals, and how many of these contain failures.
        split: how the rows were split, the gap, and why the metrics are optimistic if they are.
        rule: by which the threshold was chosen.
        findings: properties of the data that need attention, a line each.
        search: the chosen estimator, those that were tried, and those for which there was no time.
        incumbent: the metrics of the model in service, and the intervals of the difference; or a reason.
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

    @property
    def is_better(self) -> bool | None:
        """Whether it beats the model in service on the same rows by more than the interval; None if unknown.

        F1 or average precision is certainly higher, and neither is certainly lower.
        """
        if not self.incumbent or "difference" not in self.incumbent:
            return None
        differences = [self.incumbent["difference"][name] for name in DECIDING]
        return any(low > 0 for low, _ in differences) and all(high >= 0 for _, high in differences)


def read_evaluation(target: Target, job: TrainingJob) -> Evaluation:
    """The evaluation of a completed job, from the output.tar.gz next to its artifact.

    Raises:
        NrtiError: it does not exist.
    """
    written: dict[str, Any] = json.loads(_written(target, job, "evaluation.json"))
    return Evaluation(**written)


def report(target: Target, job: TrainingJob) -> bytes:
    """The HTML report of a completed job.

    Raises:
        NrtiError: it does not exist.
    """
    return _written(target, job, "report.html")


def _written(target: Target, job: TrainingJob, name: str) -> bytes:
    uri = job.artifact.removesuffix("model.tar.gz") + "output.tar.gz"
    return member(S3(target).get(uri), name, uri)
