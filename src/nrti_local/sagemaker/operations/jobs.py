"""The operations that both kinds of jobs have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.jobs import Jobs
from nrti_local.sagemaker.operations.resources import Request, Resource
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.store import Document
from nrti_local.server.shared.errors import ServiceError


@dataclass(frozen=True)
class JobResource(Resource):
    """A kind of job.

    Attributes:
        jobs: returns the jobs of this kind in a service.
        taken: AWS's message for a name that is taken; `{arn}` is the other job's.
        unknown: AWS's message for an unknown `{name}`.
    """

    jobs: Callable[[Service], Jobs]
    taken: str
    unknown: str

    def check_name(self, service: Service, request: Request) -> None:
        """Checks that the name of a new job is free.

        Raises:
            ServiceError: it is taken.
        """
        name = self.name(request)
        if service.store.get(self.kind, name):
            raise ServiceError("ResourceInUse", self.taken.format(arn=self.arn(service, name)))

    def describe(self, service: Service, request: Request) -> Document:
        """The Describe operation."""
        document = service.store.get(self.kind, self.name(request))
        if document is None:
            raise invalid(self.unknown.format(name=self.name(request)))
        return document

    def stop(self, service: Service, request: Request) -> dict[str, Any]:
        """The Stop operation; does nothing for a job that is being stopped."""
        status = self.describe(service, request)[f"{self.member}Status"]
        if status == "InProgress":
            self.jobs(service).stop(self.name(request))
        elif status != "Stopping":
            raise invalid(f"The request was rejected because the {self.title} is in status {status}.")
        return {}
