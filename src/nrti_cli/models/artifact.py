"""The artifact of a training, model.tar.gz: what it must hold, and what it says about itself."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError
from nrti_cli.models.image import SCIKIT_LEARN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_METADATA = "metadata.json"
_MEMBERS = ("model.joblib", _METADATA, "code/inference.py")
_HINT = "take the model.tar.gz of a job that nrti train has run"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Metadata:
    """What an artifact says about itself.

    Attributes:
        length: how many values a sequence has.
        threshold: the probability from which on a sequence is called a failure.
        metrics: of the held-out rows: precision, recall, f1, average_precision.
        versions: what it was made with: nrti, python, numpy, scikit-learn.
        signature: what it declares; of nrti's own its `inputs`.
    """

    length: int
    threshold: float
    metrics: Mapping[str, float]
    versions: Mapping[str, str]
    signature: Mapping[str, Any] = field(default_factory=dict)


def member(archive: bytes, name: str, origin: str) -> bytes:
    """One file of a tar.gz.

    Raises:
        NrtiError: it is no tar.gz or does not hold the file.
    """
    return _members(io.BytesIO(archive), (name,), origin, to_the_end=True)[name]


def metadata(archive: IO[bytes], origin: str, *, to_the_end: bool) -> Metadata:
    """Checks that an artifact can be served, without loading the model.

    Args:
        archive: the tar.gz; read no further than to the last of the files that must be there.
        origin: where it comes from, for messages.
        to_the_end: read all of it, as only its end shows whether it is whole.

    Raises:
        NrtiError: something is missing from it, or its model cannot be loaded where it would be served.
    """
    found = _members(archive, _MEMBERS, origin, to_the_end=to_the_end)
    try:
        content: dict[str, Any] = json.loads(found[_METADATA])
        read = Metadata(
            int(content["length"]),
            float(content["threshold"]),
            {str(name): float(value) for name, value in content["metrics"].items()},
            {str(name): str(value) for name, value in content["versions"].items()},
            dict(content.get("signature", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NrtiError(f"{origin}: its {_METADATA} is not nrti's ({error!r})", hint=_HINT) from error
    _refuse_incompatible(read.versions, origin)
    return read


def _refuse_incompatible(versions: Mapping[str, str], origin: str) -> None:
    """A pickled model is only promised to load in the scikit-learn that made it, and can fail in others."""
    made = versions.get("scikit-learn", "")
    if made.split(".")[:2] == SCIKIT_LEARN.split("."):
        return
    by = f"scikit-learn {made}" if made else "an unknown version of scikit-learn"
    raise NrtiError(
        f"{origin} was trained with {by} (nrti {versions.get('nrti') or 'unknown'}), "
        f"but endpoints load it with {SCIKIT_LEARN}, which takes models of {SCIKIT_LEARN} alone",
        hint="train it again with nrti train",
    )


def _members(
    archive: IO[bytes], names: tuple[str, ...], origin: str, *, to_the_end: bool
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with gzip.GzipFile(fileobj=archive, mode="rb") as unpacked:
            for name, content in _files(unpacked):
                if name in names:
                    # The model itself is only looked for: it may be large.
                    found[name] = b"" if name.endswith(".joblib") else content.read()
                if len(found) == len(names) and not to_the_end:
                    break
            while to_the_end and unpacked.read(_CHUNK_BYTES):
                pass
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise NrtiError(f"{origin} is not a readable tar.gz: {error}", hint=_HINT) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise NrtiError(f"{origin} does not hold {missing[0]}", hint=_HINT)
    return found


def _files(unpacked: gzip.GzipFile) -> Iterator[tuple[str, IO[bytes]]]:
    """The files of a tar in their order; each can be read until the next is asked for."""
    with tarfile.open(fileobj=unpacked, mode="r|") as tar:
        for item in tar:
            if content := tar.extractfile(item):
                yield item.name.removeprefix("./"), content
