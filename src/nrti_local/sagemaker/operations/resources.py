"""The operations that every kind of resource has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.clock import now
from nrti_local.sagemaker.errors import duplicate, missing
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.store import Document

Request = dict[str, Any]
Handler = Callable[[Service, Request], dict[str, Any]]


@dataclass(frozen=True)
class Resource:
    """A kind of resource.

    Attributes:
        kind: the kind in ARNs and in the store.
        title: the name of the kind in AWS's messages.
        member: the prefix of its members: `Endpoint` of `EndpointName` and `EndpointArn`.
        listing: the List operation of the kind.
    """

    kind: str
    title: str
    member: str
    listing: Listing

    def name(self, request: Request) -> str:
        """Returns the name in a request or document."""
        return str(request[f"{self.member}Name"])

    def arn(self, service: Service, name: str) -> str:
        """Returns the ARN of a resource."""
        return service.settings.arn(self.kind, name)

    def find(self, service: Service, request: Request) -> Document:
        """Returns the document of the resource that a request names.

        Raises:
            ServiceError: it does not exist.
        """
        name = self.name(request)
        document = service.store.get(self.kind, name)
        if document is None:
            raise missing(self.title, self.arn(service, name))
        return document

    def draft(self, service: Service, request: Request) -> Document:
        """Returns the document of a new resource, and stores its tags.

        Raises:
            ServiceError: the name is taken.
        """
        name = self.name(request)
        arn = self.arn(service, name)
        if service.store.get(self.kind, name):
            raise duplicate(self.title, arn)
        service.store.tag(arn, {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])})
        return {**request, f"{self.member}Arn": arn, "CreationTime": now()}

    def create(self, service: Service, request: Request) -> dict[str, Any]:
        """The Create operation of a resource that needs no preparation."""
        document = self.draft(service, request)
        service.store.put(self.kind, self.name(request), document)
        return document

    def delete(self, service: Service, request: Request) -> dict[str, Any]:
        """The Delete operation of a resource that needs no cleanup."""
        arn = self.find(service, request)[f"{self.member}Arn"]
        service.store.delete(self.kind, self.name(request))
        service.store.untag(arn, list(service.store.tags(arn)))
        return {}

    def list(self, service: Service, request: Request) -> dict[str, Any]:
        """The List operation."""
        return self.listing.page(service.store.all(self.kind), request)
