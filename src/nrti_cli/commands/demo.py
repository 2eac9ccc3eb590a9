"""The command `nrti demo`: a guided tour whose steps are commands that a user would type."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from nrti_cli.commands.interruption import Interruption
from nrti_cli.commands.live_page import LivePage
from nrti_cli.commands.options.common import ON_TOUR
from nrti_cli.console import note, progress
from nrti_cli.errors import ExitStatus, NrtiError

_BUFFER_SECONDS = 2
_PAGE = "a live page of what comes, while the tour goes on"
_BY_SENSOR = "select sensor, count(*) as events, sum(prediction) as failures from predictions group by sensor"


def demo(
    *,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="How long to send events, in seconds.")] = 5,
    rate: Annotated[float, typer.Option(min=0.1, max=200, help="Events per second.")] = 50,
    teardown: Annotated[
        bool,
        typer.Option("--teardown", help="Use a temporary home directory, and delete everything at the end."),
    ] = False,
    open_: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the live page in the default browser.")
    ] = True,
) -> None:
    """Take the guided tour on the embedded AWS, step by step."""
    began = time.monotonic()
    with Interruption() as interruption, _environment(apart=teardown) as environment:
        step = partial(_step, interruption, environment)
        step(f"bootstrap --buffer-seconds {_BUFFER_SECONDS}", "the pipeline, on an AWS on this machine")
        step("train --name failure-v1", "on 50,000 labelled sequences, and publish")
        note(f"[cyan]$ nrti dashboard[/cyan]  [dim]# {_PAGE}[/dim]")
        with LivePage(environment, opens=open_) as page:
            note(f"{page.address()}\n")
            step(f"produce --rate {rate:g} --duration {seconds}s", "as an assembly line would")
            step("tail --since 2s --no-follow --failures", "the failures that were just stored")
            with progress(f"the delivery buffer writes parquet every {_BUFFER_SECONDS} s …"):
                interruption.sleep(_BUFFER_SECONDS + 1)
            step(f"query '{_BY_SENSOR}'", "the lake, in Athena's SQL")
            step("status", "every stage at a glance")
            took = time.monotonic() - began
            _show_page(interruption, page)
        if teardown:
            step("teardown --yes", "leave nothing behind")
    _farewell(took, stays=not teardown)


def _show_page(interruption: Interruption, page: LivePage) -> None:
    """Says where the live page is; a person at a terminal decides how long it stays."""
    note(f"The live page of these events: {page.address()}")
    if sys.stdin.isatty() and sys.stderr.isatty():
        note("Press Enter to go on.")
        interruption.wait_for_line(sys.stdin)
    note("")


@contextmanager
def _environment(*, apart: bool) -> Iterator[dict[str, str]]:
    """The environment of the steps; if `apart`, with a temporary home directory.

    The tour then never deletes anything of the user's.
    """
    environment = {**os.environ, "NRTI_TARGET": "local", ON_TOUR: "1"}
    environment.pop("NRTI_STACK", None)
    if not apart:
        yield environment
        return
    from nrti_cli.embedded import files
    from nrti_local import process

    with TemporaryDirectory(prefix="nrti-demo-") as directory:
        layout = files(Path(directory))
        try:
            yield {**environment, "NRTI_HOME": directory}
        except NrtiError as failure:
            if failure.exit_status is ExitStatus.INTERRUPTED:
                raise
            kept = process.keep_log(layout)
            raise NrtiError(
                str(failure), hint=f"the log of its AWS is in {kept}" if kept else ""
            ) from failure
        finally:
            process.destroy(layout)


def _step(interruption: Interruption, environment: dict[str, str], command: str, purpose: str) -> None:
    """Shows a command and runs it in a process of its own."""
    note(f"[cyan]$ nrti {command}[/cyan]  [dim]# {purpose}[/dim]")
    arguments = shlex.split(command)
    status = interruption.run([sys.executable, "-m", "nrti_cli", *arguments], environment)
    note("")
    if status:
        raise NrtiError(f"the tour ends here: nrti {arguments[0]} failed with exit code {status}")


def _farewell(seconds: float, *, stays: bool) -> None:
    note(f"[bold]That was the whole loop, in {seconds:.0f} s.[/bold]")
    if stays:
        note("It is still running. In two terminals: nrti produce --rate 1, nrti dashboard.")
        note("Another model: nrti train --name failure-v2 --rows 200000, then nrti models.")
        note('Any AWS tool: eval "$(nrti local env)"; aws dynamodb list-tables.')
        note("To delete it: nrti teardown.")
        return
    active = Path(sys.executable).with_name("activate")
    first = f". {os.path.relpath(active)}; " if not shutil.which("nrti") and active.exists() else ""
    note(f"To keep it running: {first}nrti bootstrap")
