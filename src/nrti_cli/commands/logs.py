"""The command `nrti logs`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.formats import FormatOption, print_json_line
from nrti_cli.commands.options import addressed, moment
from nrti_cli.completion import offers
from nrti_cli.console import aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target
    from nrti_cli.logs.reading import Line

_SPAN = timedelta(minutes=15)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@addressed
def logs(
    target: "Target",
    part: Annotated[
        Literal["api", "workflow", "inference", "transform", "delivery", "training", "endpoint"] | None,
        typer.Argument(help="The part of the pipeline; all of them if left out."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=offers.of_part,
            help="The training job, or the model of the endpoint; all if left out.",
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is added, until Ctrl-C.")
    ] = False,
    since: Annotated[
        datetime | None,
        moment("The earliest time; 15 minutes ago if left out, and all of a training job that is named."),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Show what the parts of the pipeline log, and follow it.

    The API logs only if the stack was made with --access-logs, and the workflow only executions that failed.
    With --format json it is JSON lines.
    """
    from nrti_cli.logs.sources import require_named, sources
    from nrti_cli.stack.outputs import outputs

    outputs(target)  # which says so if there is no such stack
    chosen = sources(target, part, name)
    if follow:
        require_named(target, part, name)
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
        if not follow:  # what is deleted may still have its log, hence only now
            require_named(target, part, name)
        groups = ", ".join(source.group for source in chosen) or "the endpoints, of which there are none"
        span = "" if whole else f" since {earliest:%Y-%m-%d %H:%M:%S} UTC"
        aside(f"nothing was logged{span} in {groups}")


def _lines(
    target: "Target", part: str | None, name: str | None, since: datetime, *, follow: bool
) -> "Iterator[Line]":
    from nrti_cli.logs import reading
    from nrti_cli.logs.sources import sources

    if not follow:
        return reading.read(sources(target, part, name), since)
    pause = reading.PAUSE_LOCAL if target.endpoint_url else reading.PAUSE_AWS
    return reading.follow(lambda: sources(target, part, name), since, pause)


def _record(line: "Line") -> dict[str, object]:
    logged = line.logged
    return {"at": logged.at, "origin": line.origin, "stream": logged.stream, "message": logged.message}


def _show(line: "Line", wide: int) -> None:
    """A line for each of the message; where there is one origin only, it goes without saying."""
    at = line.logged.at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    origin = f"{line.origin:<{wide}}  " if wide else ""
    for text in printable(line.logged.message).splitlines() or [""]:
        typer.echo(f"{at}  {origin}{text}")
