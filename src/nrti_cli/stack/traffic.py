"""The metrics by which the stages of the pipeline are assessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.metrics import Metric, Series, read_metrics
from nrti_cli.stack.stage import SPAN

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs


@dataclass(frozen=True)
class Traffic:
    """The metrics of the last `SPAN`."""

    requests: Series
    client_errors: Series
    server_errors: Series
    succeeded: Series
    failed: Series
    timed_out: Series
    records: Series
    iterator_age: Series
    delivered: Series
    labelled: Series
    label_failures: Series
    label_timeouts: Series


def read_traffic(target: Target, found: Outputs) -> Traffic:
    """Reads the metrics of a stack, by one call."""
    # The template names the API after the stack.
    api = {"ApiName": target.stack, "Stage": found.api_stage}
    workflow = {"StateMachineArn": found.state_machine_arn}
    labels = {"StateMachineArn": found.labels_state_machine_arn}
    stream, delivery = {"StreamName": found.stream}, {"DeliveryStreamName": found.delivery_stream}
    metrics = [
        Metric("Count", "AWS/ApiGateway", api),
        Metric("4XXError", "AWS/ApiGateway", api),
        Metric("5XXError", "AWS/ApiGateway", api),
        Metric("ExecutionsSucceeded", "AWS/States", workflow),
        Metric("ExecutionsFailed", "AWS/States", workflow),
        Metric("ExecutionsTimedOut", "AWS/States", workflow),
        Metric("IncomingRecords", "AWS/Kinesis", stream),
        Metric("GetRecords.IteratorAgeMilliseconds", "AWS/Kinesis", stream, "Maximum"),
        Metric("DataReadFromKinesisStream.Records", "AWS/Firehose", delivery),
        Metric("ExecutionsSucceeded", "AWS/States", labels),
        Metric("ExecutionsFailed", "AWS/States", labels),
        Metric("ExecutionsTimedOut", "AWS/States", labels),
    ]
    return Traffic(*read_metrics(target, metrics, SPAN))
