"""Deletes resources by the API of their service: ministack's CloudFormation leaves parts behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ministack.services import dynamodb, lambda_svc, s3

from nrti_local.server.shared.ask import ask, ask_json

#: Deletes a resource by its physical id and its properties.
Delete = Callable[[str, dict[str, Any]], None]
_GONE = ("NoSuchBucket", "NotFoundException")


def _bucket(name: str, _properties: dict[str, Any]) -> None:
    ask(s3, "DELETE", f"/{name}")


def _function(name: str, _properties: dict[str, Any]) -> None:
    ask(lambda_svc, "DELETE", f"/2015-03-31/functions/{quote(name)}")


def _table(name: str, _properties: dict[str, Any]) -> None:
    ask_json(dynamodb, "DynamoDB_20120810.DeleteTable", {"TableName": name})


def unless_gone(delete: Delete) -> Delete:
    """The same deletion, for which a resource that does not exist any more counts as deleted."""

    def deleting(name: str, properties: dict[str, Any]) -> None:
        try:
            delete(name, properties)
        except ValueError as error:
            if not any(code in str(error) for code in _GONE):
                raise

    return deleting


BY_TYPE: dict[str, Delete] = {
    "AWS::S3::Bucket": unless_gone(_bucket),
    "AWS::Lambda::Function": unless_gone(_function),
    "AWS::DynamoDB::Table": unless_gone(_table),
}
