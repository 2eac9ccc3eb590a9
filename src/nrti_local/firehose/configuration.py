"""The configuration of a delivery stream, from DescribeDeliveryStream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Configuration:
    """The parts of a delivery stream's description that its delivery needs.

    Attributes:
        kinesis_stream_arn: the source.
        function_arn: of the transform function, or None.
        prefix: of the objects, with Firehose's `!{…}` expressions.
        error_prefix: of records that could not be delivered, likewise.
        interval: the longest age of the buffer, in seconds.
        size: the size in bytes at which the buffer is written.
        schema: database and table of the Glue schema, or None to deliver JSON lines.
    """

    name: str
    kinesis_stream_arn: str
    function_arn: str | None
    bucket: str
    prefix: str
    error_prefix: str
    interval: float
    size: int
    schema: tuple[str, str] | None

    @classmethod
    def parse(cls, description: Mapping[str, Any]) -> Configuration | None:
        """The configuration, or None for a delivery stream without a Kinesis source or an S3 destination."""
        source = description.get("Source", {}).get("KinesisStreamSourceDescription")
        destinations = [d["ExtendedS3DestinationDescription"] for d in description["Destinations"] if _s3(d)]
        if not source or not destinations:
            return None
        s3 = destinations[0]
        hints = s3.get("BufferingHints", {})
        return cls(
            name=description["DeliveryStreamName"],
            kinesis_stream_arn=source["KinesisStreamARN"],
            function_arn=_function_arn(s3.get("ProcessingConfiguration", {})),
            bucket=s3["BucketARN"].rpartition(":")[2],
            prefix=s3.get("Prefix", ""),
            error_prefix=s3.get("ErrorOutputPrefix", ""),
            interval=float(hints.get("IntervalInSeconds", 300)),
            size=int(hints.get("SizeInMBs", 5)) * 1024 * 1024,
            schema=_schema(s3.get("DataFormatConversionConfiguration", {})),
        )


def _s3(destination: Mapping[str, Any]) -> bool:
    return "ExtendedS3DestinationDescription" in destination


def _function_arn(processing: Mapping[str, Any]) -> str | None:
    if not processing.get("Enabled", True):
        return None
    for processor in processing.get("Processors", []):
        for parameter in processor.get("Parameters", []):
            if processor["Type"] == "Lambda" and parameter["ParameterName"] == "LambdaArn":
                return str(parameter["ParameterValue"])
    return None


def _schema(conversion: Mapping[str, Any]) -> tuple[str, str] | None:
    found = conversion.get("SchemaConfiguration")
    if not found or not conversion.get("Enabled", True):
        return None
    return found["DatabaseName"], found["TableName"]


#: The letters of Java's DateTimeFormatter, which Firehose's prefixes use, and the directives of strftime.
_TIME_LETTERS = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))


def render_prefix(prefix: str, when: datetime, error_type: str = "") -> str:
    """Evaluates `!{timestamp:…}` (UTC) and `!{firehose:error-output-type}` in a prefix."""
    rendered = ""
    while "!{" in prefix:
        literal, _, rest = prefix.partition("!{")
        expression, _, prefix = rest.partition("}")
        rendered += literal + _evaluate(expression, when, error_type)
    return rendered + prefix


def _evaluate(expression: str, when: datetime, error_type: str) -> str:
    namespace, _, value = expression.partition(":")
    if namespace == "timestamp":
        for letters, directive in _TIME_LETTERS:
            value = value.replace(letters, directive)
        return when.strftime(value)
    return error_type if value == "error-output-type" else ""
