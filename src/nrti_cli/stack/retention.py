"""Data that outlives its stack: what stays of a stack that is deleted, and how a new one takes it in.

The table and the lake's bucket are the data; everything else can be made again. Before a stack goes without
them, they are made independent of the rest of it, since what they refer to will be gone. A stack that comes
up where they are takes them in as they are: CloudFormation calls that an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from nrti_cli.aws import dynamodb
from nrti_cli.aws.change_sets import Definition, Import
from nrti_cli.aws.s3 import S3
from nrti_cli.stack.template import Template, compact, independent

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: The types of resources that are data, with the property that is their name.
_NAMES = {"AWS::DynamoDB::Table": "TableName", "AWS::S3::Bucket": "BucketName"}


def is_data(type_: str) -> bool:
    """Whether a resource of this type is data."""
    return type_ in _NAMES


def without_owner(target: Target, template: Template) -> tuple[Import, ...]:
    """The template's data that exists by its name; call it when no stack has it."""
    return tuple(_existing(target, template["Resources"]))


def _existing(target: Target, resources: Mapping[str, Any]) -> Iterator[Import]:
    for logical_id, resource in resources.items():
        if resource["Type"] in _NAMES:
            property_ = _NAMES[resource["Type"]]
            name = _substitute(target, resource["Properties"][property_])
            if _exists(target, resource["Type"], name):
                yield Import(logical_id, resource["Type"], {property_: name})


def _substitute(target: Target, value: Mapping[str, str]) -> str:
    """A name that the template makes of pseudo parameters, which is how it makes all of them."""
    name = value["Fn::Sub"]
    pseudo = {"StackName": target.stack, "AccountId": target.account, "Region": target.region_name}
    for parameter, meaning in pseudo.items():
        name = name.replace(f"${{AWS::{parameter}}}", meaning)
    return name


def _exists(target: Target, type_: str, name: str) -> bool:
    if type_ == "AWS::S3::Bucket":
        return S3(target).bucket_exists(name)
    return dynamodb.table(target, name) is not None


def importing(template: Template, imports: tuple[Import, ...], parameters: Mapping[str, str]) -> Definition:
    """A stack of nothing but what exists: an import may neither add resources nor outputs nor tags."""
    return Definition(_only(template, {each.logical_id for each in imports}), parameters, {}, imports)


def retaining(template: Template, kept: Set[str], tags: Mapping[str, str]) -> Definition:
    """The deployed stack, whose data stays when it is deleted and refers to nothing that does not."""
    others = template["Resources"].keys() - kept
    retained = {
        name: {**independent(template["Resources"][name], others), "DeletionPolicy": "Retain"}
        for name in kept
    }
    return Definition(compact({**template, "Resources": {**template["Resources"], **retained}}), {}, tags)


def _only(template: Template, kept: Set[str]) -> str:
    others = template["Resources"].keys() - kept
    resources = {name: independent(template["Resources"][name], others) for name in kept}
    return compact(
        {**{key: part for key, part in template.items() if key != "Outputs"}, "Resources": resources}
    )
