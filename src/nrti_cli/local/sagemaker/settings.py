"""Where the local SageMaker keeps things and which account it pretends to be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ACCOUNT = "000000000000"
_DEFAULT_PORT = 4568


@dataclass(frozen=True)
class Settings:
    """The process's configuration.

    Attributes:
        state: the directory of everything that is kept.
        port: where it listens on 127.0.0.1.
        region: the region in its ARNs.
    """

    state: Path
    port: int
    region: str

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads what the embedded AWS gives its children."""
        address = urlsplit(os.environ.get("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", ""))
        return cls(
            state=Path(os.environ["NRTI_LOCAL_STATE"]) / "sagemaker",
            port=address.port or _DEFAULT_PORT,
            region=os.environ.get("AWS_REGION", "eu-central-2"),
        )

    def arn(self, resource: str, name: str, service: str = "sagemaker") -> str:
        """The ARN of a resource: `arn:aws:sagemaker:<region>:<account>:<resource>/<name>`."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}/{name}"

    @property
    def database(self) -> Path:
        """The file of everything that is remembered."""
        return self.state / "state.db"

    @property
    def jobs(self) -> Path:
        """The working directories of running training jobs."""
        return self.state / "jobs"

    @property
    def models(self) -> Path:
        """The extracted artifacts of the models that are served."""
        return self.state / "models"
