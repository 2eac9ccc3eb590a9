"""Packages the code of the stack, under names that contain a hash of the content.

The same sources always give the same bytes, the same key and thus no change of the stack. A function is
deployed again only if its code has changed, and files that are in the bucket already are not uploaded again.
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
    from nrti_cli.aws.s3.objects import S3

#: The earliest time of a zip entry.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNWANTED = {"__pycache__"}


@dataclass(frozen=True)
class Artifact:
    """A file for the artifacts bucket.

    Attributes:
        parameter: the template's parameter for the key.
        key: contains the SHA-256 of the content.
        body: the content.
    """

    parameter: str
    key: str
    body: bytes


def artifacts() -> tuple[Artifact, ...]:
    """All files that the stack's template refers to."""
    functions, machines = ("inference", "transform", "labels", "alerts"), ("inference", "labels", "shadow")
    code = {name: archive(REMOTE / f"{name}_function") for name in functions}
    definitions = {name: asset(f"asl/{name}.asl.json").read_bytes() for name in machines}
    return (
        _artifact("InferenceCodeKey", "code", ".zip", code["inference"]),
        _artifact("TransformCodeKey", "code", ".zip", code["transform"]),
        _artifact("LabelsCodeKey", "code", ".zip", code["labels"]),
        _artifact("AlertsCodeKey", "code", ".zip", code["alerts"]),
        _artifact("StateMachineKey", "asl", ".json", definitions["inference"]),
        _artifact("LabelsStateMachineKey", "asl", ".json", definitions["labels"]),
        _artifact("ShadowStateMachineKey", "asl", ".json", definitions["shadow"]),
    )


def _artifact(parameter: str, prefix: str, suffix: str, body: bytes) -> Artifact:
    return Artifact(parameter, f"{prefix}/{hashlib.sha256(body).hexdigest()}{suffix}", body)


def archive(directory: Path) -> bytes:
    """A reproducible zip of a package: it depends only on the names and contents of its files."""
    files = [path for path in directory.rglob("*") if path.is_file() and not _UNWANTED & set(path.parts)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.relative_to(directory.parent).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on any platform; otherwise the permissions are ignored
            entry.external_attr = _READABLE
            zipped.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def upload(s3: S3, bucket: str, packaged: tuple[Artifact, ...]) -> list[str]:
    """Uploads the files that are not in the bucket; returns their keys."""

    def put(artifact: Artifact) -> str | None:
        if s3.object_exists(bucket, artifact.key):
            return None
        s3.put(bucket, artifact.key, artifact.body)
        return artifact.key

    with ThreadPoolExecutor() as threads:
        return [key for key in threads.map(put, packaged) if key]
