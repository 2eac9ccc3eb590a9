"""The SageMaker process's settings: its directories, its account and its region."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from nrti_local.sagemaker.clients import Clients

#: The account of every access key that is not the id of an account.
HOME_ACCOUNT = "000000000000"
_DEFAULT_PORT = 4568


@dataclass(frozen=True)
class Settings:
    """The settings for one account in one region.

    Attributes:
        state: the directory for all files.
        port: the TCP port on 127.0.0.1.
        region: the region in its ARNs.
        account: the account in its ARNs.
    """

    state: Path
    port: int
    region: str
    account: str = HOME_ACCOUNT

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the environment that the embedded AWS sets for its children."""
        address = urlsplit(os.environ.get("NRTI_LOCAL_SAGEMAKER", ""))
        return cls(
            state=Path(os.environ["NRTI_LOCAL_STATE"]) / "sagemaker",
            port=address.port or _DEFAULT_PORT,
            region=os.environ.get("AWS_REGION", "eu-central-2"),
        )

    def arn(self, resource: str, name: str, service: str = "sagemaker") -> str:
        """Returns the ARN of a resource: `arn:aws:sagemaker:<region>:<account>:<resource>/<name>`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}/{name}"

    def of(self, account: str, region: str) -> Settings:
        """Returns the settings of another account or region, with directories of its own."""
        if (account, region) == (self.account, self.region):
            return self
        return replace(self, state=self.state / "accounts" / account / region, account=account, region=region)

    def known(self) -> list[Settings]:
        """Returns these settings, and those of all other accounts and regions that were used."""
        others = sorted((self.state / "accounts").glob("*/*"))
        return [self, *(self.of(path.parent.name, path.name) for path in others)]

    @property
    def clients(self) -> Clients:
        """The clients of other services, in the same account and region."""
        return Clients(self.account, self.region)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.state / "state.db"

    @property
    def jobs(self) -> Path:
        """The working directories of running training jobs."""
        return self.state / "jobs"

    @property
    def transforms(self) -> Path:
        """The working directories of running transform jobs."""
        return self.state / "transforms"

    @property
    def models(self) -> Path:
        """The extracted artifacts of models in service."""
        return self.state / "models"
