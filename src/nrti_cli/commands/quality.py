"""The command `nrti quality`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options.common import addressed, moment
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.commands.output.execution import effort
from nrti_cli.completion import offers
from nrti_cli.console import note, print_dimmed, progress
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.quality.figures import Quality

_DAYS = 7
#: The metrics that are better if they are higher.
_RISING = ("precision", "recall", "f1", "average_precision")


def _limits(texts: list[str] | None) -> list[str]:
    for text in texts or ():
        name, _, value = text.partition("=")
        if name not in _RISING or not _is_share(value):
            raise typer.BadParameter(
                f"{text!r} is not one of {', '.join(_RISING)} with a value from 0 to 1, such as recall=0.8"
            )
    return texts or []


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


@addressed
def quality(
    target: "Target",
    model: Annotated[
        str | None,
        typer.Option(autocompletion=offers.models, help="Only this model; it may be a shadow."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Only this version, as nrti models --versions lists them.")
    ] = None,
    by: Annotated[
        Literal["sensor", "day", "version"] | None,
        typer.Option(help="Show each sensor, day or version; day is the day of the delivery in UTC."),
    ] = None,
    since: Annotated[
        datetime | None,
        moment(f"Only predictions from this time on; default {_DAYS}d."),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=VALUE",
            callback=_limits,
            help="Exit with 1 if a metric is lower, such as recall=0.8; repeatable.",
        ),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Compare the predictions in the lake with their labels.

    Athena calculates precision, recall, F1, average precision and the Brier score from the view outcomes.
    Each has a 95 % interval, and beside it the value from the evaluation after the training of the version.
    Events sent again with produce --rescore are left out.
    """
    from nrti_cli.commands.output import quality as quality_lines
    from nrti_cli.quality.judging import judge, nothing
    from nrti_cli.quality.statement import Selection

    selection = Selection(since or datetime.now(UTC) - timedelta(days=_DAYS), model, version, by)
    with progress("Athena compares predictions and labels …"):
        execution, found = judge(target, selection)
    if format_ == "json":
        print_json([quality_lines.record(each, by) for each in found])
    elif not found:
        note(nothing(selection))
    elif by:
        quality_lines.show_parts(found, by)
    else:
        quality_lines.show_models(found)
    print_dimmed(effort(execution, billed=target.name == "aws"))
    limits = {name: float(value) for name, _, value in (text.partition("=") for text in fail_under or ())}
    if limits and not found:
        raise NrtiError(nothing(selection), hint="choose an earlier --since")
    _require(found, limits)


def _require(found: "Sequence[Quality]", limits: "Mapping[str, float]") -> None:
    """Fails if a metric is lower than its limit or unknown.

    Raises:
        NrtiError: one is.
    """
    values = [(each, name, each.metrics[name], limit) for each in found for name, limit in limits.items()]
    low = [
        f"{name} of {each.name} is {value:.4f}, below {limit:g}"
        for each, name, value, limit in values
        if value is not None and value < limit
    ]
    if low:
        raise NrtiError("; ".join(low))
    unknown = next(((each, name) for each, name, value, _ in values if value is None), None)
    if unknown:
        each, name = unknown
        raise NrtiError(
            f"{name} of {each.name} is unknown: {each.labelled:,} of {each.events:,} events are labelled",
            hint="label predictions with nrti label",
        )
