"""Files of JSON lines to append to, after a check that they hold lines of the same kind."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nrti_cli.errors import UsageError

_IRREGULAR = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
#: The longest line in bytes, four times a dead letter with a whole request.
_LONGEST_LINE = 4_000_000


@dataclass(frozen=True)
class Kind:
    """A kind of line file.

    Attributes:
        name: for messages, such as `dead letters`.
        fields: present in every line of this kind and not in those of other kinds.
        option: the option that names the file.
    """

    name: str
    fields: frozenset[str]
    option: str


EVENTS = Kind("events", frozenset({"sensor", "model", "data"}), "--unsent")


def require_regular(path: Path, option: str) -> None:
    """Refuses a path that is not a regular file: a pipe would block, a device would be replaced.

    Raises:
        UsageError: it is a directory, a pipe, a device or a socket.
    """
    try:
        mode = path.stat().st_mode
    except OSError:  # missing or not accessible: opening it reports why
        return
    if not stat.S_ISREG(mode):
        what = _IRREGULAR.get(stat.S_IFMT(mode), "something else")
        raise UsageError(f"{path} is {what}, not a file", hint=f"name another file with {option}")


def require_distinct(files: Mapping[str, Path | None]) -> None:
    """Refuses two options that name the same file, even by different paths.

    Raises:
        UsageError: two options name the same file.
    """
    seen: dict[Path, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        other = seen.setdefault(path.resolve(), option)
        if other != option:
            raise UsageError(
                f"{other} and {option} name the same file, {path}", hint=f"name another one with {option}"
            )


def require_appendable(path: Path, kind: Kind) -> None:
    """Checks that lines can be appended, without creating the file.

    Raises:
        UsageError: the file holds something else, is not a regular file, or cannot be written.
    """
    require_regular(path, kind.option)
    try:
        if path.exists():
            fits = _holds(path, kind)
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        else:
            fits = True
            _require_directory(path.absolute().parent)
    except OSError as error:
        raise _unwritable(path, kind, error) from error
    if not fits:
        raise UsageError(
            f"{path} exists and does not hold {kind.name}", hint=f"name another file with {kind.option}"
        )


def append(path: Path, kind: Kind) -> int:
    """Opens a file for appending; returns a file descriptor, which the caller closes.

    Raises:
        UsageError: as `require_appendable`.
    """
    require_appendable(path, kind)
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        size = os.fstat(file).st_size
        # A line that a full disk or a power failure truncated must not run into the next one.
        if size and os.pread(file, 1, size - 1) != b"\n":
            write(file, b"\n", path)
    except OSError as error:
        raise _unwritable(path, kind, error) from error
    return file


def write(file: int, lines: bytes, path: Path) -> None:
    """Writes all lines; the operating system has them when this returns.

    Args:
        file: the descriptor that `append` returned.
        lines: each with its line break.
        path: of the file.

    Raises:
        OSError: the file cannot be written; the error names the path.
    """
    try:
        while lines:
            lines = lines[os.write(file, lines) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _holds(path: Path, kind: Kind) -> bool:
    """Whether the first complete line is of this kind; a file without one counts as empty."""
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError:
                if line.startswith(b"{"):  # truncated
                    continue
                return False
            return isinstance(record, dict) and kind.fields <= record.keys()
    return True


def _require_directory(directory: Path) -> None:
    directory.stat()
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(13, os.strerror(13))


def _unwritable(path: Path, kind: Kind, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written ({error.strerror})", hint=f"name another file with {kind.option}"
    )
