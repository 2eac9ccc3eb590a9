"""Translates the properties of a bucket in a template to requests of the S3 API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from ministack.services import s3

from nrti_local.server.shared.ask import ask

Properties = Mapping[str, Any]
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def configure(bucket: str, properties: Properties, before: Properties) -> None:
    """Applies the properties of a bucket that ministack's CloudFormation drops.

    Args:
        bucket: its name.
        properties: of the template, resolved.
        before: those of the last deployment; properties that the template no longer has are deleted.

    Raises:
        ValueError: S3 refuses one.
    """
    for name, (query, root, convert) in _CONFIGURATIONS.items():
        if properties.get(name):
            ask(s3, "PUT", f"/{bucket}", _xml(root, convert(properties[name])), query)
        elif before.get(name):
            ask(s3, "DELETE", f"/{bucket}", query=query)


def _xml(root: str, content: Properties) -> bytes:
    return ET.tostring(_element(root, {"@": _NAMESPACE, **content}))


def _element(name: str, value: Any) -> ET.Element:
    """An element. Each member of a mapping becomes a child, each item of a list a child of the same name."""
    element = ET.Element(name)
    if not isinstance(value, Mapping):
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
        return element
    for member, content in value.items():
        if member == "@":
            element.set("xmlns", content)
        elif content is not None:
            element.extend(_element(member, item) for item in _listed(content))
    return element


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tags(tags: list[Properties]) -> Properties:
    return {"TagSet": {"Tag": tags}}


def _encryption(encryption: Properties) -> Properties:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in encryption["ServerSideEncryptionConfiguration"]
    ]
    return {"Rule": rules}


def _ownership(ownership: Properties) -> Properties:
    return {"Rule": ownership["Rules"]}


def _lifecycle(lifecycle: Properties) -> Properties:
    return {"Rule": [dict(_lifecycle_rule(rule)) for rule in lifecycle["Rules"]]}


def _lifecycle_rule(rule: Properties) -> Iterator[tuple[str, Any]]:
    if "Id" in rule:
        yield "ID", rule["Id"]
    yield "Status", rule["Status"]
    yield "Filter", _filter(rule)
    expiration = {
        "Date": rule.get("ExpirationDate"),
        "Days": rule.get("ExpirationInDays"),
        "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker"),
    }
    if any(value is not None for value in expiration.values()):
        yield "Expiration", expiration
    yield (
        "Transition",
        _transitions(rule, "Transition", {"TransitionDate": "Date", "TransitionInDays": "Days"}),
    )
    noncurrent = {"TransitionInDays": "NoncurrentDays"}
    yield "NoncurrentVersionTransition", _transitions(rule, "NoncurrentVersionTransition", noncurrent)
    yield "NoncurrentVersionExpiration", _noncurrent_expiration(rule)
    yield "AbortIncompleteMultipartUpload", rule.get("AbortIncompleteMultipartUpload")


def _filter(rule: Properties) -> Properties:
    """The objects that a rule applies to; S3 wants several conditions within `And`."""
    conditions = {
        "Prefix": rule.get("Prefix"),
        "ObjectSizeGreaterThan": rule.get("ObjectSizeGreaterThan"),
        "ObjectSizeLessThan": rule.get("ObjectSizeLessThan"),
        "Tag": rule.get("TagFilters"),
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    if sum(len(_listed(value)) for value in given.values()) > 1:
        return {"And": given}
    return given or {"Prefix": ""}


def _transitions(rule: Properties, name: str, names: dict[str, str]) -> list[Properties]:
    """The transitions of a rule; a template has one, a list, or both."""
    found = [*_listed(rule.get(f"{name}s", [])), *_listed(rule.get(name, []))]
    return [{names.get(member, member): value for member, value in one.items()} for one in found]


def _noncurrent_expiration(rule: Properties) -> Properties | None:
    days = rule.get("NoncurrentVersionExpirationInDays")
    return {"NoncurrentDays": days} if days is not None else rule.get("NoncurrentVersionExpiration")


#: By property: the query of the S3 request, the root of its body, and what converts the property to it.
_CONFIGURATIONS: dict[str, tuple[str, str, Callable[[Any], Properties]]] = {
    "BucketEncryption": ("encryption", "ServerSideEncryptionConfiguration", _encryption),
    "LifecycleConfiguration": ("lifecycle", "LifecycleConfiguration", _lifecycle),
    "OwnershipControls": ("ownershipControls", "OwnershipControls", _ownership),
    "Tags": ("tagging", "Tagging", _tags),
}
