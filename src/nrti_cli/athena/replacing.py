"""A file that is there when all of it is written."""

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
    """Opens a file that takes the place of `path` when all is written; on failure `path` stays as it was.

    A link stays one: what it leads to is replaced.

    Raises:
        NrtiError: it cannot be written there.
        UsageError: something else than a file is there.
    """
    path = path.expanduser().resolve()
    require_regular(path, "--output")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise NrtiError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
