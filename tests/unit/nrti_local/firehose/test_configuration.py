from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from nrti_local.firehose.configuration import Configuration, render_prefix

WHEN = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def _description(**s3: Any) -> dict[str, Any]:
    return {
        "DeliveryStreamName": "lake",
        "Source": {"KinesisStreamSourceDescription": {"KinesisStreamARN": "arn:aws:kinesis:r:a:stream/s"}},
        "Destinations": [{"ExtendedS3DestinationDescription": {"BucketARN": "arn:aws:s3:::lake", **s3}}],
    }


def test_firehoses_defaults_hold_where_nothing_is_said() -> None:
    configuration = Configuration.parse(_description())

    assert configuration
    assert (configuration.interval, configuration.size) == (300.0, 5 * 1024 * 1024)
    assert (configuration.bucket, configuration.function_arn, configuration.schema) == ("lake", None, None)


def test_function_and_schema_are_found() -> None:
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": "arn:f"}]
    configuration = Configuration.parse(
        _description(
            ProcessingConfiguration={
                "Enabled": True,
                "Processors": [{"Type": "Lambda", "Parameters": parameters}],
            },
            DataFormatConversionConfiguration={
                "SchemaConfiguration": {"DatabaseName": "d", "TableName": "t"}
            },
        )
    )

    assert configuration
    assert (configuration.function_arn, configuration.schema) == ("arn:f", ("d", "t"))


def test_what_is_switched_off_is_off() -> None:
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": "arn:f"}]
    configuration = Configuration.parse(
        _description(
            ProcessingConfiguration={
                "Enabled": False,
                "Processors": [{"Type": "Lambda", "Parameters": parameters}],
            },
            DataFormatConversionConfiguration={
                "Enabled": False,
                "SchemaConfiguration": {"DatabaseName": "d"},
            },
        )
    )

    assert configuration
    assert (configuration.function_arn, configuration.schema) == (None, None)


def test_a_delivery_stream_that_is_fed_directly_is_not_ours() -> None:
    assert Configuration.parse({**_description(), "Source": {}}) is None


def test_a_prefix_is_dated_and_typed() -> None:
    prefix = "errors/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/at=!{timestamp:HH-mm-ss}/"

    assert render_prefix(prefix, WHEN, "processing-failed") == (
        "errors/processing-failed/day=2026-11-02/at=03-04-05/"
    )


def test_a_plain_prefix_stays_as_it_is() -> None:
    assert render_prefix("a/b/", WHEN) == "a/b/"
