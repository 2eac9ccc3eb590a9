"""The tags that CloudFormation gives every resource of a stack: the stack's own, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from ministack.services import cloudformation

from nrti_local.server.ask import ask


def tagged(
    properties: dict[str, Any], stack: str, *, logical_id: str = "", physical_id: str = ""
) -> dict[str, Any]:
    """The properties of a resource with those tags; a tag of the template comes before one of the stack.

    Args:
        properties: of the template, resolved.
        stack: the name of the stack.
        logical_id: of the resource; empty when only the other is known.
        physical_id: of the resource, when it exists.
    """
    own = properties.get("Tags") or []
    names = {tag["Key"] for tag in own}
    more = _stack_tags(stack, logical_id or _logical_id(stack, physical_id))
    return {**properties, "Tags": [*own, *({"Key": k, "Value": v} for k, v in more if k not in names)]}


def _stack_tags(stack: str, logical_id: str) -> Iterator[tuple[str, str]]:
    found = _ask(Action="DescribeStacks", StackName=stack)
    for tag in found.iterfind(".//{*}Stacks/{*}member/{*}Tags/{*}member"):
        yield tag.findtext("{*}Key", ""), tag.findtext("{*}Value", "")
    yield "aws:cloudformation:stack-name", stack
    yield "aws:cloudformation:stack-id", found.findtext(".//{*}StackId", "")
    yield "aws:cloudformation:logical-id", logical_id


def _logical_id(stack: str, physical_id: str) -> str:
    resources = _ask(Action="DescribeStackResources", StackName=stack)
    for resource in resources.iterfind(".//{*}StackResources/{*}member"):
        if resource.findtext("{*}PhysicalResourceId") == physical_id:
            return resource.findtext("{*}LogicalResourceId", "")
    return ""


def _ask(**request: str) -> ET.Element:
    form = "application/x-www-form-urlencoded"
    answer = ask(cloudformation, "POST", "/", urlencode(request).encode(), content_type=form)
    return ET.fromstring(answer[2])  # noqa: S314 - of this process
