"""The rules and the state of their evaluation, in S3.

A write of the state succeeds only if there was no other since it was read: of two evaluations at the same
time, one counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from .rules import RULES_KEY, STATE_KEY, Rule, rule_of

State = dict[str, Any]
T = TypeVar("T")
_MISSING = {"NoSuchKey", "404"}
_CONFLICT = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"}
#: Attempts of a change while other evaluations write.
_ATTEMPTS = 10


class ConflictError(Exception):
    """The state has changed since it was read."""


class Store:
    """The two objects in the artifacts bucket.

    Args:
        client: of S3.
        bucket: its name.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def rules(self) -> list[Rule]:
        """All rules, in the order in which they were added."""
        document, _ = self._read(RULES_KEY)
        return [rule_of(each) for each in document.get("rules", [])]

    def state(self) -> tuple[State, str]:
        """The state, and its ETag; both are empty before the first evaluation."""
        return self._read(STATE_KEY)

    def put(self, state: State, etag: str) -> None:
        """Writes the state.

        Args:
            state: to be written.
            etag: of the state that it replaces.

        Raises:
            ConflictError: another evaluation has written meanwhile.
        """
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        body = json.dumps(state, separators=(",", ":")).encode()
        try:
            self._client.put_object(Bucket=self._bucket, Key=STATE_KEY, Body=body, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _CONFLICT:
                raise ConflictError from error
            raise

    def change(self, how: Callable[[State], T]) -> T:
        """Changes the state, again if another evaluation was faster.

        Args:
            how: changes the state in place; it may be called several times.

        Raises:
            ConflictError: others were faster each time.
        """
        for attempt in range(_ATTEMPTS):
            state, etag = self.state()
            before = deepcopy(state)
            result = how(state)
            if state == before:
                break
            try:
                self.put(state, etag)
            except ConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            break
        return result

    def _read(self, key: str) -> tuple[dict[str, Any], str]:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return {}, ""
            raise
        return json.loads(found["Body"].read()), found["ETag"]
