"""What a training job found out about its model on the rows that it had held out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.s3 import S3
from nrti_cli.models.artifact import member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Group
    from rich.table import Table

    from nrti_cli.aws.sagemaker_jobs import TrainingJob
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Evaluation:
    """The figures of one training, as train.py writes them; metrics are 0 to 1.

    Attributes:
        confusion: rows by truth and prediction, the keys are tn, fp, fn and tp.
        threshold: the probability from which on a sequence is called an event.
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


def render(evaluation: Evaluation) -> Group:
    """The evaluation for a terminal."""
    from rich.console import Group

    rows = evaluation.rows
    return Group(
        f"Evaluation on {rows['test']:,} held-out rows (trained on {rows['train']:,})",
        _confusion(evaluation),
        _metrics(evaluation),
        f"threshold {evaluation.threshold:.4g}: the highest F1 on {rows['validation']:,} validation rows",
    )


def _confusion(evaluation: Evaluation) -> Table:
    from rich.table import Table

    table = Table("truth", title_justify="left")
    for heading in ("predicted 0", "predicted 1"):
        table.add_column(heading, justify="right")
    for truth, keys in (("0", ("tn", "fp")), ("1", ("fn", "tp"))):
        table.add_row(truth, *(f"{evaluation.confusion[key]:,}" for key in keys))
    return table


def _metrics(evaluation: Evaluation) -> Table:
    from rich.table import Table

    table = Table("precision", "recall", "F1", "average precision")
    values = (evaluation.precision, evaluation.recall, evaluation.f1, evaluation.average_precision)
    table.add_row(*(f"{value:.4f}" for value in values))
    return table
