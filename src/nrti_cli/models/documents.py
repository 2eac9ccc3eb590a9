"""JSON documents of a model's versions in the artifacts bucket: `<kind>/<endpoint>/<version>.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from nrti_cli.aws.s3.objects import S3
from nrti_cli.errors import NrtiError
from nrti_cli.models.naming import base_name
from nrti_cli.stack.names import artifacts_bucket, endpoint_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target


class Documents:
    """The documents of one kind.

    Args:
        target: the AWS.
        model: the model's name, without the stack's.
    """

    kind: ClassVar[str]

    def __init__(self, target: Target, model: str) -> None:
        self._target = target
        self._model = model
        self._endpoint = endpoint_name(target.stack, model)

    @cached_property
    def _s3(self) -> S3:
        return S3(self._target)

    @cached_property
    def _bucket(self) -> str:
        return artifacts_bucket(self._target)

    def store(self, publication: str, document: Mapping[str, Any]) -> None:
        """Stores the document of a publication."""
        body = json.dumps(document, separators=(",", ":")).encode()
        self._s3.put(self._bucket, self._key(publication, self.kind), body)

    def stored(self, publication: str) -> dict[str, Any]:
        """The document of a publication; empty if it has none.

        Raises:
            NrtiError: it is not a document that nrti writes.
        """
        uri = f"s3://{self._bucket}/{self._key(publication, self.kind)}"
        try:
            document = json.loads(self._s3.get(uri))
        except NrtiError:
            return {}
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise NrtiError(f"{uri} is not a JSON object", hint="publish the model again")
        return document

    def publications(self) -> Iterator[str]:
        """The names of the publications that have a document, newest first."""
        base, prefix = base_name(self._target.stack, self._model), f"{self.kind}/{self._endpoint}/"
        for key in sorted(self._s3.keys(self._bucket, prefix), reverse=True):
            yield f"{base}-{key.removeprefix(prefix).removesuffix('.json')}"

    def _key(self, publication: str, kind: str) -> str:
        return f"{kind}/{self._endpoint}/{publication[-17:]}.json"

    def remove(self, *publications: str) -> None:
        """Deletes the documents of publications, of each kind; those without one are ignored."""
        if publications:
            keys = [self._key(publication, kind) for publication in publications for kind in KINDS]
            self._s3.delete(self._bucket, keys)


class Signatures(Documents):
    """What the endpoint takes and answers; see `signature`."""

    kind = "signatures"


class References(Documents):
    """The distributions to which later events are compared."""

    kind = "references"


#: A publication may have a document of each.
KINDS = (Signatures.kind, References.kind)
