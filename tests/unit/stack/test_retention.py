from __future__ import annotations

import json

from nrti_cli.assets import asset
from nrti_cli.aws.cloudformation.change_sets import Import
from nrti_cli.aws.target import Target
from nrti_cli.stack.retention import importing, retaining, without_owner
from nrti_cli.stack.template import parse, references
from nrti_local.process import REGION
from tests.unit.conftest import Stub

TEMPLATE = parse(asset("cloudformation/pipeline.yaml").read_text())
LAKE = f"nrti-lake-000000000000-{REGION}"


def test_what_exists_is_found_by_the_templates_own_names(target: Target, stub: Stub) -> None:
    stub("s3").add_response("head_bucket", {}, {"Bucket": LAKE})
    stub("dynamodb").add_client_error("describe_table", "ResourceNotFoundException")

    assert without_owner(target, TEMPLATE) == (Import("LakeBucket", "AWS::S3::Bucket", {"BucketName": LAKE}),)


def test_an_import_adds_nothing_and_says_what_becomes_of_the_data() -> None:
    imports = (Import("Table", "AWS::DynamoDB::Table", {"TableName": "t"}),)

    definition = importing(TEMPLATE, imports, {"BufferSeconds": "1", "RetentionDays": "30"})

    template = json.loads(definition.template)
    assert (definition.imports, definition.tags) == (imports, {})
    assert definition.parameters == {"BufferSeconds": "1", "RetentionDays": "0"}
    assert list(template["Resources"]) == ["Table"]
    assert "Outputs" not in template
    # CloudFormation takes no import without this attribute.
    assert template["Resources"]["Table"]["DeletionPolicy"] == "Delete"
    assert "KinesisStreamSpecification" not in template["Resources"]["Table"]["Properties"]


def test_data_that_stays_refers_to_nothing_that_goes() -> None:
    definition = retaining(TEMPLATE, {"Table", "LakeBucket"}, {})
    template = json.loads(definition.template)

    for name in ("Table", "LakeBucket"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
        assert not set(references(template["Resources"][name])) & TEMPLATE["Resources"].keys()
    assert definition.parameters == {"RetentionDays": "0"}, "it no longer expires"
    assert template["Resources"].keys() == TEMPLATE["Resources"].keys()
    assert template["Resources"]["Stream"] == TEMPLATE["Resources"]["Stream"]
