"""The command `nrti logs`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.options.common import addressed, moment
from nrti_cli.commands.options.formats import FormatOption, print_json_line
from nrti_cli.completion import offers
from nrti_cli.console import print_dimmed
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.logs.reading import Line
    from nrti_cli.logs.sources import LogSource

_SPAN = timedelta(minutes=15)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@addressed
def logs(
    target: "Target",
    part: Annotated[
        Literal[
            "api",
            "workflow",
            "inference",
            "labels",
            "transform",
            "alerts",
            "delivery",
            "training",
            "endpoint",
        ]
        | None,
        typer.Argument(help="The part of the pipeline; default: all."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=offers.of_part,
            help="The training job, or the model of the endpoint; default: all.",
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing new lines until Ctrl-C.")
    ] = False,
    since: Annotated[
        datetime | None,
        moment("The earliest time; default 15 minutes ago, or the start of the named training job."),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Show and follow the logs of the pipeline.

    The API logs only if the stack was deployed with --access-logs. The workflow logs only failed executions.
    With --format json, each line is a JSON object.
    """
    from nrti_cli.logs.sources import require_groups, require_named, sources
    from nrti_cli.stack.outputs import outputs

    outputs(target)  # fails if there is no such stack
    chosen = sources(target, part, name)
    if follow:
        require_named(target, part, name)
        _note_missing(target, chosen)
    whole = since is None and part == "training" and name is not None
    earliest = since or (_BEGINNING if whole else datetime.now(UTC) - _SPAN)
    wide = max((len(source.origin) for source in chosen), default=0) if len(chosen) > 1 else 0
    shown = 0
    try:
        for line in _lines(target, part, name, earliest, follow=follow):
            shown += 1
            if format_ == "json":
                print_json_line(_record(line))
            else:
                _show(line, wide)
    except KeyboardInterrupt:
        pass
    if not shown:
        groups = [source.group for source in chosen]
        if not follow:  # not earlier: the log of a deleted resource may still exist
            require_named(target, part, name)
            groups = require_groups(target, chosen)
        span = "" if whole else f" since {earliest:%Y-%m-%d %H:%M:%S} UTC"
        print_dimmed(f"no log events{span} in {', '.join(groups) or 'the endpoints: there are none'}")


def _note_missing(target: "Target", chosen: "Sequence[LogSource]") -> None:
    """Reports a log group that does not exist, whose first lines are shown all the same."""
    from nrti_cli.logs.sources import require_groups

    try:
        require_groups(target, chosen)
    except NrtiError as missing:
        print_dimmed(f"{missing}; waiting for it")


def _lines(
    target: "Target", part: str | None, name: str | None, since: datetime, *, follow: bool
) -> "Iterator[Line]":
    from nrti_cli.logs import reading
    from nrti_cli.logs.sources import sources

    if not follow:
        return reading.read_logs(sources(target, part, name), since)
    pause = reading.PAUSE_LOCAL if target.endpoint_url else reading.PAUSE_AWS
    return reading.follow(lambda: sources(target, part, name), since, pause)


def _record(line: "Line") -> dict[str, object]:
    logged = line.logged
    return {"at": logged.at, "origin": line.origin, "stream": logged.stream, "message": logged.message}


def _show(line: "Line", wide: int) -> None:
    """Prints a line for each line of the message; without the source if there is only one."""
    at = line.logged.at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    origin = f"{line.origin:<{wide}}  " if wide else ""
    for text in printable(line.logged.message).splitlines() or [""]:
        typer.echo(f"{at}  {origin}{text}")
