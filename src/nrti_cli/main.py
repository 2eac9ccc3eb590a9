"""The Typer app, and the handling of errors."""

import contextlib
import gc
import os
import re
import signal
import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from nrti_cli.boundary import explain, fail
from nrti_cli.commands.index import Index
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.streams import open_streams

#: New objects between two runs of the garbage collector. With Python's default of 700 it would run a hundred
#: times during the imports, an eighth of the time, and free nothing.
_GARBAGE_THRESHOLD = 50_000

app = typer.Typer(
    name="nrti",
    cls=Index,
    help="Run a near-real-time machine-learning inference system on AWS, or the same one on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help takes half the time
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"nrti {version('nrti')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    traceback: Annotated[
        bool,
        typer.Option("--traceback", envvar="NRTI_TRACEBACK", help="Show the whole error, for a bug report."),
    ] = False,
    version: Annotated[  # noqa: ARG001 (its callback prints it)
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that come before the command."""
    if traceback:
        os.environ["NRTI_TRACEBACK"] = "1"


def _complete() -> NoReturn:
    """Answers a shell's completion request. The shell would show an error, so errors are suppressed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(Exception):
        app()
    sys.exit(ExitStatus.OK)


def main() -> NoReturn:
    """Runs the command line; every failure becomes one line on stderr and an exit code."""
    if os.environ.get("_NRTI_COMPLETE", "").startswith("complete_"):  # set by Typer's shell scripts
        _complete()
    stderr = sys.stderr
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    except Abort as error:  # of a prompt: Ctrl-C, or the end of the input
        if not isinstance(error.__context__, KeyboardInterrupt):
            fail("aborted", ExitStatus.FAILED)
        print(file=sys.stderr)  # keeps the prompt on its own line
        status = ExitStatus.INTERRUPTED
    except TyperException as error:
        _refuse(error)
    except Exception as error:
        if os.environ.get("NRTI_TRACEBACK"):
            raise
        explained = explain(error)
        if explained:
            fail(str(explained), explained.exit_status)
        fail(f"unexpected {type(error).__name__}: {error} (nrti --traceback … shows where)", ExitStatus.BUG)
    if status == ExitStatus.INTERRUPTED:  # Typer returns 130 for a KeyboardInterrupt and prints nothing
        sys.stderr = stderr  # a spinner that was interrupted while it started may still redirect the stream
        fail("interrupted", ExitStatus.INTERRUPTED)
    sys.exit(status if isinstance(status, int) else ExitStatus.OK)


def _refuse(error: TyperException) -> NoReturn:
    """Reports a wrong command line."""
    if type(error).__name__ == "NoArgsIsHelpError":  # Typer does not export it; its message is the help text
        print(error.format_message(), file=sys.stderr)
        sys.exit(ExitStatus.USAGE)
    context = getattr(error, "ctx", None)
    hint = f" (see '{context.command_path} --help')" if context else ""
    message = error.format_message().replace(": Value error, ", ": ")  # a prefix of pydantic
    message = re.sub(r": Input should be (.*?)(, unable to parse .*)?$", r": it must be \1", message)
    fail(f"{' '.join(message.split())}{hint}", ExitStatus.USAGE)


def run() -> NoReturn:
    """The entry point of the installed command: runs `main`, then ends the process at once.

    The interpreter's own shutdown is skipped. A thread of Arrow that releases a Python object during the
    shutdown would crash the process after its work is done.
    """
    gc.set_threshold(_GARBAGE_THRESHOLD)
    open_streams()
    if signal.getsignal(signal.SIGINT) not in {signal.SIG_IGN, signal.SIG_DFL}:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else ExitStatus.OK
    with contextlib.suppress(NrtiError, SystemExit, ValueError):  # an earlier error has been reported
        sys.stdout.flush()
    os._exit(status)
