"""Patches to ministack's Firehose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nrti_local.ministack.patch import Patch


def _leave_to_the_bridge(_original: Callable[..., None]) -> Callable[..., None]:
    def ingest(stream_arn: str, records: list[Any]) -> None:
        """The delivery bridge reads the stream itself."""

    return ingest


PATCHES = (
    Patch(
        "ministack.services.firehose",
        "ingest_from_kinesis_source",
        "It delivers what is put into a source stream one object per record, raw where the transform fails; "
        "the delivery bridge delivers the same records.",
        _leave_to_the_bridge,
    ),
)
