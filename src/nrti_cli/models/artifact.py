"""The artifact of a training, model.tar.gz: what it must hold, and what it says about itself."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Mapping

_METADATA = "metadata.json"
_MEMBERS = ("model.joblib", _METADATA, "code/inference.py")
_HINT = "take the model.tar.gz of a job that nrti train has run"


@dataclass(frozen=True)
class Metadata:
    """What an artifact says about itself.

    Attributes:
        length: how many values a sequence has.
        metrics: of the held-out rows: precision, recall, f1, average_precision.
    """

    length: int
    metrics: Mapping[str, float]


def member(archive: bytes, name: str, origin: str) -> bytes:
    """One file of a tar.gz.

    Raises:
        NrtiError: it is no tar.gz or does not hold the file.
    """
    return _members(archive, (name,), origin)[name]


def metadata(archive: bytes, origin: str) -> Metadata:
    """Checks that an artifact can be served, without loading the model.

    Raises:
        NrtiError: something is missing from it.
    """
    found = _members(archive, _MEMBERS, origin)
    try:
        content: dict[str, Any] = json.loads(found[_METADATA])
        metrics = {str(name): float(value) for name, value in content["metrics"].items()}
        return Metadata(int(content["length"]), metrics)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NrtiError(f"{origin}: its {_METADATA} is not nrti's ({error!r})", hint=_HINT) from error


def _members(archive: bytes, names: tuple[str, ...], origin: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        # Decompressed as a whole, since only then the checksum is looked at.
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive)), mode="r:") as tar:
            for item in tar:
                name = item.name.removeprefix("./")
                if name in names and (content := tar.extractfile(item)):
                    found[name] = content.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise NrtiError(f"{origin} is not a readable tar.gz: {error}", hint=_HINT) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise NrtiError(f"{origin} does not hold {missing[0]}", hint=_HINT)
    return found
