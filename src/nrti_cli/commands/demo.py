"""The command `nrti demo`: a guided tour in which every step is a command that a user would type."""

import os
import shlex
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
from nrti_cli.console import err, note, progress
from nrti_cli.errors import ExitStatus, NrtiError

_BUFFER_SECONDS = 5
_BY_SENSOR = """
select sensor, count(*) as events, sum(prediction) as failures, round(avg(probability), 4) as mean_probability
from predictions group by sensor order by sensor
"""
_LATEST_FAILURES = """
select date_format(event_time, '%H:%i:%s') as at, sensor, data, probability
from predictions where prediction = 1 order by event_time desc limit 5
"""


def demo(
    *,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="For how long events are sent.")] = 15,
    rate: Annotated[float, typer.Option(min=0.1, max=200, help="Events a second.")] = 20,
    teardown: Annotated[
        bool, typer.Option("--teardown", help="Use a home of its own, and leave nothing behind.")
    ] = False,
) -> None:
    """Take the guided tour on the embedded AWS, step by step."""
    began = time.monotonic()
    with Interruption() as interruption, _environment(apart=teardown) as environment:
        step = partial(_step, interruption, environment)
        step(
            "Deploy the pipeline to an AWS that runs on this machine.",
            f"bootstrap --buffer-seconds {_BUFFER_SECONDS}",
        )
        step("Train a model on 50,000 labelled sequences and publish it.", "train --name failure-v1")
        step(
            "Send events as an assembly line would; what a busy API answers 429 is sent again.",
            f"produce --rate {rate:g} --duration {seconds}s",
        )
        step("Look at the failures among what was stored.", "tail --since 5m --no-follow --failures")
        with progress(f"the delivery buffer writes parquet every {_BUFFER_SECONDS} s …"):
            interruption.sleep(_BUFFER_SECONDS + 1)
        step("Ask the lake, in Athena's SQL.", "query", _BY_SENSOR)
        step("And for the latest failures.", "query", _LATEST_FAILURES)
        step("See every stage at a glance.", "status")
        if teardown:
            step("Leave nothing behind.", "teardown --yes")
    _farewell(time.monotonic() - began, stays=not teardown)


@contextmanager
def _environment(*, apart: bool) -> Iterator[dict[str, str]]:
    """The environment of the steps: `apart`, with a home directory of its own, which ends with the tour.

    What the tour tears down is then never anything of the user's.
    """
    environment = {**os.environ, "NRTI_TARGET": "local"}
    environment.pop("NRTI_STACK", None)
    if not apart:
        yield environment
        return
    from nrti_cli.local import process

    with TemporaryDirectory(prefix="nrti-demo-") as directory:
        layout = process.files(Path(directory))
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


def _step(
    interruption: Interruption, environment: dict[str, str], purpose: str, command: str, sql: str = ""
) -> None:
    """Shows a command and runs it, as a process of its own."""
    arguments = [*shlex.split(command), *filter(None, [" ".join(sql.split())])]
    note(f"\n[bold]{purpose}[/bold]")
    err().print(f"$ nrti {' '.join(map(_quoted, arguments))}", style="cyan", markup=False, soft_wrap=True)
    status = interruption.run([sys.executable, "-m", "nrti_cli", *arguments], environment)
    if status:
        raise NrtiError(f"the tour ends here, as nrti {arguments[0]} failed with exit code {status}")


def _quoted(argument: str) -> str:
    """The argument as a person would type it; SQL has single quotes of its own."""
    return f'"{argument}"' if "'" in argument else shlex.quote(argument)


def _farewell(seconds: float, *, stays: bool) -> None:
    note(f"\n[bold]That was the whole loop, in {seconds:.0f} s.[/bold]")
    if stays:
        note("It is still running. In two terminals: nrti produce --rate 1, and nrti tail.")
        note("Another model: nrti train --name failure-v2 --rows 200000, then nrti models.")
        note('Any AWS tool: eval "$(nrti local env)"; aws dynamodb list-tables.')
        note("When you have seen enough: nrti teardown.")
    else:
        note(
            "To keep it: nrti bootstrap, then nrti train --name failure-v2, nrti produce --rate 1, nrti tail."
        )
