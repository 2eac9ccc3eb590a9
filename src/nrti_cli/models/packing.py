"""Packs artifacts: a model file with a serving script, or an artifact with another script."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from nrti_cli.assets import REMOTE
from nrti_cli.errors import NrtiError
from nrti_cli.models.artifact import SCRIPT, files

if TYPE_CHECKING:
    from nrti_cli.models.artifact import Metadata

REQUIREMENTS, TRUSTED = "code/requirements.txt", "trusted.json"
#: Packages that the scikit-learn container needs to load a model, by the suffix of its file.
PACKAGES = {
    ".onnx": "onnxruntime==1.32.0",
    ".json": "xgboost-cpu==3.2.0",
    ".ubj": "xgboost-cpu==3.2.0",
    ".joblib": "",
    ".skops": "skops==0.16.0",
}
_KINDS = ", ".join(PACKAGES)
#: JSON files of an artifact that are not models.
_NO_MODELS = {"metadata.json", "signature.json", TRUSTED}


@dataclass(frozen=True)
class Added:
    """Files that the user adds to a model.

    Attributes:
        script: the content of an inference script, or None.
        requirements: of a requirements.txt, or None.
        trusted: the types that a skops model may contain, in addition to those that skops trusts.
    """

    script: bytes | None = None
    requirements: bytes | None = None
    trusted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Added()


def packed(place: str, model: bytes, added: Added) -> bytes:
    """The artifact of a model file.

    Raises:
        NrtiError: the suffix is not that of a supported format.
    """
    suffix = PurePath(place).suffix.lower()
    if suffix not in PACKAGES:
        raise NrtiError(
            f"{place} is not of a supported format: {_KINDS}",
            hint="rename it, or pack it yourself and pass --artifact with --script",
        )
    return tarball({f"model{suffix}": model, **_code(suffix, added)})


def repacked(archive: bytes, found: Metadata, added: Added, origin: str) -> bytes:
    """An artifact with added files, or with a serving script for its only model.

    Raises:
        NrtiError: it has neither a script nor a single model of a supported format.
    """
    members = unpacked(archive, origin)
    suffix = "" if added.script or found.handlers is not None else _kind(members, origin)
    code = _code(suffix, added) if suffix or added.script else {}
    if added.requirements is not None:
        code[REQUIREMENTS] = added.requirements
    return tarball({**members, **code})


def _kind(members: Mapping[str, bytes], origin: str) -> str:
    suffixes = [
        PurePath(name).suffix.lower() for name in members if "/" not in name and name not in _NO_MODELS
    ]
    models = [suffix for suffix in suffixes if suffix in PACKAGES]
    if len(models) != 1:
        raise NrtiError(
            f"{origin} has neither {SCRIPT} nor a single model of a supported format: {_KINDS}",
            hint="pass a script with --script",
        )
    return models[0]


def _code(suffix: str, added: Added) -> dict[str, bytes]:
    script = added.script or (REMOTE / "sagemaker" / "serve_model.py").read_bytes()
    needed = [] if added.script else [PACKAGES[suffix]]
    lines = [*filter(None, needed), (added.requirements or b"").decode().strip()]
    requirements = "".join(f"{line}\n" for line in lines if line)
    code = {SCRIPT: script}
    if requirements:
        code[REQUIREMENTS] = requirements.encode()
    if added.trusted:
        code[TRUSTED] = json.dumps(added.trusted).encode()
    return code


def unpacked(archive: bytes, origin: str) -> dict[str, bytes]:
    """The files of a tar.gz.

    Raises:
        NrtiError: it is not a tar.gz.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(archive)) as plain:
            return {name: content.read() for name, content in files(plain)}
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise NrtiError(f"{origin} is not a readable tar.gz: {error}", hint="name another") from error


def tarball(members: Mapping[str, bytes]) -> bytes:
    """A tar.gz; the same files always give the same bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in members.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            tar.addfile(item, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)
