"""The AWS SDK's descriptions of the services' APIs, without what only documentation needs.

Most of a description is its documentation. Without it, and as plain dictionaries, the descriptions of the ten
services that nrti uses take a third of the memory and four fifths of the time.
"""

from __future__ import annotations

import gzip
import json
import marshal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader

#: The parts of a description that hold most of it.
_LARGE = {"operations", "shapes", "services"}


class BareLoader(JSONFileLoader):
    """Loads a description from a file of the SDK, or of the user's own."""

    def load_file(self, file_path: str) -> Any:
        """The description, read once for all sessions of this process; None if there is no such file."""
        # The SDK merges its extras into a description, which has to be a dictionary for that.
        return _description(file_path, folded=not self.exists(f"{file_path}.sdk-extras"))


@cache
def _description(path: str, *, folded: bool) -> Any:
    for suffix, read in ((".json", bytes), (".json.gz", gzip.decompress)):
        with suppress(FileNotFoundError):
            found = json.loads(read(Path(path + suffix).read_bytes()), object_hook=_Bare())
            return _folded(found) if folded else found
    return None


def _folded(found: dict[str, Any]) -> dict[str, Any]:
    for each in (found, *found.get("partitions", ())):
        for part in each.keys() & _LARGE:
            each[part] = _Folded(each[part])
    return found


class _Folded(Mapping[str, Any]):
    """Objects by name, each as bytes until it is asked for: of most services few are used."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._folded = {name: marshal.dumps(value) for name, value in found.items()}

    def __getitem__(self, name: str) -> Any:
        return marshal.loads(self._folded[name])  # noqa: S302 (these are our own bytes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._folded)

    def __len__(self) -> int:
        return len(self._folded)


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
