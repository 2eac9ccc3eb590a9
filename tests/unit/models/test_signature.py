"""What can be declared about a model, where that is kept, and what goes with it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody

from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.models.documents import Signatures
from nrti_cli.models.handlers import Handlers
from nrti_cli.models.naming import variant_name
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from nrti_cli.models.publication.source import ModelSource, declared
from nrti_cli.models.signature import answers, checked
from nrti_cli.remote.inference_function.signature import Signature
from tests.unit.conftest import SilentProgress, Stub
from tests.unit.models.conftest import ARN, FORMER, IMAGE, METADATA, NEW, SOURCE, STACK, Story

BUCKET = "nrti-artifacts-000000000000-eu-central-2"
KEY = f"signatures/nrti-m/{FORMER[-17:]}.json"


@pytest.mark.parametrize(
    "document",
    [
        {"content_type": "text/csv", "accept": "text/csv", "probability": "1", "threshold": 0.4},
        {"content_template": '{"inputs": [{"name": "x", "shape": $shape, "data": $records}]}'},
        {"record_template": '{"features": $features}', "label": "predictions[*].label"},
        {"failure_labels": ["-1"], "label_headers": ["ok", "worn"], "inputs": {"names": ["a"]}},
    ],
)
def test_what_is_declared_is_what_the_function_reads(document: dict[str, Any]) -> None:
    found = checked(document)

    assert found == document
    read = Signature.of(json.loads(json.dumps(found)))
    assert {name: getattr(read, name) for name in answers(found)} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in answers(found).items()
    }


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"content_type": "text/xml"}, "--content-type 'text/xml': use one of application/json, "),
        ({"content_template": "[]"}, r"--content-template '\[\]': it must contain \$records"),
        ({"content_template": "{$records"}, "with numbers inserted, it is not JSON"),
        ({"record_template": "x"}, r"it must contain \$features"),
        ({"label": "a["}, r"--label 'a\[': it is not a JMESPath"),
        (
            {"accept": "text/csv", "score": "scores"},
            "--score 'scores': for CSV it must be the number of a column",
        ),
        ({"threshold": "high"}, "--threshold 'high': it must be a number"),
    ],
)
def test_what_cannot_be_right_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        checked(document)


def signed(**signature: Any) -> ModelSource:
    return replace(SOURCE, signature=signature)


def test_it_is_written_before_the_version_that_it_belongs_to(target: Target, story: Story) -> None:
    keys: list[str] = []
    variants: list[str] = []
    target.client("s3").meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: keys.append(params["Key"])
    )
    target.client("sagemaker").meta.events.register(
        "provide-client-params.sagemaker.CreateEndpointConfig",
        lambda params, **_: variants.append(params["ProductionVariants"][0]["VariantName"]),
    )
    story.objects.add_response("put_object", {})
    story.comes_into_service()
    story.prunes()

    assert publish(target, STACK, "m", signed(threshold=0.4), PublishSettings(), SilentProgress())
    assert keys == [f"signatures/nrti-m/{story.made[0][-17:]}.json"]
    assert variants == [variant_name(story.made[0], declared=True)]


def test_another_signature_is_another_version(target: Target, story: Story, wait_delays: list[float]) -> None:
    story.endpoint("InService")
    story.serves(SOURCE.artifact)
    story.declared({"threshold": 0.5})
    story.objects.add_response("put_object", {})
    story.configures()
    story.tries()
    story.endpoint("InService")
    story.updates()
    story.endpoint("InService", NEW)
    story.prunes()

    assert publish(
        target, STACK, "m", signed(threshold=0.4), PublishSettings(), SilentProgress(), wait_delays.append
    )


def test_the_same_signature_is_the_same_version(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService")
    story.serves(SOURCE.artifact)
    story.declared({"threshold": 0.4})
    story.answers()

    assert not publish(
        target, STACK, "m", signed(threshold=0.4), PublishSettings(), SilentProgress(), wait_delays.append
    )


def listed(story: Story, *keys: str) -> None:
    story.objects.add_response("list_objects_v2", {"Contents": [{"Key": key} for key in keys]})


def test_a_way_back_carries_what_was_declared_for_the_artifact(target: Target, story: Story) -> None:
    listed(story, KEY)
    container = {"Image": IMAGE, "ModelDataUrl": SOURCE.artifact}
    model = {"ModelName": FORMER, "PrimaryContainer": container, "ModelArn": ARN}
    story.stubber.add_response("describe_model", model | {"CreationTime": datetime(2026, 1, 1, tzinfo=UTC)})
    story.declared({"threshold": 0.4})

    assert declared(target, "m", SOURCE, {}, None).signature == {"threshold": 0.4}


def test_what_is_declared_anew_is_not_mixed_with_what_was(target: Target) -> None:
    own = replace(SOURCE, metadata=replace(METADATA, signature={"score": "s", "threshold": 1}))

    assert declared(target, "m", own, {"threshold": 2}, None).signature == {"score": "s", "threshold": 2}


def test_a_script_that_leaves_reading_to_the_container_is_sent_a_bare_list(
    target: Target, story: Story
) -> None:
    listed(story)
    bare = replace(SOURCE, metadata=replace(METADATA, handlers=Handlers(frozenset({"model_fn"}))))

    assert declared(target, "m", bare, {}, [[1]]).signature == {"content_template": "$records"}
    given = declared(target, "m", bare, {"content_type": "text/csv"}, None).signature
    assert given == {"content_type": "text/csv"}


def test_it_goes_with_its_publication_and_so_does_the_reference(target: Target, stub: Stub) -> None:
    keys = [{"Key": key} for key in (KEY, KEY.replace("signatures", "references"))]
    expected = {"Bucket": BUCKET, "Delete": {"Objects": keys, "Quiet": True}}
    stub("s3").add_response("delete_objects", {}, expected)

    Signatures(target, "m").remove(FORMER)
    Signatures(target, "m").remove()


def test_the_reference_of_an_artifact_is_kept_with_its_publication(target: Target, story: Story) -> None:
    put: list[dict[str, Any]] = []
    target.client("s3").meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: put.append(dict(params))
    )
    story.objects.add_response("put_object", {})
    story.comes_into_service()
    story.prunes()
    source = replace(SOURCE, metadata=replace(METADATA, reference={"columns": []}))

    assert publish(target, STACK, "m", source, PublishSettings(), SilentProgress())
    key = f"references/nrti-m/{story.made[0][-17:]}.json"
    assert put == [{"Bucket": BUCKET, "Key": key, "Body": b'{"columns":[]}'}]


def test_one_that_is_no_json_is_named(target: Target, stub: Stub) -> None:
    stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"{"), 1)})

    with pytest.raises(Exception, match=f"s3://{BUCKET}/{KEY} is not a JSON object: publish the model again"):
        Signatures(target, "m").stored(FORMER)
