"""What a training job found out about its model on the rows that it had held out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.s3 import S3
from nrti_cli.models.artifact import member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nrti_cli.aws.sagemaker_jobs import TrainingJob
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Evaluation:
    """The figures of one training, as train.py writes them; metrics are 0 to 1.

    Attributes:
        confusion: rows by truth and prediction, the keys are tn, fp, fn and tp.
        threshold: the probability from which on a sequence is called a failure.
        rows: how many were trained on, validated with and tested with.
    """

    confusion: Mapping[str, int]
    precision: float
    recall: float
    f1: float
    average_precision: float
    threshold: float
    rows: Mapping[str, int]


def read(target: Target, job: TrainingJob) -> Evaluation:
    """The evaluation of a completed job, from the output.tar.gz beside its artifact.

    Raises:
        NrtiError: there is none.
    """
    uri = job.artifact.removesuffix("model.tar.gz") + "output.tar.gz"
    return Evaluation(**json.loads(member(S3(target).get(uri), "evaluation.json", uri)))
