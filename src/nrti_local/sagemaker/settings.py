"""Where the local SageMaker keeps things, and for which account and region."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from nrti_local.sagemaker.clients import Clients

#: The account of every key that is not the id of an account itself.
HOME_ACCOUNT = "000000000000"
_DEFAULT_PORT = 4568


@dataclass(frozen=True)
class Settings:
    """The process's configuration.

    Attributes:
        state: the directory of everything that is kept.
        port: where it listens on 127.0.0.1.
        region: the region in its ARNs.
        account: the account in its ARNs.
    """

    state: Path
    port: int
    region: str
    account: str = HOME_ACCOUNT

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads what the embedded AWS gives its children."""
        address = urlsplit(os.environ.get("NRTI_LOCAL_SAGEMAKER", ""))
        return cls(
            state=Path(os.environ["NRTI_LOCAL_STATE"]) / "sagemaker",
            port=address.port or _DEFAULT_PORT,
            region=os.environ.get("AWS_REGION", "eu-central-2"),
        )

    def arn(self, resource: str, name: str, service: str = "sagemaker") -> str:
        """The ARN of a resource: `arn:aws:sagemaker:<region>:<account>:<resource>/<name>`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}/{name}"

    def of(self, account: str, region: str) -> Settings:
        """The settings of another account or region, which share nothing with these but the process."""
        if (account, region) == (self.account, self.region):
            return self
        return replace(self, state=self.state / "accounts" / account / region, account=account, region=region)

    def known(self) -> list[Settings]:
        """These settings, and those of the accounts and regions that have been used besides."""
        others = sorted((self.state / "accounts").glob("*/*"))
        return [self, *(self.of(path.parent.name, path.name) for path in others)]

    @property
    def clients(self) -> Clients:
        """The other services of the same account and region."""
        return Clients(self.account, self.region)

    @property
    def database(self) -> Path:
        """The file of everything that is remembered."""
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
        """The extracted artifacts of the models that are served."""
        return self.state / "models"
