"""Looks at the saved state before it is used: what cannot be read must never be taken for empty."""

from __future__ import annotations

import json
import os
from pathlib import Path


class CorruptStateError(Exception):
    """The state directory cannot be used as it is."""


def check(state: Path) -> None:
    """Makes the state directory if there is none, and reads every saved service once.

    ministack itself logs an unreadable file and goes on without it, which would silently lose a service.

    Raises:
        CorruptStateError: a file cannot be read or the directory cannot be written.
    """
    try:
        (state / "ministack").mkdir(parents=True, exist_ok=True)
        for path in sorted((state / "ministack").glob("*.json")):
            json.loads(path.read_bytes())
    except ValueError as error:
        raise CorruptStateError(f"the saved state {path} is corrupt ({error})") from error
    except OSError as error:
        raise CorruptStateError(f"the state directory {state} cannot be used ({error.strerror})") from error
    if not os.access(state, os.W_OK):
        raise CorruptStateError(f"the state directory {state} cannot be written")
