"""The commands `nrti local …`: the embedded AWS."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.index import group
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.console import note, progress
from nrti_cli.errors import NrtiError

#: The user's own profile and session token, which AWS tools would use as well.
_TAKEN_ALONG = ("AWS_PROFILE", "AWS_SESSION_TOKEN")

app = group("local", no_args_is_help=True)


@app.command()
def start(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port; default: as before, or a free one."),
    ] = None,
) -> None:
    """Start the embedded AWS with its saved state."""
    from nrti_cli.aws.addressing import relocate
    from nrti_cli.embedded import files
    from nrti_local import process

    with progress("starting the embedded AWS") as shown:
        found = process.start(files(), port=port)
        left = process.await_replay(files(), shown.update)
    if port and not found.endpoint_url.endswith(f":{port}"):
        raise NrtiError(
            f"the embedded AWS already runs at {found.endpoint_url}", hint="run nrti local stop first"
        )
    relocate(found.endpoint_url)
    note(f"the embedded AWS {'answers' if found.started else 'already runs'} at {found.endpoint_url}")
    if left:
        note(f"{left}; until then, the API may answer 429")


@app.command()
def stop(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Kill it and its child processes if it does not stop.")
    ] = False,
) -> None:
    """Stop the embedded AWS and keep its state."""
    from nrti_cli.embedded import files
    from nrti_local import process

    if force:
        _kill()
        return
    with progress("stopping") as shown:
        stopped = process.stop(files(), report=shown.update)
    note("stopped; nrti local start starts it again" if stopped else "the embedded AWS is not running")


def _kill() -> None:
    from nrti_cli.embedded import files
    from nrti_local import process

    killed = process.kill(files())
    if not killed:
        note("the embedded AWS is not running")
        return
    note(f"killed process {killed} and its child processes; its state is that of the last snapshot")
    note("events accepted since then are in the journal and are processed after nrti local start")


@app.command()
def status(*, format_: FormatOption = "table") -> None:
    """Show whether the embedded AWS is running, and where."""
    from nrti_cli.console import out
    from nrti_cli.embedded import files
    from nrti_local import process

    layout = files()
    facts: dict[str, object] = {}
    if found := process.running(files()):
        state = "running"
        facts = {
            "endpoint": found.endpoint_url,
            "pid": found.pid,
            "since": found.since,
        }
        if shortage := process.shortage(files()):
            facts["disk"] = f"{shortage}; writes are refused"
        if left := process.replay(files()):
            facts["replay"] = left
    elif other := process.silent(files()):
        state = other.doing or "it does not answer; nrti local stop --force ends it"
        facts = {"pid": other.pid or "unknown yet"}
    else:
        state = "not running"
    facts |= {"home": str(layout.root), "log": str(layout.log)}
    if format_ == "json":
        print_json({"running": bool(found), "state": state, **facts})
    else:
        out().print(state, style="green" if found else "yellow")
        for name, value in facts.items():
            shown = f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else value
            out().print(f"{name:9}{shown}", soft_wrap=True)
    if not found:
        raise typer.Exit(1)


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new lines.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=1_000_000, help="Number of lines, from the end.")
    ] = 50,
) -> None:
    """Show the log of the embedded AWS."""
    from nrti_cli.embedded import files
    from nrti_local import process

    for line in process.read_log(files(), lines, follow=follow):
        print(printable(line) if sys.stdout.isatty() else line, end="")


@app.command()
def env(
    *,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print the line that unsets these variables.")
    ] = False,
) -> None:
    """Print shell lines that point other AWS tools to the embedded AWS.

    Use it as eval "$(nrti local env)". eval "$(nrti local env --unset)" unsets the variables; it does not
    restore their former values.
    """
    from nrti_cli.embedded import files
    from nrti_local import process

    if unset:
        print(f"unset {' '.join(process.client_variables(''))}")
        return
    found = process.running(files())
    if not found:
        raise NrtiError("the embedded AWS is not running", hint="run nrti local start")
    for name, value in process.client_variables(found.endpoint_url).items():
        print(f"export {name}={value}")
    print(f"unset {' '.join(_TAKEN_ALONG)}")


@app.command()
def reset(*, yes: YesOption = False) -> None:
    """Stop the embedded AWS and move its state to another directory.

    The next start begins with an empty state.
    """
    from nrti_cli.aws.addressing import forget
    from nrti_cli.embedded import files
    from nrti_local import process

    confirm("Move the state of the embedded AWS to another directory?", "the reset", yes=yes)
    moved_to = process.set_aside(files())
    forget("local")
    note(
        f"the old state is in {moved_to}; run nrti bootstrap"
        if moved_to
        else "there is no state; run nrti bootstrap"
    )
