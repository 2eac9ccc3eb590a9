"""The Typer app and the one error boundary."""

import contextlib
import gc
import os
import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from nrti_cli.commands.index import Index
from nrti_cli.commands.values import pass_by
from nrti_cli.errors import ExitStatus, NrtiError

pass_by()
#: How many more objects there must be than before until Python looks for garbage. By its own 700 it looks a
#: hundred times before a command has imported what it needs, an eighth of the time, and finds nothing.
_GARBAGE_THRESHOLD = 50_000

app = typer.Typer(
    name="nrti",
    cls=Index,
    help="Run a near-real-time machine-learning inference system on AWS, or the same one on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help takes half the time of rich's
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
    """Options that stand before the command."""
    if traceback:
        os.environ["NRTI_TRACEBACK"] = "1"


def _fail(message: str, status: ExitStatus) -> NoReturn:
    print(f"nrti: {message}", file=sys.stderr)
    sys.exit(status)


def _explain(error: Exception) -> NrtiError | None:
    """The user's side of an exception: our own errors, and those of the AWS SDK if it was ever loaded."""
    if isinstance(error, NrtiError):
        return error
    if "botocore" in sys.modules:
        from nrti_cli.aws.errors import explain

        return explain(error)
    return None


def main() -> NoReturn:
    """Runs the command line; every failure becomes one line on stderr and an exit code."""
    try:
        status = app(standalone_mode=False)
    except Abort:  # a question was answered with no, or with Ctrl-C
        _fail("aborted", ExitStatus.FAILED)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # private to Typer; its message is the whole help
            print(error.format_message(), file=sys.stderr)
            sys.exit(ExitStatus.USAGE)
        context = getattr(error, "ctx", None)
        hint = f" (see '{context.command_path} --help')" if context else ""
        _fail(f"{' '.join(error.format_message().split())}{hint}", ExitStatus.USAGE)
    except Exception as error:
        if os.environ.get("NRTI_TRACEBACK"):
            raise
        explained = _explain(error)
        if explained:
            _fail(str(explained), explained.exit_status)
        _fail(f"unexpected {type(error).__name__}: {error} (nrti --traceback … shows where)", ExitStatus.BUG)
    if status == ExitStatus.INTERRUPTED:  # Typer makes this of a KeyboardInterrupt, without a word
        _fail("interrupted", ExitStatus.INTERRUPTED)
    sys.exit(status if isinstance(status, int) else ExitStatus.OK)


def run() -> NoReturn:
    """What the installed command runs: `main`, and the end of the process without that of the interpreter.

    Arrow's threads may let go of a Python object a moment too late. An interpreter that is ending by then
    kills the thread, and so the process, whose work is done.
    """
    gc.set_threshold(_GARBAGE_THRESHOLD)
    try:
        main()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else ExitStatus.OK
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a reader that has gone needs nothing more
            stream.flush()
    os._exit(status)
