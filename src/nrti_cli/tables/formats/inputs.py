"""Opens an input: a file, a pipe, or `-` for standard input."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from nrti_cli.errors import NrtiError, UsageError

_STDIN = "-"
#: Maximum bytes of one read.
_CHUNK = 1 << 18


@dataclass
class Input:
    """Bytes that are read once, from the beginning to the end.

    Attributes:
        shown: its name for messages.
        size: of the file in bytes, None for a pipe.
    """

    shown: str
    file: BinaryIO
    size: int | None

    def share(self) -> float | None:
        """The share that was read, 0 to 1; None for a pipe."""
        return min(self.file.tell() / self.size, 1.0) if self.size else None

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they arrive: a read of a pipe returns what is available."""
        while chunk := self._next():
            yield chunk

    def _next(self) -> bytes:
        try:
            return self.file.read(_CHUNK)
        except OSError as error:
            raise _unreadable(self.shown, error) from error


@contextmanager
def opened(name: str) -> Iterator[Input]:
    """Opens a file by its name, or standard input if that is `-`.

    Raises:
        NrtiError: it cannot be read; also later.
    """
    shown = "standard input" if name == _STDIN else name
    if re.match(r"s3:/", name, re.IGNORECASE):
        raise UsageError(
            f"{name} is not a file on this machine", hint="copy it from S3 first, with aws s3 cp s3://… FILE"
        )
    try:
        file = _open(name)
        status = os.fstat(file.fileno())
    except OSError as error:
        raise _unreadable(shown, error) from error
    with file:
        yield Input(shown, file, status.st_size if stat.S_ISREG(status.st_mode) else None)


def content(name: str) -> bytes:
    """The content of a file, or of standard input.

    Raises:
        NrtiError: it cannot be read.
    """
    with opened(name) as file:
        return b"".join(file.chunks())


def _unreadable(shown: str, error: OSError) -> NrtiError:
    return NrtiError(f"{shown} cannot be read ({error.strerror})", hint="use a readable file")


def _open(name: str) -> BinaryIO:
    if name != _STDIN:
        return cast("BinaryIO", Path(name).open("rb", buffering=0))
    if sys.stdin is None:
        raise NrtiError("standard input is closed", hint="name a file, or write into a pipe")
    # A second object for standard input: the thread that waits in it must not hold the lock of sys.stdin,
    # which the interpreter takes when it ends.
    return cast("BinaryIO", os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0))


def is_live(name: str) -> bool:
    """Whether the input comes from a program that may still be writing it: a pipe or a terminal."""
    return name == _STDIN or (Path(name).exists() and not Path(name).is_file())
