"""Which version of a model an endpoint serves, and the signature of that version.

nrti names the production variant of a version by the time of its publication, `v20261122153654278`; it begins
with `s` if a signature was declared. SageMaker reports the variant in each response, so a response is never
read by the signature of another version, not even during an update of the endpoint.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from .signature import CSV, Signature

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sagemaker.client import SageMakerClient

_UNSUPPORTED_MEDIA_TYPE = 415
_PUBLICATION = re.compile(r"([vs])(\d{14})(\d{3})")
_RECOGNISED = Signature()
#: The request formats for models without a declared signature: if one fails, the next is tried. The last is
#: the scikit-learn container's own; as CSV it does not accept a single row.
_UNDECLARED = (_RECOGNISED, Signature(content_type=CSV, accept=CSV), Signature(content_template="$records"))


class SignatureMissing(Exception):  # noqa: N818 (the caller has it tried again)
    """The signature of a variant cannot be read at present."""


@dataclass(frozen=True)
class Version:
    """A version of a model.

    Attributes:
        variant: the production variant that serves it; empty if unknown.
        signature: the format of its requests and responses.
        updating: whether SageMaker is bringing another version into service.
    """

    variant: str
    signature: Signature
    updating: bool = False

    @property
    def name(self) -> str:
        """The version in predictions: the digits of the publication's time, or another tool's variant."""
        return self.variant[1:] if _PUBLICATION.fullmatch(self.variant) else self.variant


@cache
def published_at(version: str) -> int | None:
    """When a version was published, in epoch milliseconds; None if nrti did not publish it."""
    found = _PUBLICATION.fullmatch(f"v{version}")
    if not found:
        return None
    second = datetime.strptime(found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return int(second.timestamp()) * 1000 + int(found[3])


@dataclass
class Variants:
    """The versions that the endpoints of a stack serve.

    Attributes:
        sagemaker: creates a client of SageMaker's control plane.
        s3: creates a client of S3.
        bucket: has `signatures/<endpoint>/<version>.json`.
    """

    sagemaker: Callable[[], SageMakerClient]
    s3: Callable[[], S3Client]
    bucket: str
    _current: dict[str, Version] = field(default_factory=dict)
    _known: dict[tuple[str, str], Signature] = field(default_factory=dict)

    def assumed(self, endpoint: str) -> Version:
        """The version that responded last, if it is known."""
        return self._current.get(endpoint) or Version("", _RECOGNISED)

    def served(self, endpoint: str, variant: str, *, asked: Signature) -> Version:
        """The version that responded to a request of some format; it is assumed from now on.

        Raises:
            SignatureMissing: its signature cannot be read.
        """
        current = self._current.get(endpoint)
        if current is None or current.variant != variant or (endpoint, variant) not in self._known:
            signature = self._declared(endpoint, variant) or (asked if asked in _UNDECLARED else _RECOGNISED)
            self._known[endpoint, variant] = signature
            current = self._current[endpoint] = Version(variant, signature)
        return current

    def look_up(self, endpoint: str) -> Version | None:
        """The version that SageMaker reports to be in service; None if it reports none.

        Raises:
            SignatureMissing: its signature cannot be read.
        """
        try:
            described = self.sagemaker().describe_endpoint(EndpointName=endpoint)
        except (ClientError, BotoCoreError):
            return None
        if not described.get("ProductionVariants"):
            return None
        variant = described["ProductionVariants"][0]["VariantName"]
        signature = self._declared(endpoint, variant) or self._known.get((endpoint, variant), _RECOGNISED)
        self._current[endpoint] = Version(variant, signature)
        return Version(variant, signature, updating=described["EndpointStatus"] == "Updating")

    def other_form(self, endpoint: str, form: Signature, status: int) -> Signature | None:
        """The next format to try after a failure, if no signature is declared.

        If the format worked before, only `415 Unsupported Media Type` shows that it is the cause: another
        tool may have updated the endpoint without changing the name of the variant.
        """
        variant = self.assumed(endpoint).variant
        answered = (endpoint, variant) in self._known and status != _UNSUPPORTED_MEDIA_TYPE
        if answered or form not in _UNDECLARED or _PUBLICATION.fullmatch(variant):
            return None
        self._known.pop((endpoint, variant), None)
        return _UNDECLARED[(_UNDECLARED.index(form) + 1) % len(_UNDECLARED)]

    def _declared(self, endpoint: str, variant: str) -> Signature | None:
        """The declared signature of a variant, if there is one."""
        published = _PUBLICATION.fullmatch(variant)
        if not published or published[1] == "v":
            return None
        known = self._known.get((endpoint, variant))
        return known or self._read(f"signatures/{endpoint}/{variant[1:]}.json")

    def _read(self, key: str) -> Signature:
        try:
            document = self.s3().get_object(Bucket=self.bucket, Key=key)["Body"].read()
            return Signature.of(json.loads(document))
        except (ClientError, BotoCoreError, ValueError, TypeError) as error:
            raise SignatureMissing(f"s3://{self.bucket}/{key}: {error}") from error
