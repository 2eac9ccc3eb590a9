"""The command `nrti dashboard`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options import addressed, span
from nrti_cli.console import print_dimmed
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

    The page is served on 127.0.0.1 until Ctrl-C. Its address is good for one browser; the next address
    is printed when it has been used.
    On AWS an hour of an open page costs about 0.03 USD for what it asks of the stages. Each period that
    is opened is one query of Athena, or two (10 MB at least, 0.00005 USD each, 5 USD per TB). The table's
    stream is read four times a second and shard.
    """
    from nrti_cli.dashboard.rings import WIDTHS
    from nrti_cli.dashboard.serve import serve
    from nrti_cli.stack.outputs import outputs

    if since > max(WIDTHS):
        raise UsageError("the page shows 7 days at most", hint="choose a shorter --since")
    stack = outputs(target)
    period = next(each for each in WIDTHS if each >= since)
    opens = [open_ and _has_display()]

    def address(url: str) -> None:
        print_dimmed(url)
        if opens and opens.pop():
            typer.launch(url)

    # It says itself that AWS is lost, and tries again; nothing that waits may delay Ctrl-C.
    serve(target.impatient(), stack, port=port, period=period, address=address)


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
