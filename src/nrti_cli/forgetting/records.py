"""Records of forgotten data in the artifacts bucket, so that `nrti verify` does not count it as missing.

The keys have a hash in place of the sensor's name: `forgotten/<hash>/<at>-<before>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.s3.objects import S3, MissingBucketError
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

_PREFIX = "forgotten/"
_EVERYTHING = "all"


@dataclass(frozen=True)
class Scope:
    """What of a sensor is forgotten.

    Attributes:
        sensor: its name.
        at: predictions up to this time are deleted, in epoch milliseconds; later ones stay.
        before: only events before this time, in epoch milliseconds; None for all.
    """

    sensor: str
    at: int
    before: int | None = None

    def holds(self, event_time: int, stored_at: int) -> bool:
        """Whether it includes an event of the sensor; both times are in epoch milliseconds."""
        return stored_at <= self.at and (self.before is None or event_time < self.before)


def note(target: Target, scope: Scope) -> None:
    """Records what will be forgotten, before anything is deleted."""
    until = _EVERYTHING if scope.before is None else scope.before
    S3(target).put(artifacts_bucket(target), f"{_PREFIX}{_hashed(scope.sensor)}/{scope.at}-{until}", b"")


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten of all sensors, by the hashes of their names."""

    scopes: Mapping[str, Sequence[Scope]]

    def knows(self, sensor: str) -> bool:
        """Whether the sensor was ever forgotten."""
        return _hashed(sensor) in self.scopes

    def holds(self, sensor: str, event_time: int, stored_at: int) -> bool:
        """Whether an event was forgotten; both times are in epoch milliseconds."""
        return bool(self.scopes) and any(
            scope.holds(event_time, stored_at) for scope in self.scopes.get(_hashed(sensor), ())
        )


def forgotten(target: Target) -> Forgotten:
    """Reads what was forgotten."""
    scopes: dict[str, list[Scope]] = {}
    with suppress(MissingBucketError):
        for key in S3(target).keys(artifacts_bucket(target), _PREFIX):
            hashed, _, times = key.removeprefix(_PREFIX).partition("/")
            at, _, before = times.partition("-")
            until = None if before == _EVERYTHING else int(before)
            scopes.setdefault(hashed, []).append(Scope("", int(at), until))
    return Forgotten(scopes)


def _hashed(sensor: str) -> str:
    return hashlib.sha256(sensor.encode()).hexdigest()
