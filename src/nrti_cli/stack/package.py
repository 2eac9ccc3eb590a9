"""Packages what the stack is made of, under names that follow from the content.

The same sources always give the same bytes, hence the same key, hence no change in the stack: a function is
only deployed again when its code has changed, and what is in the bucket already is not uploaded again.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nrti_cli.assets import REMOTE, asset

if TYPE_CHECKING:
    from nrti_cli.aws.s3 import S3

#: The earliest time that a zip entry can bear.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNWANTED = {"__pycache__"}


@dataclass(frozen=True)
class Artifact:
    """A file for the artifacts bucket.

    Attributes:
        parameter: the template's parameter that takes the key.
        key: where in the bucket, with the content's SHA-256 in its name.
        body: the content.
    """

    parameter: str
    key: str
    body: bytes


def artifacts() -> tuple[Artifact, ...]:
    """All files that the stack's template refers to."""
    inference, transform = archive(REMOTE / "inference_function"), archive(REMOTE / "transform_function")
    workflow = asset("asl/inference.asl.json").read_bytes()
    return (
        _artifact("InferenceCodeKey", "code", ".zip", inference),
        _artifact("TransformCodeKey", "code", ".zip", transform),
        _artifact("StateMachineKey", "asl", ".json", workflow),
    )


def _artifact(parameter: str, prefix: str, suffix: str, body: bytes) -> Artifact:
    return Artifact(parameter, f"{prefix}/{hashlib.sha256(body).hexdigest()}{suffix}", body)


def archive(directory: Path) -> bytes:
    """A zip of a package that depends on nothing but its files' names and contents."""
    files = [path for path in directory.rglob("*") if path.is_file() and not _UNWANTED & set(path.parts)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.relative_to(directory.parent).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever this runs; only then the permissions count
            entry.external_attr = _READABLE
            zipped.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def upload(s3: S3, bucket: str, packaged: tuple[Artifact, ...]) -> list[str]:
    """Uploads what the bucket lacks and returns the keys of that."""

    def put(artifact: Artifact) -> str | None:
        if s3.object_exists(bucket, artifact.key):
            return None
        s3.put(bucket, artifact.key, artifact.body)
        return artifact.key

    with ThreadPoolExecutor() as threads:
        return [key for key in threads.map(put, packaged) if key]
