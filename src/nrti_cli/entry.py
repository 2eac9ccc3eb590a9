"""Where the command `nrti` begins: an interrupt while it loads ends it in a line, as one later does."""

import os
import signal
from typing import NoReturn

_INTERRUPTED = 130


def run() -> NoReturn:
    """Loads the command line and runs it. Nothing is begun while it loads, hence nothing is to be ended."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else whoever started it ignores it
        signal.signal(signal.SIGINT, _leave)
    from nrti_cli.main import run as run_commands

    run_commands()


def _leave(*_: object) -> NoReturn:
    os.write(2, b"\nnrti: interrupted\n" if os.isatty(2) else b"nrti: interrupted\n")
    os._exit(_INTERRUPTED)
