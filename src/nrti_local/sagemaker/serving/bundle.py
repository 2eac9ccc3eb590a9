"""A model on disk: the artifact and its script, extracted once and shared by the workers that serve it."""

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
#: Serves models without a script, by the module of that name here.
_XGBOOST = "/sagemaker-xgboost:"
_BUILT_IN = Path(__file__).with_name("builtin")


@dataclass(frozen=True)
class Bundle:
    """An extracted model.

    Attributes:
        root: stands for `/opt/ml`.
        container: the model's container definition.
    """

    root: Path
    container: dict[str, Any]

    @property
    def code(self) -> Path:
        """Where the script is."""
        submitted = _submit_directory(self.container)
        if submitted is None:
            return _BUILT_IN
        return self.root / (
            "code" if submitted.startswith("s3://") else submitted.removeprefix(_CONTAINER_ROOT)
        )

    def environment(self) -> dict[str, str]:
        """The worker's variables; the model's own win, except for places that differ from a container's."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "SAGEMAKER_PROGRAM": "xgboost_container.py",
            **self.container.get("Environment", {}),
            "OMP_NUM_THREADS": "1",  # on one row, threads only get in each other's way
            "PYTHONPATH": str(self.root / _PACKAGES),
            "SAGEMAKER_BASE_DIR": str(self.root),
            "SAGEMAKER_SUBMIT_DIRECTORY": str(self.code),
            "SM_MODEL_DIR": str(self.root / "model"),
        }


def fetch(container: dict[str, Any], models: Path, clients: Clients) -> Bundle:
    """Downloads and extracts a model, unless the same version of it is there already.

    Raises:
        TransferError: something cannot be had, or the container is not one of script mode.
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
            if not root.is_dir():  # else somebody else was faster with the same model
                raise


def prune(models: Path, used: Iterable[Path]) -> None:
    """Deletes the extracted models that nobody serves, and packages that were not used for longest."""
    kept = {path.name for path in used}
    for path in models.glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
    packages.prune(models.with_name("packages"), (path / _PACKAGES for path in models.glob("*")))


def _submit_directory(container: dict[str, Any]) -> str | None:
    """Where the script is; None if the image serves without one."""
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
