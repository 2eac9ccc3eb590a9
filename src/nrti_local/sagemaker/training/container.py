"""Jobs with a container entry point: version 3 of the SageMaker SDK starts scripts that way.

Paths in a container are absolute; here they are replaced by the job's directory, in the command and in the
drivers with which the SDK runs the script.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nrti_local.sagemaker.store import Document
from nrti_local.sagemaker.training.workspace import Workspace

_ROOT = "/opt/ml"
_DRIVERS = "sm_drivers"


def has_entry_point(job: Document) -> bool:
    """Returns whether a job has a container entry point."""
    return bool(job["AlgorithmSpecification"].get("ContainerEntrypoint"))


def command(job: Document, workspace: Workspace) -> list[str]:
    """Returns the entry point and its arguments."""
    algorithm = job["AlgorithmSpecification"]
    words = [*algorithm["ContainerEntrypoint"], *algorithm.get("ContainerArguments", [])]
    return [_relocated(word, workspace) for word in words]


def relocate_drivers(workspace: Workspace) -> None:
    """Replaces the paths in the SDK's drivers."""
    for path in (workspace.data / _DRIVERS).rglob("*"):
        if path.suffix in {".py", ".sh"}:
            path.write_text(_relocated(path.read_text(encoding="utf-8"), workspace), encoding="utf-8")


def environment(job: Document, workspace: Workspace) -> dict[str, str]:
    """Returns the environment: this Python comes first, and pip installs into the job's directory."""
    return {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_TARGET": str(workspace.packages),
        "PYTHONPATH": str(workspace.packages),
        "PYTHONUNBUFFERED": "1",
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        **job.get("Environment", {}),
    }


def _relocated(text: str, workspace: Workspace) -> str:
    return text.replace(_ROOT, str(workspace.root))
