"""Where the command `nrti` begins: an interrupt while it loads ends it in a line, as one later does.

It imports only what Python itself has imported when it starts, so that there is hardly a moment before it.
"""

import os
import sys

_INTERRUPTED = 130


def run() -> None:
    """Loads the command line and runs it. Nothing is begun while it loads, hence nothing is to be ended."""
    sys.excepthook = _end
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it was started to ignore it
        signal.signal(signal.SIGINT, _leave)
    from nrti_cli.main import run as run_commands

    run_commands()


def _end(kind: type[BaseException], error: BaseException, *traceback: object) -> None:
    """Shows an exception that nothing has caught; before the handler is in place it may be an interrupt."""
    if kind is KeyboardInterrupt:
        _leave()
    sys.__excepthook__(kind, error, *traceback)  # type: ignore[arg-type]


def _leave(*_: object) -> None:
    os.write(2, b"\nnrti: interrupted\n" if os.isatty(2) else b"nrti: interrupted\n")
    os._exit(_INTERRUPTED)
