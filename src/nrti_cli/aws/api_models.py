"""The AWS SDK's descriptions of the services' APIs, without what only documentation needs.

Most of a description is its documentation. Without it, and as plain dictionaries, the descriptions of the ten
services that nrti uses take half of the memory and two thirds of the time.
"""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader


class BareLoader(JSONFileLoader):
    """Loads a description from a file of the SDK, or of the user's own."""

    def load_file(self, file_path: str) -> Any:
        """The description; None if there is no such file."""
        for suffix, read in ((".json", bytes), (".json.gz", gzip.decompress)):
            with suppress(FileNotFoundError):
                return json.loads(read(Path(file_path + suffix).read_bytes()), object_hook=_Bare())
        return None


class _Bare:
    """Takes the documentation out of the objects of a description, and keeps equal references once."""

    def __init__(self) -> None:
        self._references: dict[str, dict[str, Any]] = {}

    def __call__(self, found: dict[str, Any]) -> dict[str, Any]:
        shape = found.get("shape")  # a member may be called shape, too; it is an object
        if isinstance(found.get("documentation"), str):
            if shape:
                del found["documentation"]
            else:
                found["documentation"] = ""  # the SDK requires it of a client's parameters
        if len(found) == 1 and isinstance(shape, str):
            return self._references.setdefault(shape, {**found})
        return found
