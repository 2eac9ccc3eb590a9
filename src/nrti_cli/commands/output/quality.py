"""The output of `nrti quality`."""

from typing import TYPE_CHECKING, Any

from nrti_cli.commands.output.evaluation import NAMES, span
from nrti_cli.commands.output.rows import Head, show_table
from nrti_cli.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.quality.figures import Quality

_NAMES = {**NAMES, "brier": "Brier score"}
_UNKNOWN = "-"


def record(quality: "Quality", by: str | None) -> dict[str, Any]:
    """The quality of a model or of a part, for JSON."""
    promised = {"metrics": dict(quality.promised), "intervals": dict(quality.promised_intervals)}
    return {
        "model": quality.model,
        "by": by,
        "part": quality.part or None,
        "version": quality.version if quality.versions == 1 else None,
        "events": quality.events,
        "labelled": quality.labelled,
        "confusion": dict(quality.confusion),
        "metrics": dict(quality.metrics),
        "intervals": dict(quality.intervals),
        "promised": promised if quality.promised else None,
        "broken_promises": quality.broken_promises,
    }


def show_models(found: "Sequence[Quality]") -> None:
    """Prints a table for each model: the metrics, and what was promised."""
    for quality in found:
        heads = [Head("metric"), Head("value", number=True), Head("95 % interval", number=True)]
        if quality.promised:
            heads += [Head("promised", number=True), Head("95 % interval", number=True)]
        rows = [[*_cells(quality, name), *_promise(quality, name)] for name in _NAMES]
        show_table(heads, rows, title=_title(quality))
        _show_remarks(quality)


def show_parts(found: "Sequence[Quality]", by: str) -> None:
    """Prints a row for each sensor, day or version."""
    heads = [Head("model"), Head(by), Head("events", number=True), Head("labelled", number=True)]
    heads += [Head(name, number=True) for name in _NAMES.values()]
    rows = [
        [
            quality.model,
            quality.part or _UNKNOWN,
            f"{quality.events:,}",
            f"{quality.labelled:,}",
            *(" ".join(filter(None, _cells(quality, name)[1:])) for name in _NAMES),
        ]
        for quality in found
    ]
    show_table(heads, rows)
    for quality in found:
        _show_broken(quality)


def _title(quality: "Quality") -> str:
    share = quality.labelled / quality.events
    made = {0: "", 1: f" version {quality.version}"}.get(quality.versions, f", {quality.versions} versions")
    return f"{quality.model}{made}: {quality.labelled:,} of {quality.events:,} events labelled ({share:.1%})"


def _cells(quality: "Quality", name: str) -> list[str]:
    value = quality.metrics[name]
    return [
        _NAMES[name],
        *((_UNKNOWN, "") if value is None else (f"{value:.4f}", span(quality.intervals[name]))),
    ]


def _promise(quality: "Quality", name: str) -> list[str]:
    if not quality.promised:
        return []
    if name not in quality.promised:
        return ["", ""]
    interval = quality.promised_intervals.get(name)
    return [f"{quality.promised[name]:.4f}", span(interval) if interval else ""]


def _show_remarks(quality: "Quality") -> None:
    """Prints why metrics are unknown, why there is no promise, and which was broken."""
    counts = quality.confusion
    if quality.labelled and not counts["tp"] + counts["fn"]:
        _print("no label is a failure: recall, F1 and average precision are unknown")
    elif quality.labelled and quality.metrics["average_precision"] is None:
        _print("not all answers have a score of one kind: average precision is unknown")
    if quality.labelled and quality.metrics["brier"] is None:
        _print("not all answers have a probability: the Brier score is unknown")
    if quality.versions > 1:
        _print("--by version shows what the evaluation of each version promised")
    _show_broken(quality)


def _show_broken(quality: "Quality") -> None:
    for name in quality.broken_promises:
        value, promised = quality.metrics[name], quality.promised[name]
        _print(
            f"[yellow]{_NAMES[name]} of {quality.name} is {value:.4f}; "
            f"the evaluation after the training promised {promised:.4f}[/yellow]"
        )


def _print(line: str) -> None:
    out().print(line, soft_wrap=True)
