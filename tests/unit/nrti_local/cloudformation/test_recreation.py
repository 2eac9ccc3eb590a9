"""Changes of a change set: which ones replace a resource, by AWS's resource schemas, and what follows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from ministack.services.cloudformation import provisioners

from nrti_cli.assets import asset
from nrti_local.cloudformation.recreation import CREATE_ONLY, PARTLY_CREATE_ONLY, settled

#: `/properties/TableInput/Name`: a property, and a member of it.
_PATH = re.compile(r"/properties/(\w+)(/.+)?")


def _schema(kind: str) -> list[re.Match[str]]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    found = [_PATH.fullmatch(path) for path in schema.get("createOnlyProperties", [])]
    return [each for each in found if each]


@pytest.mark.parametrize("kind", CREATE_ONLY)
def test_the_properties_are_those_of_awss_schema(kind: str) -> None:
    paths = _schema(kind)

    assert CREATE_ONLY[kind] == {path[1] for path in paths if not path[2]}
    assert PARTLY_CREATE_ONLY.get(kind, set()) == {path[1] for path in paths if path[2]}


def test_each_type_of_the_pipeline_is_known() -> None:
    kinds = set(re.findall(r"Type: (AWS::\w+::\w+)", asset("cloudformation/pipeline.yaml").read_text()))

    assert kinds - CREATE_ONLY.keys() - provisioners._REPLACING_PROPERTIES.keys() == set()


def test_ministack_does_not_know_these_types() -> None:
    assert CREATE_ONLY.keys() & provisioners._REPLACING_PROPERTIES.keys() == set()


def _detail(name: str, source: str = "DirectModification", cause: str = "") -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": "Conditionally"}
    detail = {
        "Target": target,
        "ChangeSource": source,
        "Evaluation": "Static" if source == "DirectModification" else "Dynamic",
    }
    return {**detail, "CausingEntity": cause} if cause else detail


def _modified(name: str, kind: str, *details: dict[str, Any]) -> dict[str, Any]:
    change = {
        "Action": "Modify",
        "LogicalResourceId": name,
        "ResourceType": kind,
        "Replacement": "Conditional",
    }
    return {"ResourceChange": {**change, "Scope": ["Properties"], "Details": list(details)}}


def _replacements(*changes: dict[str, Any]) -> dict[str, str]:
    found = (each["ResourceChange"] for each in settled(list(changes)))
    return {each["LogicalResourceId"]: each["Replacement"] for each in found}


@pytest.mark.parametrize(
    ("kind", "name", "replacement"),
    [
        ("AWS::S3::Bucket", "LifecycleConfiguration", "False"),
        ("AWS::S3::Bucket", "BucketName", "True"),
        ("AWS::Glue::Table", "TableInput", "Conditional"),
        ("AWS::Unknown::Type", "Name", "Conditional"),
    ],
)
def test_a_change_replaces_a_resource_if_the_schema_says_so(kind: str, name: str, replacement: str) -> None:
    assert _replacements(_modified("R", kind, _detail(name))) == {"R": replacement}


def test_what_names_a_resource_that_stays_does_not_change() -> None:
    policy = _modified("Policy", "AWS::S3::BucketPolicy", _detail("Bucket", "ResourceReference", "Bucket"))
    after = _modified("After", "AWS::SQS::QueuePolicy", _detail("Queues", "ResourceAttribute", "Policy.Id"))
    role = _modified("Role", "AWS::IAM::Policy", _detail("PolicyDocument", "ResourceAttribute", "Bucket.Arn"))

    kept = _modified("Bucket", "AWS::S3::Bucket", _detail("LifecycleConfiguration"))
    assert _replacements(policy, after, role, kept) == {"Role": "False", "Bucket": "False"}


def test_what_names_a_resource_that_is_replaced_changes() -> None:
    policy = _modified("Policy", "AWS::S3::BucketPolicy", _detail("Bucket", "ResourceReference", "Bucket"))

    replaced = _modified("Bucket", "AWS::S3::Bucket", _detail("BucketName"))
    assert _replacements(policy, replaced) == {"Policy": "Conditional", "Bucket": "True"}
