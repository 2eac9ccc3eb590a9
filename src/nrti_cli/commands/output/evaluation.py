"""The output of `nrti train`: the evaluation on rows that were not used for training."""

from typing import TYPE_CHECKING

from nrti_cli.commands.output.rows import Head, show_table
from nrti_cli.console import note, out
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from nrti_cli.models.training.evaluation import Evaluation, Interval

NAMES = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "average precision"}


def show(evaluation: "Evaluation") -> None:
    """Prints the confusion matrix, and the metrics with their intervals and how they were calculated."""
    rows, counts = evaluation.rows, evaluation.confusion
    show_table(
        [Head("truth"), Head("predicted 0", number=True), Head("predicted 1", number=True)],
        [
            ["0", f"{counts['tn']:,}", f"{counts['fp']:,}"],
            ["1", f"{counts['fn']:,}", f"{counts['tp']:,}"],
        ],
        title=f"Evaluation on {rows['test']:,} held-out rows (trained on {rows['train']:,})",
    )
    _show_metrics(evaluation)
    for line in filter(None, (_origin(evaluation), _threshold(evaluation))):
        out().print(line, soft_wrap=True)
    if evaluation.incumbent:
        known = "the model in service may look too good: it may have been trained on some of these rows"
        out().print(str(evaluation.incumbent.get("reason", known)), soft_wrap=True, markup=False)
    for finding in evaluation.findings:
        note(f"[yellow]{_escaped(finding)}[/yellow]")


def _show_metrics(evaluation: "Evaluation") -> None:
    """Prints a row for each metric, with the model in service on the same rows if it could be evaluated."""
    figures = {name: getattr(evaluation, name) for name in NAMES}
    if not evaluation.intervals:
        line = ", ".join(f"{NAMES[name]} {value:.4f}" for name, value in figures.items())
        out().print(line, soft_wrap=True)
        return
    heads = [Head("metric"), Head("value", number=True), Head("95 % interval", number=True)]
    former = evaluation.incumbent if evaluation.incumbent and "f1" in evaluation.incumbent else None
    if former:
        heads += [Head("in service", number=True), Head("difference", number=True)]
    lines = []
    for name, value in figures.items():
        cells = [NAMES[name], f"{value:.4f}", span(evaluation.intervals[name])]
        if former:
            cells += [f"{former[name]:.4f}", span(former["difference"][name], signed=True)]
        lines.append(cells)
    show_table(heads, lines)


def span(interval: "Interval", *, signed: bool = False) -> str:
    """Formats an interval."""
    low, high = (f"{end:+.4f}" if signed else f"{end:.4f}" for end in interval)
    return f"{low}..{high}"


def _origin(evaluation: "Evaluation") -> str:
    if not evaluation.split:
        return ""
    split, drawn = evaluation.split, evaluation.resampled
    how = "at random" if split["by"] == "random" else f"by {split['by']}"
    gap = f" with a gap of {split['gap']}" if split["gap"] else ""
    optimistic = ", optimistic" if split["optimistic"] else ""
    drawn_by = f"{drawn['failures']:,} failing {drawn['by']}{'s' * (drawn['failures'] != 1)}"
    return f"base rate {evaluation.base_rate:.4f}; split {how}{gap}{optimistic}; intervals by {drawn_by}"


def _threshold(evaluation: "Evaluation") -> str:
    name, _, value = evaluation.rule.partition("=")
    rule = {
        "f1": "the highest F1",
        "recall": f"a recall of {value}",
        "cost": f"the least cost, {value.replace(':', ' for a missed failure to ')} for a false alarm,",
    }[name]
    rows = show_count(evaluation.rows["validation"], "validation row")
    return f"threshold {evaluation.threshold:.4g}: {rule} on {rows}"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
