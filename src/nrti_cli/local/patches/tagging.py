"""A patch to ministack's tagging API: it names tables that are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import dynamodb

from nrti_cli.local.patches.patch import Patch

#: ARNs with their tags.
Collector = Callable[[], Iterator[tuple[str, Any]]]


def _existing(original: Collector) -> Collector:
    def collect() -> Iterator[tuple[str, Any]]:
        tables = {table["TableArn"] for table in dynamodb._tables.values()}  # noqa: SLF001
        return (found for found in original() if found[0] in tables)

    return collect


PATCHES = (
    Patch(
        "ministack.services.tagging",
        "_COLLECTORS.dynamodb",
        "A table that CloudFormation deleted keeps its tags for ever.",
        _existing,
    ),
)
