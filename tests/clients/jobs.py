"""What the judges' training jobs have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nrti_cli.models.training.job import source_archive
from nrti_local.sagemaker.artifacts import extract
from tests.local.sagemaker_support import SageMaker, unique


def channel_of(sagemaker: SageMaker, file: str, content: bytes) -> dict[str, Any]:
    """The channel `train` with one file."""
    prefix = unique("data")
    sagemaker.put(f"{prefix}/{file}", content)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{sagemaker.bucket}/{prefix}/"}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}}


def own_job(sagemaker: SageMaker, parquet: bytes) -> dict[str, Any]:
    """The members of a job of nrti's own train.py on some data."""
    code = sagemaker.put(f"{unique('code')}/sourcedir.tar.gz", source_archive())
    return {
        "hyperparameters": {"sagemaker_submit_directory": code, "seed": "3"},
        "InputDataConfig": [channel_of(sagemaker, "train.parquet", parquet)],
    }


def extracted(sagemaker: SageMaker, job: Any, directory: Path) -> Path:
    """The model of a job that has completed, in a directory."""
    directory.mkdir(exist_ok=True)
    archive = directory / "model.tar.gz"
    archive.write_bytes(sagemaker.get(job["ModelArtifacts"]["S3ModelArtifacts"]))
    extract(archive, directory)
    archive.unlink()
    return directory
