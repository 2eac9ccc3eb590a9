"""What `nrti train` prints: how good a model is on the rows that its training never saw."""

from typing import TYPE_CHECKING

from nrti_cli.commands.rows import Head, show_table
from nrti_cli.console import out

if TYPE_CHECKING:
    from nrti_cli.models.evaluation import Evaluation


def show(evaluation: "Evaluation") -> None:
    """The confusion matrix, the metrics, and where the threshold is from."""
    rows, counts = evaluation.rows, evaluation.confusion
    show_table(
        [Head("truth"), Head("predicted 0", number=True), Head("predicted 1", number=True)],
        [
            ["0", f"{counts['tn']:,}", f"{counts['fp']:,}"],
            ["1", f"{counts['fn']:,}", f"{counts['tp']:,}"],
        ],
        title=f"Evaluation on {rows['test']:,} held-out rows (trained on {rows['train']:,})",
    )
    metrics = {
        "precision": evaluation.precision,
        "recall": evaluation.recall,
        "F1": evaluation.f1,
        "average precision": evaluation.average_precision,
    }
    out().print(", ".join(f"{name} {value:.4f}" for name, value in metrics.items()), soft_wrap=True)
    out().print(
        f"threshold {evaluation.threshold:.4g}: the highest F1 on {rows['validation']:,} validation rows",
        soft_wrap=True,
    )
