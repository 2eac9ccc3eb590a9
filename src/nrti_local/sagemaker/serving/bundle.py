"""A model on disk: the artifact and its script, extracted once and shared by its workers."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nrti_local.sagemaker import artifacts
from nrti_local.sagemaker.artifacts import TransferError
from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.serving import packages

_CONTAINER_ROOT = "/opt/ml/"
_PACKAGES = "packages"
#: The image whose models need no script; a module in `builtin` serves them.
_XGBOOST = "/sagemaker-xgboost:"
_BUILT_IN = Path(__file__).with_name("builtin")


@dataclass(frozen=True)
class Bundle:
    """An extracted model.

    Attributes:
        root: the directory in place of `/opt/ml`.
        container: the model's container definition.
    """

    root: Path
    container: dict[str, Any]

    @property
    def code(self) -> Path:
        """The directory of the script."""
        submitted = _submit_directory(self.container)
        if submitted is None:
            return _BUILT_IN
        return self.root / (
            "code" if submitted.startswith("s3://") else submitted.removeprefix(_CONTAINER_ROOT)
        )

    def environment(self) -> dict[str, str]:
        """Returns the worker's environment; the model's variables take precedence, except for paths."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "SAGEMAKER_PROGRAM": "xgboost_container.py",
            **self.container.get("Environment", {}),
            "OMP_NUM_THREADS": "1",  # for a single row threads cost more than they save
            "PYTHONPATH": str(self.root / _PACKAGES),
            "SAGEMAKER_BASE_DIR": str(self.root),
            "SAGEMAKER_SUBMIT_DIRECTORY": str(self.code),
            "SM_MODEL_DIR": str(self.root / "model"),
        }


def fetch(container: dict[str, Any], models: Path, clients: Clients) -> Bundle:
    """Downloads and extracts a model, unless this version is already extracted.

    Raises:
        TransferError: a download fails, or the container does not use script mode.
    """
    submitted = _submit_directory(container)
    url = _model_data(container)
    sources = [url] + ([submitted] if submitted and submitted.startswith("s3://") else [])
    identity = "\n".join(
        [submitted or "", *(f"{source} {artifacts.version(clients, source)}" for source in sources)]
    )
    root = models / hashlib.sha256(identity.encode()).hexdigest()[:24]
    if not root.is_dir():
        _extract(clients, sources, root, container.get("Environment", {}))
    packages.touch(root / _PACKAGES)
    return Bundle(root, container)


def _extract(clients: Clients, sources: list[str], root: Path, variables: dict[str, str]) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        draft = Path(temporary) / "ml"
        for source, name in zip(sources, ("model", "code"), strict=False):
            artifacts.fetch_tarball(clients, source, draft / name)
        code = draft / ("code" if len(sources) > 1 else "model/code")
        packages.provide(code, draft / _PACKAGES, root.parent.with_name("packages"), variables)
        try:
            draft.rename(root)
        except OSError:
            if not root.is_dir():  # else another task has extracted the same model
                raise


def prune(models: Path, used: Iterable[Path]) -> None:
    """Deletes extracted models that are not in service, and the least recently used packages."""
    kept = {path.name for path in used}
    for path in models.glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
    packages.prune(models.with_name("packages"), (path / _PACKAGES for path in models.glob("*")))


def _submit_directory(container: dict[str, Any]) -> str | None:
    """Returns the location of the script, or None if the image needs none."""
    environment = container.get("Environment", {})
    submitted = str(environment.get("SAGEMAKER_SUBMIT_DIRECTORY", ""))
    if not submitted and not environment.get("SAGEMAKER_PROGRAM") and _XGBOOST in container.get("Image", ""):
        return None
    known = submitted.startswith(("s3://", _CONTAINER_ROOT)) and ".." not in submitted
    if not known or not environment.get("SAGEMAKER_PROGRAM"):
        raise TransferError(
            "the local SageMaker serves script mode and AWS's XGBoost image only: the model's Environment "
            "must hold SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY"
        )
    return submitted


def _model_data(container: dict[str, Any]) -> str:
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    url = container.get("ModelDataUrl") or (
        source.get("S3Uri") if source.get("CompressionType") == "Gzip" else ""
    )
    if not url:
        raise TransferError("the local SageMaker serves models of one gzipped tarball only")
    return str(url)
