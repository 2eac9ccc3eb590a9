"""The entry point of the command `nrti`, which handles Ctrl-C while the program still loads.

It imports only modules that Python has loaded already, to keep the time before the handler is set short.
"""

import os
import sys

_INTERRUPTED = 130


def run() -> None:
    """Imports and runs the command line."""
    guard()
    from nrti_cli.main import run as run_commands

    run_commands()


def guard() -> None:
    """Ends the process quietly if it is interrupted while it loads: there is nothing to clean up then."""
    sys.excepthook = _end
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else SIGINT is to be ignored
        signal.signal(signal.SIGINT, _leave)


def _end(kind: type[BaseException], error: BaseException, *traceback: object) -> None:
    """Reports an uncaught exception, which may be an interrupt from before the handler was set."""
    if kind is KeyboardInterrupt:
        _leave()
    sys.__excepthook__(kind, error, *traceback)  # type: ignore[arg-type]


def _leave(*_: object) -> None:
    os.write(2, b"\nnrti: interrupted\n" if os.isatty(2) else b"nrti: interrupted\n")
    os._exit(_INTERRUPTED)
