"""The one place where exceptions become error messages."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from nrti_cli import system_errors
from nrti_cli.characters import printable
from nrti_cli.console import takes_escapes
from nrti_cli.errors import ExitStatus, NrtiError


def fail(message: str, status: ExitStatus) -> NoReturn:
    """Ends the process with a message on stderr."""
    if status == ExitStatus.INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing left to interrupt
        if takes_escapes(sys.stderr):
            # Removes the ^C that the terminal echoed, and what is left of a spinner.
            print("\r\x1b[K\x1b[?25h", end="", file=sys.stderr)
    print(f"nrti: {printable(message)}", file=sys.stderr)
    sys.exit(status)


def explain(error: Exception) -> NrtiError | None:
    """Turns an exception of nrti, the embedded AWS, the system or the AWS SDK into an error for the user."""
    if isinstance(error, NrtiError):
        return error
    local = sys.modules.get("nrti_local.process")
    if local and isinstance(error, local.LocalError):
        from nrti_cli import embedded

        return embedded.explain(error)
    if "botocore" in sys.modules:
        from nrti_cli.aws import errors

        if explained := errors.explain(error):
            return explained
    return system_errors.explain(error)
