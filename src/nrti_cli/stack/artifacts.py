"""The artifacts bucket: code, templates, data sets and model artifacts; it is created before the stack."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.s3.objects import S3
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.stack.package import Artifact, upload

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


class ArtifactsBucket:
    """The artifacts bucket of a pipeline.

    Args:
        target: of the pipeline; the dashboard, a stack of its own, uses the bucket of its pipeline.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._s3, self._buckets = S3(target), Buckets(target)

    @cached_property
    def name(self) -> str:
        """Its name."""
        return artifacts_bucket(self._target)

    def exists(self) -> bool:
        """Whether it exists."""
        return self._buckets.exists(self.name)

    def create(self) -> None:
        """Creates it; call `protect` before use."""
        self._buckets.create(self.name)

    def protect(self) -> None:
        """Makes it private, encrypted and accessible over TLS only, and tags it."""
        self._buckets.protect(self.name, {"nrti:stack": self._target.stack})

    def upload(self, packaged: tuple[Artifact, ...]) -> None:
        """Uploads the files that are not in it."""
        upload(self._s3, self.name, packaged)

    @contextmanager
    def staged(self, template: str) -> Iterator[str]:
        """Uploads a template unless it is in the bucket; yields the URL by which CloudFormation reads it.

        A request takes templates of at most 51,200 bytes; from S3, CloudFormation reads up to 1 MB. If the
        bucket does not exist, it is created, and deleted again at the end.
        """
        key = f"templates/{hashlib.sha256(template.encode()).hexdigest()}.json"
        temporary = False
        try:
            if not self._s3.object_exists(self.name, key):
                temporary = not self.exists()
                if temporary:
                    self.create()
                    self.protect()
                self._s3.put(self.name, key, template.encode())
            yield self._target.object_url(self.name, key)
        finally:
            if temporary:
                self._buckets.delete(self.name)
