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

from nrti_cli.local.sagemaker import artifacts
from nrti_cli.local.sagemaker.artifacts import TransferError
from nrti_cli.local.sagemaker.clients import Clients

_CONTAINER_ROOT = "/opt/ml/"


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
        return self.root / (
            "code" if submitted.startswith("s3://") else submitted.removeprefix(_CONTAINER_ROOT)
        )

    def environment(self) -> dict[str, str]:
        """The worker's variables; the model's own win, except for places that differ from a container's."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            **self.container.get("Environment", {}),
            "OMP_NUM_THREADS": "1",  # on one row, threads only get in each other's way
            "PYTHONPATH": str(self.root / "packages"),
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
    sources = [url] + ([submitted] if submitted.startswith("s3://") else [])
    identity = "\n".join(
        [submitted, *(f"{source} {artifacts.version(clients, source)}" for source in sources)]
    )
    root = models / hashlib.sha256(identity.encode()).hexdigest()[:24]
    if not root.is_dir():
        _extract(clients, sources, root, container.get("Environment", {}))
    return Bundle(root, container)


def _extract(clients: Clients, sources: list[str], root: Path, variables: dict[str, str]) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        draft = Path(temporary) / "ml"
        for source, name in zip(sources, ("model", "code"), strict=False):
            artifacts.fetch_tarball(clients, source, draft / name)
        code = draft / ("code" if len(sources) > 1 else "model/code")
        artifacts.install_requirements(code, draft / "packages", variables)
        try:
            draft.rename(root)
        except OSError:
            if not root.is_dir():  # else somebody else was faster with the same model
                raise


def prune(models: Path, used: Iterable[Path]) -> None:
    """Deletes the extracted models that nobody serves."""
    kept = {path.name for path in used}
    for path in models.glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _submit_directory(container: dict[str, Any]) -> str:
    environment = container.get("Environment", {})
    submitted = str(environment.get("SAGEMAKER_SUBMIT_DIRECTORY", ""))
    known = submitted.startswith(("s3://", _CONTAINER_ROOT)) and ".." not in submitted
    if not known or not environment.get("SAGEMAKER_PROGRAM"):
        raise TransferError(
            "the local SageMaker serves script mode only: the model's Environment must hold "
            "SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY"
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
