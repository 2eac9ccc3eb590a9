"""The form of what is packed: Python's own for its compiled files, the fastest that there is."""

from __future__ import annotations

import marshal
from typing import Any

#: Of the form. Every Python since 3.4 reads this one, and what is saved has to outlive an update of Python.
_VERSION = 4


def pack(value: Any) -> bytes:
    """Packs what JSON can hold."""
    return marshal.dumps(value, _VERSION)


def unpack(packed: bytes) -> Any:
    """Returns what was packed.

    Raises:
        ValueError, EOFError, or TypeError: it is something else.
    """
    return marshal.loads(packed)  # noqa: S302 - written by this program
