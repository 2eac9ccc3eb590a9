"""The AWS SDK's descriptions of the services' APIs, without what only documentation needs.

Most of a description is its documentation. Without it, and as plain dictionaries, the descriptions of the ten
services that nrti uses take a third of the memory and four fifths of the time.
"""

from __future__ import annotations

import gzip
import json
import marshal
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


@cache
def descriptions(data_path: str | None) -> Loader:
    """Loads the descriptions of the SDK, and of the user's own, once for all sessions of this process.

    Args:
        data_path: directories of the user's, as in `AWS_DATA_PATH`; None for none.
    """
    own = data_path.split(os.pathsep) if data_path else []
    return _Loader([str(Path(os.path.expandvars(path)).expanduser()) for path in own], _Files())


class _Loader(Loader):
    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """A description with the SDK's additions, which are merged into it before it is folded."""
        # With and without its version it is the same file, which has them already.
        if not api_version and service_name in self.list_available_services(type_name):
            api_version = self.determine_latest_version(service_name, type_name)
        # A client reads all operations, but few shapes.
        return _folded(super().load_service_model(service_name, type_name, api_version), "shapes")


class _Files(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        """The content of a file; None if there is no such file."""
        for suffix, read in ((".json", bytes), (".json.gz", gzip.decompress)):
            with suppress(FileNotFoundError):
                found = json.loads(read(Path(file_path + suffix).read_bytes()), object_hook=_Bare().take)
                for partition in found.get("partitions", ()):
                    _folded(partition, "services")
                return found
        return None


def _folded(found: dict[str, Any], part: str) -> dict[str, Any]:
    if isinstance(found.get(part), dict):
        found[part] = _Folded(found[part])
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
        self._kept: dict[str, dict[str, Any]] = {}

    def take(self, found: dict[str, Any]) -> dict[str, Any]:
        """What is kept of an object; of a large service there are ten thousand."""
        shape = found.get("shape")  # a member may be called shape, too; it is an object
        if "documentation" in found and isinstance(found["documentation"], str):
            if shape:
                del found["documentation"]
            else:
                found["documentation"] = ""  # the SDK requires it of a client's parameters
        if len(found) == 1 and isinstance(shape, str):
            return self._kept.setdefault(shape, found)
        if "requestUri" in found or "ref" in found:
            return self._kept.setdefault(repr(found), found)
        return found
