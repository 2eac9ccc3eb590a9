"""How to publish a model: the size of its endpoint, and how many publications to keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import Serverless

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker.endpoints import EndpointConfig

#: The default resources: memory, and a low concurrency, since an account may be limited to 10 in all.
_SERVERLESS = Serverless(memory=2048, concurrency=5)


@dataclass(frozen=True)
class PublishSettings:
    """How to publish a model.

    Attributes:
        memory: of the serverless endpoint, in MB; None keeps it.
        concurrency: maximum concurrent requests; None keeps it.
        keep: number of publications to keep for a rollback, including the new one.
        adopt: update the endpoint even if nrti did not publish what it serves.
    """

    memory: int | None = None
    concurrency: int | None = None
    keep: int = 5
    adopt: bool = False

    def serverless(self, former: EndpointConfig | None) -> Serverless:
        """The endpoint's new resources, based on the former ones."""
        wanted = {"memory": self.memory, "concurrency": self.concurrency}
        base = former.serverless if former and former.serverless else _SERVERLESS
        return replace(base, **{name: value for name, value in wanted.items() if value})
