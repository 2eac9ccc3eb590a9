"""A job that names its container's entry point, as version 3 of the SageMaker SDK does for a script.

A container's places are absolute; here the job's own directory stands for `/opt/ml`, in the command and in
the drivers that the SDK sends along to run the script.
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
    """Whether a job is of this kind."""
    return bool(job["AlgorithmSpecification"].get("ContainerEntrypoint"))


def command(job: Document, workspace: Workspace) -> list[str]:
    """The words of the entry point and its arguments."""
    algorithm = job["AlgorithmSpecification"]
    words = [*algorithm["ContainerEntrypoint"], *algorithm.get("ContainerArguments", [])]
    return [_placed(word, workspace) for word in words]


def settle_drivers(workspace: Workspace) -> None:
    """Has the SDK's drivers find the job's places."""
    for path in (workspace.data / _DRIVERS).rglob("*"):
        if path.suffix in {".py", ".sh"}:
            path.write_text(_placed(path.read_text(), workspace))


def environment(job: Document, workspace: Workspace) -> dict[str, str]:
    """The command's environment: this Python comes first, and pip installs into the job's directory."""
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


def _placed(text: str, workspace: Workspace) -> str:
    return text.replace(_ROOT, str(workspace.root))
