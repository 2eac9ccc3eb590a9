"""The artifact of a training, model.tar.gz: its required files, and its metadata."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError
from nrti_cli.models.handlers import Handlers
from nrti_cli.models.image import SCIKIT_LEARN

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA, SIGNATURE, SCRIPT = "metadata.json", "signature.json", "code/inference.py"
REFERENCE = "reference.json"
#: The files of nrti's own artifacts; when they are found, the rest of one in S3 is not read.
_OWN = frozenset({"model.joblib", METADATA, SCRIPT})
_READ = frozenset({METADATA, SIGNATURE, SCRIPT, REFERENCE})
_HINT = "use the model.tar.gz of a training job, or pack one as in docs/models.md"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Metadata:
    """The metadata of an artifact.

    Attributes:
        length: of a sequence; None if unknown.
        metrics: on the held-out rows: precision, recall, f1, average_precision.
        versions: of the software that made it: nrti, python, numpy, scikit-learn.
        signature: the declared format of requests and responses.
        intervals: the 95 % intervals of the metrics.
        split: how the held-out rows were chosen.
        data: its training data.
        lineage: the training job, rows, and SHA-256 of the data, and the query if it is from the lake.
        reference: the distributions of its training data and of its answers; empty if it has none.
        names: of its files.
        handlers: the serving functions of its script; None if there is no script.
        threshold: sequences with this probability or a higher one are failures; None if unknown.
    """

    length: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    signature: Mapping[str, Any] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    split: str = ""
    data: str = ""
    lineage: Mapping[str, Any] = field(default_factory=dict)
    reference: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    handlers: Handlers | None = None
    threshold: float | None = None


def member(archive: bytes, name: str, origin: str) -> bytes:
    """One file of a tar.gz.

    Raises:
        NrtiError: it is not a tar.gz, or does not contain the file.
    """
    found = _members(io.BytesIO(archive), frozenset({name}), origin, to_the_end=True)
    content = found.get(name)
    if content is None:
        raise NrtiError(f"{origin} does not contain {name}", hint=_HINT)
    return content


def metadata(archive: IO[bytes], origin: str, *, to_the_end: bool) -> Metadata:
    """Inspects an artifact, without loading the model.

    Args:
        archive: the tar.gz; one of nrti's own is read only up to the last of its known files.
        origin: of the artifact, for messages.
        to_the_end: reads all of it, to find out whether it is complete.

    Raises:
        NrtiError: it cannot be read, or its model cannot be loaded by the serving image.
    """
    found = _members(archive, _READ, origin, to_the_end=to_the_end)
    about, script = _document(found, METADATA, origin), found.get(SCRIPT)
    try:
        length, threshold = about.get("length"), about.get("threshold")
        read = Metadata(
            None if length is None else int(length),
            {str(name): float(value) for name, value in about.get("metrics", {}).items()},
            {str(name): str(value) for name, value in about.get("versions", {}).items()},
            dict(about.get("signature", {})) | _document(found, SIGNATURE, origin),
            {
                str(name): (float(low), float(high))
                for name, (low, high) in about.get("intervals", {}).items()
            },
            str(about.get("split", {}).get("by", "")),
            str(about.get("data", "")),
            dict(about.get("lineage", {})),
            _document(found, REFERENCE, origin),
            frozenset(found),
            None if script is None else Handlers.of(script, f"{origin}: {SCRIPT}"),
            None if threshold is None else float(threshold),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(f"{origin}: its {METADATA} is not valid ({error!r})", hint=_HINT) from error
    if read.names >= _OWN and length is not None:
        _refuse_incompatible(read.versions, origin)
    return read


def _document(found: Mapping[str, bytes | None], name: str, origin: str) -> dict[str, Any]:
    """A JSON object of the archive; empty if it does not exist."""
    if (content := found.get(name)) is None:
        return {}
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise NrtiError(f"{origin}: its {name} is not a JSON object", hint=_HINT)
    return document


def _refuse_incompatible(versions: Mapping[str, str], origin: str) -> None:
    """Refuses a pickled model of another scikit-learn, in which it may fail to load."""
    made = versions.get("scikit-learn", "")
    if made.split(".")[:2] == SCIKIT_LEARN.split("."):
        return
    by = f"scikit-learn {made}" if made else "an unknown version of scikit-learn"
    raise NrtiError(
        f"{origin} was trained with {by} (nrti {versions.get('nrti') or 'unknown'}), "
        f"but endpoints load it with {SCIKIT_LEARN}, which accepts only models of {SCIKIT_LEARN}",
        hint="train it again with nrti train",
    )


def _members(
    archive: IO[bytes], read: frozenset[str], origin: str, *, to_the_end: bool
) -> dict[str, bytes | None]:
    """The files of an archive, with the content of some; models are not read, since they may be large."""
    found: dict[str, bytes | None] = {}
    try:
        with gzip.GzipFile(fileobj=archive, mode="rb") as unpacked:
            for name, content in files(unpacked):
                found[name] = content.read() if name in read else None
                if not to_the_end and _has_all(found):
                    break
            while to_the_end and unpacked.read(_CHUNK_BYTES):
                pass
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise NrtiError(f"{origin} is not a readable tar.gz: {error}", hint=_HINT) from error
    return found


def _has_all(found: Mapping[str, bytes | None]) -> bool:
    """Whether all files of an artifact of nrti were found, and the one that its metadata name."""
    return found.keys() >= _OWN and (REFERENCE in found or REFERENCE.encode() not in (found[METADATA] or b""))


def files(unpacked: gzip.GzipFile) -> Iterator[tuple[str, IO[bytes]]]:
    """The files of a tar in order; each can be read until the next is requested."""
    with tarfile.open(fileobj=unpacked, mode="r|") as tar:
        for item in tar:
            if content := tar.extractfile(item):
                yield item.name.removeprefix("./"), content
