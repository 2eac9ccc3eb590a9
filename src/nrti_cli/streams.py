"""Replaces the standard streams by ones that handle closed descriptors, closed pipes and full disks."""

import codecs
import contextlib
import io
import os
import re
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from nrti_cli.characters import DEGRADE, degrade
from nrti_cli.errors import ExitStatus, NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer


#: Control characters in UTF-8, except line breaks and tabs.
_COMMANDS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")


class _Results(io.BufferedWriter):
    """stdout: a result that cannot be written is an error.

    The buffer is subclassed, not the raw file: if an interrupt arrives when a Python method of the raw file
    has just written, the buffer writes the same data again.
    """

    def write(self, data: "ReadableBuffer") -> int:
        """Writes; raises the errors of `flush`."""
        with _lost_results():
            return super().write(data)

    def flush(self) -> None:
        """Writes the buffer.

        Raises:
            SystemExit: the reader has closed the pipe.
            NrtiError: the results cannot be written.
        """
        with _lost_results():
            super().flush()


@contextlib.contextmanager
def _lost_results() -> "Iterator[None]":
    try:
        yield
    except BrokenPipeError:
        raise SystemExit(ExitStatus.NO_READER) from None
    except OSError as error:
        raise NrtiError(
            f"stdout cannot be written ({error.strerror})", hint="redirect it to another place"
        ) from None


class _Notes(io.BufferedWriter):
    """stderr: a message that cannot be written is dropped and does not end the command."""

    def write(self, data: "ReadableBuffer") -> int:
        """Writes; errors are ignored."""
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes

    def flush(self) -> None:
        """Writes the buffer; errors are ignored."""
        with contextlib.suppress(OSError):
            super().flush()


def open_streams() -> None:
    """Replaces the three standard streams; a closed descriptor is opened on the null device."""
    codecs.register_error(DEGRADE, degrade)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = _text(_Results(io.FileIO(1, "w", closefd=False)), sys.stdout)
    sys.stderr = _text(_Notes(io.FileIO(2, "w", closefd=False)), sys.stderr)


class _Shown(io.RawIOBase):
    """Writes data to a terminal without control characters."""

    def writable(self) -> bool:
        """Always true."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Writes."""
        sys.stdout.buffer.write(_COMMANDS.sub("\ufffd".encode(), bytes(data)))
        sys.stdout.buffer.flush()  # before messages on stderr about it
        return memoryview(data).nbytes


def data_stream() -> BinaryIO:
    """Results as bytes: unchanged into a file or pipe, without control characters on a terminal."""
    return cast("BinaryIO", _Shown()) if sys.stdout.isatty() else sys.stdout.buffer


def _text(buffer: io.BufferedWriter, before: TextIO | None) -> TextIO:
    """A text stream on a buffer, in the encoding of the stream that it replaces."""
    return io.TextIOWrapper(
        buffer,
        encoding=before.encoding if before else None,
        errors=DEGRADE,
        line_buffering=isinstance(buffer, _Notes) or buffer.isatty(),
    )
