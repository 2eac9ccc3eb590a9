"""What `nrti models compare` and `nrti models --versions` print."""

from typing import TYPE_CHECKING

from nrti_cli.commands.evaluation_lines import NAMES, span
from nrti_cli.commands.rows import Head, show_table
from nrti_cli.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.models.comparison import Comparison
    from nrti_cli.models.versions import Version


def show(comparison: "Comparison") -> None:
    """A row for each figure of each model, and for what they differ by."""
    first, second = comparison.models
    names = " and ".join(f"{each.model} {each.version}" for each in comparison.models)
    rows = [
        [NAMES[metric], each.model, f"{each.metrics[metric]:.4f}", span(each.intervals[metric])]
        for metric in NAMES
        for each in comparison.models
    ]
    for number, metric in enumerate(NAMES):
        change = second.metrics[metric] - first.metrics[metric]
        row = ["", "difference", f"{change:+.4f}", span(comparison.difference[metric], signed=True)]
        rows.insert(3 * number + 2, row)
    show_table(
        [Head("metric"), Head("model"), Head("value", number=True), Head("95 % interval", number=True)],
        rows,
        title=f"{names} on {comparison.rows:,} rows",
    )
    out().print(
        f"base rate {comparison.base_rate:.4f}; intervals by {comparison.resampled}s; the difference is the "
        f"second less the first",
        soft_wrap=True,
    )


def show_versions(found: "Sequence[Version]") -> None:
    """A row for each version, the newest first; the one in service has a mark."""
    heads = ("version", "in service", "F1", "average precision", "split", "data", "from")
    show_table(
        [Head(name, number=name in {"F1", "average precision"}) for name in heads],
        [_row(each) for each in found],
    )


def _row(each: "Version") -> list[str]:
    return [
        each.version,
        "yes" if each.in_service else "",
        _figure(each, "f1"),
        _figure(each, "average_precision"),
        each.split,
        each.data,
        each.source,
    ]


def _figure(each: "Version", metric: str) -> str:
    if metric not in each.metrics:
        return "?"
    interval = f" ({span(each.intervals[metric])})" if metric in each.intervals else ""
    return f"{each.metrics[metric]:.4f}{interval}"
