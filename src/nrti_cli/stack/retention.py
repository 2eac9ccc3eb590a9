"""Data that outlives its stack: a deletion retains it, and a new stack imports it.

The data is the table and the lake's bucket; everything else can be created again. Before the stack is
deleted, they lose their references to its other resources, and the lake its expiry. A new stack imports them
unchanged, by CloudFormation's resource import, and then applies its own settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.cloudformation.change_sets import Definition, Import
from nrti_cli.aws.dynamodb.tables import find_table
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.stack.template import Template, compact, independent

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: The resource types with data, and the property with their name.
_NAMES = {"AWS::DynamoDB::Table": "TableName", "AWS::S3::Bucket": "BucketName"}
#: The parameter for the lake's expiry, as kept data has it.
_KEPT = {"RetentionDays": "0"}


def is_data(type_: str) -> bool:
    """Whether a resource type has data."""
    return type_ in _NAMES


def without_owner(target: Target, template: Template) -> tuple[Import, ...]:
    """The template's data resources that exist already; for use if no stack contains them."""
    return tuple(_existing(target, template["Resources"]))


def _existing(target: Target, resources: Mapping[str, Any]) -> Iterator[Import]:
    for logical_id, resource in resources.items():
        if resource["Type"] in _NAMES:
            property_ = _NAMES[resource["Type"]]
            name = _substitute(target, resource["Properties"][property_])
            if _exists(target, resource["Type"], name):
                yield Import(logical_id, resource["Type"], {property_: name})


def _substitute(target: Target, value: Mapping[str, str]) -> str:
    """Resolves a name that the template builds from pseudo parameters, as it does for all names."""
    name = value["Fn::Sub"]
    pseudo = {"StackName": target.stack, "AccountId": target.account, "Region": target.region_name}
    for parameter, meaning in pseudo.items():
        name = name.replace(f"${{AWS::{parameter}}}", meaning)
    return name


def _exists(target: Target, type_: str, name: str) -> bool:
    if type_ == "AWS::S3::Bucket":
        return Buckets(target).exists(name)
    return find_table(target, name) is not None


def importing(template: Template, imports: tuple[Import, ...], parameters: Mapping[str, str]) -> Definition:
    """A stack of existing resources only: an import must not add resources, outputs or tags."""
    template_ = _only(template, {each.logical_id for each in imports})
    return Definition(template_, {**parameters, **_KEPT}, {}, imports)


def retaining(template: Template, kept: Set[str], tags: Mapping[str, str]) -> Definition:
    """The deployed stack, changed so that the data is retained and refers to nothing that is deleted."""
    others = template["Resources"].keys() - kept
    retained = {
        name: {**independent(template["Resources"][name], others), "DeletionPolicy": "Retain"}
        for name in kept
    }
    parameters = {name: value for name, value in _KEPT.items() if name in template.get("Parameters", {})}
    return Definition(
        compact({**template, "Resources": {**template["Resources"], **retained}}), parameters, tags
    )


def _only(template: Template, kept: Set[str]) -> str:
    others = template["Resources"].keys() - kept
    resources = {name: independent(template["Resources"][name], others) for name in kept}
    return compact(
        {**{key: part for key, part in template.items() if key != "Outputs"}, "Resources": resources}
    )
