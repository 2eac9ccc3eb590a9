"""The patch to the tags that ministack's CloudFormation gives the resources of a stack."""

from __future__ import annotations

from nrti_local.ministack.patch import Patch

#: The property that holds a resource's tags, and its shape.
Tags = tuple[str, str]
_UNTAGGED = ("AWS::Athena::WorkGroup", "AWS::KinesisFirehose::DeliveryStream", "AWS::S3::Bucket")


def _with_more_types(original: dict[str, Tags]) -> dict[str, Tags]:
    return {**dict.fromkeys(_UNTAGGED, ("Tags", "list")), **original}


PATCHES = (
    Patch(
        "ministack.services.cloudformation.provisioners",
        "_STACK_TAG_PROPERTY",
        "Buckets, workgroups and delivery streams do not get the tags of their stack.",
        _with_more_types,
    ),
)
