"""What ministack does without the patches: when one fails, upstream has mended it and the patch can go."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.core.responses import request_scope
from ministack.services import (
    apigateway_v1,
    cloudwatch,
    cloudwatch_logs,
    dynamodb,
    dynamodb_streams,
    kinesis,
    lambda_svc,
    s3,
)
from ministack.services.cloudformation import changesets, drift, provisioners

from nrti_local.dynamodb import stream_reads
from nrti_local.ministack.catalogue import PATCHES
from nrti_local.ministack.patch import Name


def _of(module: ModuleType, attribute: str, fragment: str, source: Any = None) -> ParameterSet:
    """A case for the patch of a target: a fragment of its source, or of that of another function."""
    target = f"{module.__name__}.{attribute}"
    looked_at = source or Name(module.__name__, attribute).resolve()[2]
    return pytest.param(looked_at, fragment, marks=pytest.mark.upstream(target), id=f"{target}-{fragment}")


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with request_scope("000000000000", "us-east-1"):
        yield


@pytest.mark.upstream(f"{provisioners.__name__}._RESOURCE_HANDLERS")
def test_a_request_validator_of_cloudformation_is_a_stub() -> None:
    create = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RequestValidator"]["create"]
    made, _ = create("Validator", {"RestApiId": "api", "ValidateRequestBody": True}, "stack")
    assert made not in apigateway_v1._request_validators.get("api", {})


@pytest.mark.upstream("ministack.services.cloudwatch.record_metric")
def test_a_metric_keeps_every_value() -> None:
    for _ in range(2):
        cloudwatch.record_metric("Test", "Kept", 1)
    assert len(cloudwatch._metric_bucket(("Test", "Kept", cloudwatch._dims_key({})))) == 2


@pytest.mark.upstream("ministack.services.cloudwatch.handle_request")
def test_an_expression_of_metric_math_is_not_computed() -> None:
    request = {"MetricDataQueries": [{"Id": "e", "Expression": "1 + m"}], "StartTime": 0, "EndTime": 60}
    _, _, body = cloudwatch._get_metric_data({}, request, is_cbor=False, is_json=True)
    assert b"Expressions not implemented" in body


@pytest.mark.upstream("ministack.services.cloudwatch_logs.handle_request")
def test_a_filter_pattern_for_json_matches_everything() -> None:
    assert cloudwatch_logs._compile_filter_pattern('{ $.level = "ERROR" }')("plain")


@pytest.mark.upstream("ministack.services.kinesis._expire_records")
def test_a_put_reads_all_records_of_a_stream() -> None:
    shard = {"records": [{"ApproximateArrivalTimestamp": time.time()}]}
    before = shard["records"]
    kinesis._expire_records({"RetentionPeriodHours": 24, "shards": {"s": shard}})
    assert shard["records"] is not before


@pytest.mark.upstream("ministack.services.dynamodb_streams.handle_request")
def test_a_restart_loses_the_streams_and_keeps_their_iterators() -> None:
    assert not any("stream" in name for name in dynamodb.get_state())
    assert dynamodb_streams.get_state() == {}
    assert dynamodb_streams._DEFAULT_SHARD_ID == stream_reads.SHARD
    iterator = dynamodb_streams._decode_iterator(dynamodb_streams._encode_iterator("table", "shard", 7))
    assert iterator
    assert iterator.keys() == {"t", "s", "p", "i"}, "it may now name the life of the stream it is of"


@pytest.mark.upstream("ministack.core.iam_actions.extract_resource_arn")
def test_a_policy_for_one_stream_of_a_table_allows_nothing() -> None:
    body = b'{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s"}'
    arguments: tuple[Any, ...] = ("POST", "/", {}, body, {}, "us-east-1", "000000000000")
    assert iam_actions.extract_resource_arn("dynamodbstreams", *arguments) == "*"


@pytest.mark.parametrize(
    ("source", "fragment"),
    [
        _of(app, "pin_signed_body", "_signed_request.set(replace(request, body=body))"),
        _of(kinesis, "handle_request", "in _shard_iterators.items()", kinesis._expire_iterators),
        _of(kinesis, "handle_request", "in enumerate(records)", kinesis._start_position),
        _of(kinesis, "handle_request", 'pos = min(state["position"]', kinesis._get_records),
        _of(
            dynamodb_streams,
            "handle_request",
            "in enumerate(records)",
            dynamodb_streams._get_shard_iterator,
        ),
        _of(
            dynamodb,
            "handle_request",
            'list(table["items"].get(pk_val, {}).values())',
            dynamodb._query,
        ),
        _of(dynamodb, "handle_request", 'for pk in sorted(table["items"].keys())', dynamodb._scan),
        _of(
            dynamodb,
            "_condition_syntax_error",
            "_condition_syntax_error(expr, slot)",
            dynamodb._evaluate_condition,
        ),
        _of(responses, "uuid", "str(uuid.uuid4())", responses.new_uuid),
        _of(cloudwatch, "_evict_old_metrics", "in _metrics.items()"),
        _of(cloudwatch, "_evaluate_alarm", "for (k_ns, k_mn, _), pts in _metrics.items()"),
        _of(
            cloudwatch,
            "record_metric",
            '_cw.record_metric("AWS/Lambda", "Invocations", 1',
            lambda_svc._emit_lambda_metrics,
        ),
        _of(
            lambda_svc,
            "_execute_function_dispatch",
            'error_type = "Runtime.HandlerError"',
            lambda_svc._execute_function_warm,
        ),
        _of(router, "_is_aws_service_name", "meta = session.get_service_model(service).metadata"),
        _of(
            provisioners,
            "_RESOURCE_HANDLERS",
            '"loggingConfiguration": props.get("LoggingConfiguration"',
            provisioners._sfn_state_machine_create,
        ),
        _of(
            provisioners,
            "_RESOURCE_HANDLERS",
            'props.get("EndpointConfiguration", ',
            provisioners._apigw_rest_api_create,
        ),
    ],
)
def test_the_source_still_has_what_is_patched(source: Any, fragment: str) -> None:
    assert fragment in inspect.getsource(source)


@pytest.mark.upstream("ministack.services.dynamodb.handle_request")
def test_a_batch_validates_and_measures_its_items_again() -> None:
    source = inspect.getsource(dynamodb._batch_write_item)
    assert source.count("_validate_item(item, ") == 2
    assert "_accumulate_write_capacity(" in source
    assert "_item_size_bytes(" in inspect.getsource(dynamodb._validate_item)


@pytest.mark.parametrize(
    ("source", "fragment"),
    [
        *(
            _of(provisioners, "_RESOURCE_HANDLERS", fragment, source)
            for source, fragment in (
                (provisioners._apigw_method_create, "RequestValidatorId"),
                (provisioners._apigw_stage_create, "AccessLogSetting"),
                (provisioners._ddb_create, "KinesisStreamSpecification"),
                (provisioners._ddb_update, "KinesisStreamSpecification"),
                (provisioners._ddb_delete, "_pitr_settings"),
                (provisioners._kinesis_stream_create, "StreamEncryption"),
                (provisioners._lambda_delete, "invalidate_worker"),
                (provisioners._s3_delete, "_delete_persisted_bucket"),
            )
        ),
    ],
)
def test_the_source_still_lacks_what_is_added(source: Any, fragment: str) -> None:
    assert fragment not in inspect.getsource(source)


@pytest.mark.upstream("ministack.core.iam_evaluator._request_origin")
def test_the_loopback_does_not_count_as_tls() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    root = iam_evaluator.EvalContext(
        principal_arn="arn:aws:iam::000000000000:root",
        principal_type="Root",
        principal_account="000000000000",
        action="sqs:SendMessage",
        resource_arn="*",
        region="us-east-1",
    )
    assert iam_evaluator.evaluate_resource_policy({"Statement": [denial]}, root).decision == "Deny"


@pytest.mark.upstream(
    "ministack.services.kinesis.put_record_internal",
    "ministack.services.dynamodb._stream_records",
)
@pytest.mark.parametrize("number", [kinesis._next_sequence_number, dynamodb._next_stream_seq])
def test_a_clock_that_is_set_back_makes_lower_numbers(number: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    first = number()
    now -= 3600
    assert number() < first


@pytest.mark.upstream(
    "ministack.services.dynamodb._tables",
    "ministack.services.dynamodb._stream_records",
)
def test_items_and_records_are_kept_as_they_are() -> None:
    item: dict[str, Any] = {"h": {"S": "1"}}
    table: dict[str, Any] = {"items": {}}
    dynamodb._set_item(table, "1", "r", item)
    assert table["items"]["1"]["r"] is item
    assert "_stream_records[table_name] = []" in inspect.getsource(dynamodb._emit_stream_event)


@pytest.mark.upstream("ministack.services.kinesis.put_record_internal")
def test_a_record_sets_an_event_that_a_process_cannot_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinesis, "esm_wake", threading.Event())
    kinesis._create_stream({"StreamName": "heard", "ShardCount": 1})
    stream = kinesis._streams["heard"]
    stream["StreamStatus"] = "ACTIVE"
    try:
        assert kinesis.put_record_internal(stream["StreamARN"], "key", b"data")
        assert kinesis.esm_wake.is_set()
        assert "record_metric" not in inspect.getsource(kinesis)
    finally:
        del kinesis._streams["heard"]


@pytest.mark.upstream("ministack.services.dynamodb._tables")
def test_nothing_shows_which_items_changed() -> None:
    table: dict[str, Any] = {"items": {}, "TableId": "t"}
    for change, *arguments in (
        (dynamodb._set_item, "h", "r", {}),
        (dynamodb._remove_item, "h", "r"),
        (dynamodb._items_replaced,),
    ):
        change(table, *arguments)
    assert set(table) == {"items", "TableId", "ItemCount", "TableSizeBytes"}


@pytest.mark.upstream(f"{provisioners.__name__}._RESOURCE_HANDLERS")
def test_a_bucket_of_cloudformation_has_no_lifecycle() -> None:
    rules = [{"Id": "old", "Status": "Enabled", "Prefix": "results/", "ExpirationInDays": 7}]
    properties = {"BucketName": "b", "LifecycleConfiguration": {"Rules": rules}}
    made, _ = provisioners._s3_create("Bucket", properties, "small")
    try:
        assert made not in s3._bucket_lifecycle
    finally:
        provisioners._s3_delete(made, {})


@pytest.mark.upstream(f"{provisioners.__name__}._STACK_TAG_PROPERTY")
@pytest.mark.parametrize(
    "type_", ["AWS::Athena::WorkGroup", "AWS::KinesisFirehose::DeliveryStream", "AWS::S3::Bucket"]
)
def test_these_types_do_not_get_the_tags_of_their_stack(type_: str) -> None:
    assert type_ not in provisioners._STACK_TAG_PROPERTY


@pytest.mark.upstream(f"{drift.__name__}._DRIFT_READERS")
@pytest.mark.parametrize(
    "type_",
    [
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGateway::UsagePlan",
        "AWS::Athena::WorkGroup",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::KinesisFirehose::DeliveryStream",
    ],
)
def test_drift_of_these_types_is_not_detected(type_: str) -> None:
    assert not drift.supports_drift(type_)


@pytest.mark.upstream(f"{changesets.__name__}._resolve_props_for_diff")
def test_a_change_set_does_not_look_at_conditions() -> None:
    template = {
        "Parameters": {"Topic": {"Type": "String", "Default": "no"}},
        "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Topic"}, "yes"]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "Wanted"}},
    }
    values = {"Topic": {"Value": "no", "NoEcho": False}}

    assert "Topic" in changesets._resolve_props_for_diff(template, values, "s", "id")["Resources"]


@pytest.mark.upstream(f"{changesets.__name__}._diff_resources")
def test_a_change_set_does_not_look_at_outputs() -> None:
    template: dict[str, Any] = {"Resources": {}, "Outputs": {"Url": {"Value": "u"}}}

    assert "Outputs" not in changesets._resolve_props_for_diff(template, {}, "s", "id")
    assert not changesets._diff_resources(template, {"Resources": {}, "Outputs": {}})


def test_every_patch_has_a_test_that_fails_once_upstream_does_not_need_it() -> None:
    marks = [mark for value in list(globals().values()) for mark in _marks(value)]
    tested = {str(target) for mark in marks if mark.name == "upstream" for target in mark.args}
    targets = {str(patch.target) for patch in PATCHES}

    assert targets == tested


def _marks(test: Any) -> Iterator[pytest.Mark]:
    """The marks of a test and of its cases."""
    for mark in getattr(test, "pytestmark", ()):
        yield mark
        for case in mark.args[1] if mark.name == "parametrize" else ():
            yield from (each.mark for each in getattr(case, "marks", ()))
