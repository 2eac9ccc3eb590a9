"""Patches to ministack's CloudFormation: what it deletes goes as it does by the service's own API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ministack.services import dynamodb, lambda_svc, s3

from nrti_local.ministack.patch import Patch
from nrti_local.server.ask import ask, ask_json

Delete = Callable[[str, dict[str, Any]], None]


def _bucket(name: str, _properties: dict[str, Any]) -> None:
    ask(s3, "DELETE", f"/{name}")


def _function(name: str, _properties: dict[str, Any]) -> None:
    ask(lambda_svc, "DELETE", f"/2015-03-31/functions/{quote(name)}")


def _table(name: str, _properties: dict[str, Any]) -> None:
    ask_json(dynamodb, "DynamoDB_20120810.DeleteTable", {"TableName": name})


def _unless_gone(delete: Delete) -> Delete:
    """A resource that is gone already counts as deleted."""

    def deleting(name: str, properties: dict[str, Any]) -> None:
        try:
            delete(name, properties)
        except ValueError as error:
            if not any(code in str(error) for code in ("NoSuchBucket", "ResourceNotFoundException")):
                raise

    return deleting


def _patch(kind: str, why: str, delete: Delete) -> Patch:
    return Patch(
        "ministack.services.cloudformation.provisioners",
        f"_RESOURCE_HANDLERS.AWS::{kind}.delete",
        why,
        lambda _: _unless_gone(delete),
    )


PATCHES = (
    _patch("S3::Bucket", "Its files stay, so that it is there again after a restart.", _bucket),
    _patch("Lambda::Function", "Its worker processes and their directories stay.", _function),
    _patch("DynamoDB::Table", "Its tags, backups and Kinesis destinations stay.", _table),
)
