"""The commands `nrti local …`: the embedded AWS."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.confirmation import YesOption, confirm
from nrti_cli.commands.formats import FormatOption, print_json
from nrti_cli.console import note, progress
from nrti_cli.errors import NrtiError

#: A profile or a session token of the user's own, which would be taken along.
_TAKEN_ALONG = ("AWS_PROFILE", "AWS_SESSION_TOKEN")

app = typer.Typer(
    help="Start, stop and look at the embedded AWS on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def start(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Where it listens; as before, or a free one, if left out."),
    ] = None,
) -> None:
    """Start the embedded AWS, with the state it had."""
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
        note(f"{left}; until all have, the API may answer 429")


@app.command()
def stop(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Kill it and all that it has started, if it does not end.")
    ] = False,
) -> None:
    """Stop the embedded AWS; its state is kept."""
    from nrti_cli.embedded import files
    from nrti_local import process

    if force:
        _kill()
        return
    with progress("stopping") as shown:
        stopped = process.stop(files(), tell=shown.update)
    note("stopped; nrti local start brings it back" if stopped else "the embedded AWS is not running")


def _kill() -> None:
    from nrti_cli.embedded import files
    from nrti_local import process

    killed = process.kill(files())
    if not killed:
        note("the embedded AWS is not running")
        return
    note(f"killed process {killed} and all that it had started; its state is as of the last snapshot")
    note("what the API has accepted since then is in the journal, and runs again after nrti local start")


@app.command()
def status(*, format_: FormatOption = "table") -> None:
    """Show whether the embedded AWS runs, and where."""
    from nrti_cli.console import out
    from nrti_cli.embedded import files
    from nrti_local import process

    layout = files()
    facts: dict[str, object] = {}
    if found := process.running(files()):
        said = "running"
        facts = {
            "endpoint": found.endpoint_url,
            "pid": found.pid,
            "since": found.since,
        }
        if told := process.shortage(files()):
            facts["disk"] = f"{told}; what needs room is refused"
        if left := process.replay(files()):
            facts["replay"] = left
    elif other := process.silent(files()):
        said = other.doing or "it does not answer; nrti local stop --force ends it"
        facts = {"pid": other.pid or "not known yet"}
    else:
        said = "not running"
    facts |= {"home": str(layout.root), "log": str(layout.log)}
    if format_ == "json":
        print_json({"running": bool(found), "state": said, **facts})
    else:
        out().print(said, style="green" if found else "yellow")
        for name, value in facts.items():
            shown = f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else value
            out().print(f"{name:9}{shown}", soft_wrap=True)
    if not found:
        raise typer.Exit(1)


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing what comes.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=1_000_000, help="How many of the last lines.")
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
        bool, typer.Option("--unset", help="Print the line that takes these settings away again.")
    ] = False,
) -> None:
    """Print the lines that point other AWS tools at it.

    Use it as eval "$(nrti local env)". To end it, eval "$(nrti local env --unset)" unsets the variables;
    it does not bring back what they were before.
    """
    settings = _settings()
    if unset:
        print(f"unset {' '.join(settings)}")
        return
    from nrti_cli.embedded import files
    from nrti_local import process

    found = process.running(files())
    if not found:
        raise NrtiError("the embedded AWS is not running", hint="run nrti local start")
    for name, value in settings.items():
        print(f"export {name}={value or found.endpoint_url}")
    print(f"unset {' '.join(_TAKEN_ALONG)}")


def _settings() -> dict[str, str]:
    """What is exported, by name; an empty value stands for the address."""
    from nrti_local import process

    return {
        "AWS_ENDPOINT_URL": "",
        "AWS_ACCESS_KEY_ID": process.KEY,
        "AWS_SECRET_ACCESS_KEY": process.KEY,
        "AWS_REGION": process.REGION,
        "AWS_DEFAULT_REGION": process.REGION,
        # StartSyncExecution and others put a word before the address, which then has no server.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


@app.command()
def reset(*, yes: YesOption = False) -> None:
    """Stop the embedded AWS, and set its state aside.

    The next start begins with none.
    """
    from nrti_cli.aws.addressing import forget
    from nrti_cli.embedded import files
    from nrti_local import process

    confirm("Move the state of the embedded AWS aside?", "the reset", yes=yes)
    aside = process.set_aside(files())
    forget("local")
    note(
        f"the old state is in {aside}; run nrti bootstrap"
        if aside
        else "there is no state; run nrti bootstrap"
    )
