"""A file that is there when all of it is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nrti_cli.errors import NrtiError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that takes the place of `path` when all is written; on failure `path` stays as it was.

    Raises:
        NrtiError: it cannot be written there.
    """
    path = path.expanduser()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, os.strerror(21))
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise NrtiError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
