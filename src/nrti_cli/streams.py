"""The standard streams as a command needs them, each of them with one answer to whatever is wrong with it."""

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


#: Control characters in UTF-8, but for line breaks and tabs.
_COMMANDS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")


class _Results(io.BufferedWriter):
    """stdout: a result that is lost is an error.

    It is the buffer that knows this and not the file below it: an interrupt that comes when a method of the
    file written in Python has just written makes the buffer write the same again.
    """

    def write(self, data: "ReadableBuffer") -> int:
        """Writes; raises as `flush` does."""
        with _lost_results():
            return super().write(data)

    def flush(self) -> None:
        """Writes what is buffered.

        Raises:
            SystemExit: the reader has gone, so there is no use in going on.
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
            f"stdout cannot be written ({error.strerror})", hint="send it to another place"
        ) from None


class _Notes(io.BufferedWriter):
    """stderr: what it cannot take is lost, and no reason to end a command."""

    def write(self, data: "ReadableBuffer") -> int:
        """Writes, or does not."""
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes

    def flush(self) -> None:
        """Writes what is buffered, or does not."""
        with contextlib.suppress(OSError):
            super().flush()


def open_streams() -> None:
    """Takes the three descriptors into use; one that is closed leads nowhere."""
    codecs.register_error(DEGRADE, degrade)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = _text(_Results(io.FileIO(1, "w", closefd=False)), sys.stdout)
    sys.stderr = _text(_Notes(io.FileIO(2, "w", closefd=False)), sys.stderr)


class _Shown(io.RawIOBase):
    """Data on a terminal, without what the terminal would obey."""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Writes."""
        sys.stdout.buffer.write(_COMMANDS.sub("\ufffd".encode(), bytes(data)))
        sys.stdout.buffer.flush()  # before what is said about it on stderr
        return memoryview(data).nbytes


def data_stream() -> BinaryIO:
    """Results as bytes: to a file or a pipe byte for byte, and clean on a terminal."""
    return cast("BinaryIO", _Shown()) if sys.stdout.isatty() else sys.stdout.buffer


def _text(buffer: io.BufferedWriter, before: TextIO | None) -> TextIO:
    """The stream of a descriptor, in the encoding that Python has chosen for it."""
    return io.TextIOWrapper(
        buffer,
        encoding=before.encoding if before else None,
        errors=DEGRADE,
        line_buffering=isinstance(buffer, _Notes) or buffer.isatty(),
    )
