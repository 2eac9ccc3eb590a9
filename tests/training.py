"""Trainings as SageMaker runs them, but in this process: another takes a second to load scikit-learn."""

from __future__ import annotations

import io
import runpy
import sys
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nrti_cli.assets import REMOTE
from nrti_cli.models.training.dataset import demo

SCRIPT = REMOTE / "sagemaker" / "train.py"


def prepare(base: Path, channel: bytes | None) -> dict[str, str]:
    """Lays out a job in `base`, its channel one parquet file; returns what its environment says."""
    (base / "data").mkdir(parents=True)
    (base / "output").mkdir()
    if channel is not None:
        (base / "data" / "train.parquet").write_bytes(channel)
    return {
        "SM_CHANNEL_TRAIN": str(base / "data"),
        "SM_MODEL_DIR": str(base / "model"),
        "SM_OUTPUT_DATA_DIR": str(base / "output" / "data"),
    }


def run_here(base: Path, channel: bytes | None, *options: str) -> str | int | None:
    """Trains on the content of a parquet file, in `base`; returns what the script exits with."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in prepare(base, channel).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", [str(SCRIPT), "--budget", "0", *options])
        patch.syspath_prepend(SCRIPT.parent)
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as exited:
            return exited.code
    return None


@cache
def artifact() -> bytes:
    """The model.tar.gz of a model of the demo's rule."""
    packed = io.BytesIO()
    with TemporaryDirectory() as base, tarfile.open(fileobj=packed, mode="w:gz") as archive:
        failure = run_here(Path(base) / "job", demo(2_000, 1).parquet())
        assert not failure, failure
        archive.add(Path(base) / "job" / "model", ".")
    return packed.getvalue()
