"""The last line in the log of a server that has to stop, which the command that started it shows."""

from __future__ import annotations

import re
import sys
from typing import NoReturn

from nrti_local.errors import Remedy

_LINE = re.compile(r"fatal(?: \((\w+)\))?: (.*)")


def give_up(reason: str, remedy: Remedy | None = None) -> NoReturn:
    """Ends this process with a reason."""
    print(f"fatal ({remedy.name}): {reason}" if remedy else f"fatal: {reason}", file=sys.stderr, flush=True)
    sys.exit(1)


def read(line: str) -> tuple[str, Remedy | None] | None:
    """The reason in a line of the log, and what to do about it; None if it is another line."""
    match = _LINE.fullmatch(line)
    return (match[2], Remedy[match[1]] if match[1] else None) if match else None
