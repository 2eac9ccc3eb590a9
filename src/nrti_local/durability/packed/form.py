"""The packed form: marshal, which Python uses for compiled files and which is the fastest it has."""

from __future__ import annotations

import marshal
from typing import Any

#: The version of the form. Every Python since 3.4 reads it; saved data has to outlive an update of Python.
_VERSION = 4


def pack(value: Any) -> bytes:
    """Packs a value that JSON can represent."""
    return marshal.dumps(value, _VERSION)


def unpack(packed: bytes) -> Any:
    """Returns the value that was packed.

    Raises:
        ValueError, EOFError, or TypeError: the bytes are something else.
    """
    return marshal.loads(packed)  # noqa: S302 - written by this program
