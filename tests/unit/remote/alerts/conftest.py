"""What the alert function sees of AWS: an S3 in memory that honours conditions, and stubbed clients."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from nrti_cli.remote.alerts_function.rules import STATE_KEY, Rule
from nrti_cli.remote.alerts_function.store import Store
from nrti_cli.remote.alerts_function.table import time_key

#: 2026-11-22 12:30:00 UTC.
NOW = 1_795_350_600_000
MINUTE = 60_000


@dataclass
class MemoryS3:
    """Objects with ETags; `meanwhile` is what another writer does before the next write."""

    objects: dict[str, bytes] = field(default_factory=dict)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    writes: int = 0

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 (boto3's)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": f"{Bucket}/{Key}"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key]), "ETag": self._etag(Key)}

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        IfMatch: str = "",  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
    ) -> None:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if (IfNoneMatch and Key in self.objects) or (IfMatch and IfMatch != self._etag(Key)):
            raise ClientError(
                {"Error": {"Code": "PreconditionFailed", "Message": f"{Bucket}/{Key}"}}, "PutObject"
            )
        self.objects[Key] = Body
        self.writes += 1

    def _etag(self, key: str) -> str:
        return hashlib.sha256(self.objects.get(key, b"")).hexdigest()

    @property
    def state(self) -> dict[str, Any]:
        """The state as it was written last."""
        document: dict[str, Any] = json.loads(self.objects[STATE_KEY])
        return document

    @state.setter
    def state(self, document: dict[str, Any]) -> None:
        self.objects[STATE_KEY] = json.dumps(document).encode()


@pytest.fixture
def s3() -> MemoryS3:
    return MemoryS3()


@pytest.fixture
def store(s3: MemoryS3) -> Store:
    return Store(s3, "artifacts")


def rule(kind: str, **more: Any) -> Rule:
    """A rule that was added an hour ago."""
    return Rule(**{"id": f"{kind}-1", "kind": kind, "added_at": NOW - 60 * MINUTE, **more})


def stored(at: int, prediction: int = 0, number: int = 0, **more: Any) -> dict[str, Any]:
    """An item of the table, of the event at this time."""
    key = f"{time_key(at)}#e{number}#m"
    return {
        "event_key": {"S": key},
        "model": {"S": "m"},
        "prediction": {"N": f"{prediction}"},
        "predicted_at": {"N": f"{at}"},
        **more,
    }


ClientOf = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes a client whose answers are stubbed; all that was recorded must be called."""
    stubbers = []

    def of(service: str) -> tuple[Any, Stubber]:
        client = boto3.client(  # type: ignore[call-overload]
            service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        stubber = Stubber(client)
        stubber.activate()
        stubbers.append(stubber)
        return client, stubber

    yield of
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
