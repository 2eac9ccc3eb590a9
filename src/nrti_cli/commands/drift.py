"""The command `nrti drift`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nrti_cli.commands.options.common import addressed, moment
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import progress
from nrti_cli.durations import parse_moment
from nrti_cli.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.drift.check import Report
    from nrti_cli.remote.alerts_function.counting import Period

_TRAINING = "training"


@addressed
def drift(
    target: "Target",
    model: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models, help="The model; default: the newest that is not a shadow."
        ),
    ] = None,
    since: Annotated[Any, moment("Compare the events that were predicted since then; default: 24h.")] = None,
    baseline: Annotated[
        str,
        typer.Option(
            metavar="training|TIME..TIME", help="What to compare them to: the training, or a period."
        ),
    ] = _TRAINING,
    format_: FormatOption = "table",
) -> None:
    """Detect drift: compare recent events with the training data.

    The exit code is 1 if inputs, missing values or predictions differ by more than chance, if a sensor has
    stopped sending, or if more than 5 % of the requests left dead letters.
    """
    from nrti_cli.drift.check import check
    from nrti_cli.models.default import newest
    from nrti_cli.models.endpoint import find

    now = datetime.now(UTC)
    begin = since or parse_moment("24h", now)
    if begin >= now:
        raise UsageError("--since is in the future", hint="use a time in the past")
    against = None if baseline == _TRAINING else _period(baseline, now)
    with progress("Athena counts the events …"):
        chosen = find(target, model) if model else newest(target)
        report = check(target, chosen, begin, against)
    if format_ == "json":
        print_json(_record(report))
    else:
        from nrti_cli.commands.output.drift import show

        show(report, billed=target.name == "aws")
    if report.problems:
        raise typer.Exit(ExitStatus.FAILED)


def _period(text: str, now: datetime) -> "Period":
    from nrti_cli.remote.alerts_function.counting import Period

    first, separator, last = text.partition("..")
    if not separator:
        raise UsageError(
            f"--baseline {text!r} is not a period",
            hint="write training, or two times: 2026-11-01..2026-11-08",
        )
    try:
        found = Period(parse_moment(first, now), parse_moment(last, now))
    except ValueError as error:
        raise UsageError(f"--baseline {text}: {error}") from error
    if not found.since < found.until:
        raise UsageError(f"--baseline {text}: the end is not after the beginning", hint="swap them")
    return found


def _record(report: "Report") -> dict[str, object]:
    from dataclasses import asdict

    found = asdict(report)
    judged = found.pop("verdict") or {"state": "too_few_events", "findings": []}
    return {
        "model": found.pop("model"),
        "version": found.pop("version"),
        "problems": report.problems,
        **found.pop("period"),
        **judged,
        **found,
    }
