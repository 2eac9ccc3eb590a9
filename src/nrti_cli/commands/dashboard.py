"""The command `nrti dashboard`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed, span
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@addressed
def dashboard(
    target: "Target",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    open_: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the default browser.")
    ] = True,
    since: Annotated[float, span("Period that the page shows first: 1m to 7d.")] = "15m",  # type: ignore[assignment]  # Typer parses it
) -> None:
    """Show a live page of events, failures, latency and stages.

    The page is served on 127.0.0.1 until Ctrl-C. Its address works in one browser; once it is used, the
    command prints the next one.
    On AWS, checking the stages costs about 0.06 USD for each hour that a page is open. Each period that you
    open runs one or two Athena queries (10 MB at least, 0.00005 USD each, 5 USD per TB). Labels and shadows
    add one query each every 10 minutes. Drift adds one query an hour for each model, which reads the
    sequences of a day. Each shard of the table's stream is read four times a second.
    """
    from nrti_cli.dashboard.process import become
    from nrti_cli.dashboard.rings import WIDTHS

    if since > max(WIDTHS):
        raise UsageError("the page shows 7 days at most", hint="choose a shorter --since")
    period = next(each for each in WIDTHS if each >= since)
    become(target, port=port, period=period, opens=open_ and _has_display())


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
