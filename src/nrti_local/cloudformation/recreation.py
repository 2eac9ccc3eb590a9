"""Which changes of a change set replace a resource, for types of which ministack does not know it.

For such a type ministack reports that any change may replace the resource, and that everything that refers to
it may change, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Properties whose change replaces a resource, by AWS's resource schemas (`createOnlyProperties`).
CREATE_ONLY: dict[str, set[str]] = {
    "AWS::ApiGateway::Account": set(),
    "AWS::ApiGateway::ApiKey": {"GenerateDistinctId", "Name", "Value"},
    "AWS::ApiGateway::Deployment": {"DeploymentCanarySettings", "RestApiId"},
    "AWS::ApiGateway::GatewayResponse": {"ResponseType", "RestApiId"},
    "AWS::ApiGateway::Method": {"HttpMethod", "ResourceId", "RestApiId"},
    "AWS::ApiGateway::Model": {"ContentType", "Name", "RestApiId"},
    "AWS::ApiGateway::RequestValidator": {"Name", "RestApiId"},
    "AWS::ApiGateway::Resource": {"ParentId", "PathPart", "RestApiId"},
    "AWS::ApiGateway::RestApi": set(),
    "AWS::ApiGateway::Stage": {"RestApiId", "StageName"},
    "AWS::ApiGateway::UsagePlan": set(),
    "AWS::ApiGateway::UsagePlanKey": {"KeyId", "KeyType", "UsagePlanId"},
    "AWS::CloudWatch::Alarm": {"AlarmName"},
    "AWS::CloudWatch::Dashboard": {"DashboardName"},
    "AWS::Glue::Table": {"CatalogId", "DatabaseName", "Name"},
    "AWS::IAM::Policy": set(),
    "AWS::KMS::Key": set(),
    "AWS::Kinesis::Stream": {"Name"},
    "AWS::KinesisFirehose::DeliveryStream": {
        "DatabaseSourceConfiguration", "DeliveryStreamName", "DeliveryStreamType",
        "DirectPutSourceConfiguration", "KinesisStreamSourceConfiguration", "MSKSourceConfiguration",
    },
    "AWS::Logs::LogGroup": {"LogGroupName"},
    "AWS::Logs::MetricFilter": {"FilterName", "LogGroupName"},
    "AWS::S3::Bucket": {"BucketName", "BucketNamePrefix", "BucketNamespace"},
    "AWS::S3::BucketPolicy": {"Bucket"},
    "AWS::SNS::TopicPolicy": set(),
    "AWS::SQS::QueuePolicy": set(),
}  # fmt: skip
#: Properties with a member whose change replaces a resource.
PARTLY_CREATE_ONLY: dict[str, set[str]] = {
    "AWS::Glue::Table": {"TableInput"},
    "AWS::KinesisFirehose::DeliveryStream": {
        "AmazonOpenSearchServerlessDestinationConfiguration",
        "AmazonopensearchserviceDestinationConfiguration", "ElasticsearchDestinationConfiguration",
        "IcebergDestinationConfiguration", "SnowflakeDestinationConfiguration",
    },
}  # fmt: skip
Change = dict[str, Any]


def settled(changes: list[Change]) -> list[Change]:
    """Returns the changes without those that only follow from a replacement that there will not be.

    Args:
        changes: of a change set, as ministack makes them; the modifications are corrected in place.
    """
    before = None
    while before != len(changes):
        before = len(changes)
        for change in changes:
            _correct(change["ResourceChange"])
        replacements = {
            change["LogicalResourceId"]: change.get("Replacement", "True")
            for change in (each["ResourceChange"] for each in changes)
        }
        changes = [each for each in changes if _remains(each["ResourceChange"], replacements)]
    return changes


def _correct(change: Change) -> None:
    """Sets what a change of a property means for its resource."""
    kind = change["ResourceType"]
    if change["Action"] != "Modify" or kind not in CREATE_ONLY:
        return
    for detail in change["Details"]:
        target = detail["Target"]
        if target["Attribute"] == "Properties":
            target["RequiresRecreation"] = _recreation(kind, target["Name"])
    change["Replacement"] = _replacement(change["Details"])


def _recreation(kind: str, name: str) -> str:
    if name in CREATE_ONLY[kind]:
        return "Always"
    return "Conditionally" if name in PARTLY_CREATE_ONLY.get(kind, ()) else "Never"


def _replacement(details: Iterable[Change]) -> str:
    needs = {(detail["Target"]["RequiresRecreation"], detail["Evaluation"]) for detail in details}
    if ("Always", "Static") in needs:
        return "True"
    return "Conditional" if any(recreation != "Never" for recreation, _ in needs) else "False"


def _remains(change: Change, replacements: dict[str, str]) -> bool:
    """Takes out the details whose cause is gone; returns whether the resource changes nevertheless."""
    if change["Action"] != "Modify" or not change["Details"]:
        return True
    change["Details"] = [each for each in change["Details"] if _is_caused(each, replacements)]
    change["Scope"] = list(dict.fromkeys(each["Target"]["Attribute"] for each in change["Details"]))
    return bool(change["Details"])


def _is_caused(detail: Change, replacements: dict[str, str]) -> bool:
    """Whether a reference is to a resource that changes; its id changes only if it is replaced."""
    cause = str(detail.get("CausingEntity", "")).partition(".")[0]
    if detail.get("ChangeSource") == "ResourceReference":
        return replacements.get(cause, "False") != "False"
    return detail.get("ChangeSource") != "ResourceAttribute" or cause in replacements
