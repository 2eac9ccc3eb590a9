"""The output of `nrti models compare` and `nrti models --versions`."""

import sys
from typing import TYPE_CHECKING

from nrti_cli.characters import printable
from nrti_cli.commands.output.columns import Columns
from nrti_cli.commands.output.evaluation import NAMES, span
from nrti_cli.commands.output.rows import Head, show_table
from nrti_cli.console import note, out, styled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nrti_cli.models.comparison import Comparison
    from nrti_cli.models.lake_comparison import LakeComparison
    from nrti_cli.models.versions import Version

_HEADS = ("version", "served", "F1", "95 % interval", "avg. prec.", "95 % interval")


def show(comparison: "Comparison", what: str = "rows") -> None:
    """Prints a row for each metric and model, and their difference; `what` names what they are on."""
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
        title=f"{names} on {comparison.rows:,} {what}",
    )
    out().print(
        f"base rate {comparison.base_rate:.4f}; intervals by resampling {comparison.resampled}s; "
        "the difference is the second minus the first",
        soft_wrap=True,
    )


def show_in_lake(models: tuple[str, str], found: "LakeComparison") -> None:
    """Prints how many events both models scored, how often they agree, and the quality on labelled ones."""
    events, (first, second) = found.coverage, models
    share = "" if events.agreement is None else f"{events.agreement:.4f}"
    lines = [
        ("events that both scored", f"{events.both:,}"),
        (f"only {first}", f"{events.only_first:,}"),
        (f"only {second}", f"{events.only_second:,}"),
        ("agreement", f"{share}  {span(events.interval)}" if events.interval else "?"),
        ("labelled", f"{events.labelled:,}"),
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        print(f"{name:<{width}}  {value}")
    if found.quality:
        print()
        show(found.quality, what="labelled events")
    elif events.both:
        note("none of these events is labelled: nrti label records the ground truth")


def show_versions(found: "Sequence[Version]") -> None:
    """Prints the versions, newest first: a line each, and a line with its origin."""
    rows = [_row(each) for each in found]
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    lines = Columns(_HEADS, widths, range(2, len(_HEADS)), cut=False)
    lines.show_heads()
    for each, row in zip(found, rows, strict=True):
        print(lines.line(row))
        split = f"split by {each.split}".replace("by random", "at random") if each.split else ""
        for detail in filter(
            None, (each.source, ", ".join(filter(None, (each.data, split))), *_lineage(each))
        ):
            print(styled(sys.stdout, f"  {printable(detail)}", dim=True))


def _lineage(each: "Version") -> "Iterator[str]":
    """The hash of the training data, and the query in one line if it is from the lake."""
    if "sha256" in each.lineage:
        yield f"data SHA-256 {each.lineage['sha256']}"
    if "query" in each.lineage:
        yield " ".join(str(each.lineage["query"]).split())
    if each.rolled_back:
        yield "a rollback has left it"


def _row(each: "Version") -> list[str]:
    cells = [each.version, "yes" if each.in_service else ""]
    for metric in ("f1", "average_precision"):
        value, interval = each.metrics.get(metric), each.intervals.get(metric)
        cells += ["?" if value is None else f"{value:.4f}", span(interval) if interval else "?"]
    return cells
