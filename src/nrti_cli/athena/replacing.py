"""Replaces a file atomically, when its new content is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nrti_cli.errors import NrtiError
from nrti_cli.linefile import require_regular


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that replaces `path` at the end of the block; on failure `path` is unchanged.

    If `path` is a symbolic link, its target is replaced.

    Raises:
        NrtiError: the file cannot be written.
        UsageError: `path` is not a regular file.
    """
    path = path.expanduser().resolve()
    require_regular(path, "--output")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise NrtiError(
            f"{path} cannot be written ({error.strerror or error})", hint="name another file with --output"
        ) from error
    finally:
        part.unlink(missing_ok=True)
