"""The state of each stage of the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.alerts.report import alerts
from nrti_cli.aws import apigateway, athena, sqs
from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.aws.cloudwatch import metrics
from nrti_cli.aws.dynamodb.tables import find_table
from nrti_cli.aws.kinesis.streams import stream_status
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.s3.objects import S3, MissingBucketError, Object
from nrti_cli.aws.sagemaker.endpoints import Endpoint, SageMaker
from nrti_cli.stack.assessment import (
    DELIVERY_MARGIN,
    LABEL_TABLES,
    LAKE_TABLES,
    assess_alarms,
    assess_alerts,
    assess_api,
    assess_dead_letters,
    assess_endpoints,
    assess_labels,
    assess_lake,
    assess_stream,
    assess_table,
    assess_workflow,
    with_tables,
)
from nrti_cli.stack.failing import failures
from nrti_cli.stack.names import UNPARKED, alarms, artifacts_bucket
from nrti_cli.stack.stage import SPAN, Stage
from nrti_cli.stack.traffic import read_traffic

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

_DEFAULT_BUFFER_SECONDS = "60"
_CALLS = 16


def health(target: Target, found: Outputs, *, calls: int = _CALLS) -> list[Stage]:
    """Checks all stages concurrently.

    Args:
        target: which pipeline.
        found: the outputs of its stack.
        calls: the most at a time; fewer take longer and less memory.
    """
    now = datetime.now(UTC)
    s3, sagemaker = S3(target), SageMaker(target)
    for service in ("cloudwatch", "apigateway", "sqs", "dynamodb", "kinesis", "logs", "athena"):
        target.client(service)  # threads can share clients, but must not create them concurrently
    with ThreadPoolExecutor(max_workers=calls) as threads:
        traffic = threads.submit(read_traffic, target, found)
        deployed = threads.submit(apigateway.stage_exists, target, found.api_id, found.api_stage)
        depth = threads.submit(_dead_letters, target, found.dead_letter_queue_url)
        kept = threads.submit(_kept, s3, target)
        table = threads.submit(find_table, target, found.table)
        stream = threads.submit(stream_status, target, found.stream)
        tables = threads.submit(athena.table_names, target, found.database)
        lake = threads.submit(Buckets(target).exists, found.lake_bucket)
        newest = threads.submit(_newest_predictions, s3, found.lake_bucket, now)
        labels = threads.submit(_newest_labels, s3, found.lake_bucket)
        buffer = threads.submit(_buffer, target)
        endpoints = threads.submit(_endpoints, sagemaker, target.stack)
        failing = threads.submit(failures, target, now - SPAN)
        watched = threads.submit(metrics.alarms, target, alarms(target.stack))
        rules = threads.submit(alerts, target)
    measured, delay, catalog = traffic.result(), buffer.result(), tables.result()
    return [
        _with_address(assess_api(deployed.result(), measured), found.api_url(target, "events")),
        assess_workflow(measured),
        _if_stored("dead letters", lambda: assess_dead_letters(*depth.result(), kept.result())),
        assess_table(table.result()),
        assess_stream(stream.result(), measured),
        with_tables(assess_lake(newest.result(), measured, delay, now), catalog, *LAKE_TABLES)
        if lake.result()
        else Stage("lake", "failed", "its bucket does not exist"),
        _if_stored(
            "labels",
            lambda: with_tables(assess_labels(labels.result(), measured, delay, now), catalog, *LABEL_TABLES),
        ),
        assess_endpoints(endpoints.result(), failing.result()),
        assess_alarms(watched.result()),
        _if_stored("alerts", lambda: assess_alerts(rules.result(), now)),
    ]


def delivery_time(target: Target) -> timedelta:
    """How long a prediction may take from the table to the lake."""
    return _buffer(target) + DELIVERY_MARGIN


def _if_stored(name: str, assess: Callable[[], Stage]) -> Stage:
    """A stage that is assessed by objects in a bucket; failed if the bucket does not exist."""
    try:
        return assess()
    except MissingBucketError as error:
        return Stage(name, "failed", error.message)


def _with_address(stage: Stage, url: str) -> Stage:
    return replace(stage, figures={**stage.figures, "address": url})


def _newest_predictions(s3: S3, bucket: str, now: datetime) -> Object | None:
    """The newest file of today and yesterday; older ones do not affect the state."""
    for day in (now, now - timedelta(days=1)):
        found = s3.newest(bucket, f"predictions/day={day:%Y-%m-%d}/")
        if found:
            return found
    return None


def _newest_labels(s3: S3, bucket: str) -> Object | None:
    """The newest file of labels, of the last month that has any."""
    months = s3.folders(bucket, "labels/")
    return s3.newest(bucket, months[-1]) if months else None


def _buffer(target: Target) -> timedelta:
    stack = CloudFormation(target).stack(target.stack)
    seconds = stack.parameters.get("BufferSeconds", _DEFAULT_BUFFER_SECONDS) if stack else "0"
    return timedelta(seconds=float(seconds))


def _endpoints(sagemaker: SageMaker, stack: str) -> list[Endpoint]:
    found = [sagemaker.endpoint(name) for name in sagemaker.endpoint_names(f"{stack}-")]
    return [endpoint for endpoint in found if endpoint]


def _dead_letters(target: Target, queue_url: str) -> tuple[sqs.Depth | None, Counter[str]]:
    """The number of dead letters, and the reasons of a few, which stay visible to other consumers."""
    depth = sqs.depth(target, queue_url)
    seen = sqs.Queue(target, queue_url).peek() if depth and depth.total else []
    return depth, Counter(message.attributes.get("error", "Unreadable") for message in seen)


def _kept(s3: S3, target: Target) -> int:
    """The number of requests that the queue refused."""
    return sum(1 for _ in s3.keys(artifacts_bucket(target), UNPARKED))
