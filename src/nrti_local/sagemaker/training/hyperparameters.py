"""Hyperparameters: decoded from strings, and passed to the script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.store import Document

_FRAMEWORK = "sagemaker_"
_SCRIPT_MODE = frozenset(
    f"{_FRAMEWORK}{name}"
    for name in (
        "program",
        "submit_directory",
        "enable_cloudwatch_metrics",
        "region",
        "container_log_level",
        "job_name",
        "s3_output",
    )
)


@dataclass(frozen=True)
class Hyperparameters:
    """Decoded hyperparameters.

    Attributes:
        script: those of the script.
        framework: those of script mode, whose names begin with `sagemaker_`.
    """

    script: dict[str, Any]
    framework: dict[str, Any]

    @classmethod
    def of(cls, job: Document) -> Hyperparameters:
        """Returns the hyperparameters of a training job."""
        decoded = {name: _decode(value) for name, value in job.get("HyperParameters", {}).items()}
        return cls(
            script={name: value for name, value in decoded.items() if not name.startswith(_FRAMEWORK)},
            framework={name: value for name, value in decoded.items() if name.startswith(_FRAMEWORK)},
        )

    @property
    def program(self) -> str:
        """The script's file name in the code directory; empty if the job does not use script mode."""
        return str(self.framework.get("sagemaker_program", ""))

    @property
    def submit_directory(self) -> str:
        """The S3 address of the code's tarball."""
        return str(self.framework.get("sagemaker_submit_directory", ""))

    def additional(self) -> dict[str, Any]:
        """Returns the framework's hyperparameters that script mode does not use."""
        return {name: value for name, value in self.framework.items() if name not in _SCRIPT_MODE}

    def arguments(self) -> list[str]:
        """Returns the script's arguments, `--rate 0.1` or `-n 5`, sorted by name."""
        words: list[str] = []
        for name in sorted(self.script):
            words += [f"--{name}" if len(name) > 1 else f"-{name}", _word(self.script[name])]
        return words


def _decode(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ",".join(f"{key}={item}" for key, item in sorted(value.items()))
    return str(value)
