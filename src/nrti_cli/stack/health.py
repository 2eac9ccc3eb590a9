"""How each stage of the pipeline is doing, as data: the figures first, then the judgement on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from nrti_cli.aws import apigateway, cloudwatch, dynamodb, kinesis, sqs
from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.aws.cloudwatch import Metric, Series
from nrti_cli.aws.s3 import S3, Object
from nrti_cli.aws.sagemaker import Endpoint, SageMaker
from nrti_cli.durations import show_duration
from nrti_cli.stack.failing import UNREADABLE, Failure, failures
from nrti_cli.stack.outputs import Outputs, outputs

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

State = Literal["ok", "idle", "warn", "failed"]
SPAN = timedelta(minutes=15)
_SPAN_TEXT = "the last 15 minutes"
#: What CloudWatch, Kinesis and Firehose may add to the buffer before a row is in the lake.
_DELIVERY_MARGIN = timedelta(minutes=3)
_DEFAULT_BUFFER_SECONDS = "60"
#: The share of 4xx from which on they are worth a look, as in the alarm `<stack>-refused-requests`.
_MANY_REFUSED = 0.05


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline.

    Attributes:
        name: such as `API`.
        state: `idle` means that nothing came by, `warn` that something needs a look, `failed` that it
            does not work.
        reason: in a few words.
        figures: what the judgement rests on.
    """

    name: str
    state: State
    reason: str
    figures: Mapping[str, int | float | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Traffic:
    """What was measured in the last `SPAN`."""

    requests: Series
    client_errors: Series
    server_errors: Series
    succeeded: Series
    failed: Series
    timed_out: Series
    records: Series
    iterator_age: Series


def health(target: Target) -> list[Stage]:
    """Looks at all stages at once.

    Raises:
        NrtiError: there is no stack.
    """
    found = outputs(target)
    now = datetime.now(UTC)
    s3, sagemaker = S3(target), SageMaker(target)
    for service in ("cloudwatch", "apigateway", "sqs", "dynamodb", "kinesis", "logs"):
        target.client(service)  # making clients is not thread-safe; using them is
    with ThreadPoolExecutor(max_workers=8) as threads:
        traffic = threads.submit(_traffic, target, found)
        deployed = threads.submit(apigateway.stage_exists, target, found.api_id, found.api_stage)
        depth = threads.submit(_dead_letters, target, found.dead_letter_queue_url)
        table = threads.submit(dynamodb.table, target, found.table)
        stream = threads.submit(kinesis.stream_status, target, found.stream)
        lake = threads.submit(s3.bucket_exists, found.lake_bucket)
        newest = threads.submit(_newest, s3, found.lake_bucket, now)
        buffer = threads.submit(_buffer, target)
        endpoints = threads.submit(_endpoints, sagemaker, target.stack)
        failing = threads.submit(failures, target, now - SPAN)
    measured = traffic.result()
    return [
        _with_address(judge_api(deployed.result(), measured), found.api_url(target, "events")),
        judge_workflow(measured),
        judge_dead_letters(*depth.result()),
        judge_table(table.result()),
        judge_stream(stream.result(), measured),
        judge_lake(newest.result(), measured.records.last, buffer.result(), now)
        if lake.result()
        else Stage("lake", "failed", "its bucket is gone"),
        judge_endpoints(endpoints.result(), failing.result()),
    ]


def _with_address(stage: Stage, url: str) -> Stage:
    return replace(stage, figures={**stage.figures, "address": url})


def _traffic(target: Target, found: Outputs) -> Traffic:
    # The template names the API after the stack.
    api = {"ApiName": target.stack, "Stage": found.api_stage}
    workflow = {"StateMachineArn": found.state_machine_arn}
    stream = {"StreamName": found.stream}
    metrics = [
        Metric("Count", "AWS/ApiGateway", api),
        Metric("4XXError", "AWS/ApiGateway", api),
        Metric("5XXError", "AWS/ApiGateway", api),
        Metric("ExecutionsSucceeded", "AWS/States", workflow),
        Metric("ExecutionsFailed", "AWS/States", workflow),
        Metric("ExecutionsTimedOut", "AWS/States", workflow),
        Metric("IncomingRecords", "AWS/Kinesis", stream),
        Metric("GetRecords.IteratorAgeMilliseconds", "AWS/Kinesis", stream, "Maximum"),
    ]
    return Traffic(*cloudwatch.read(target, metrics, SPAN))


def _newest(s3: S3, bucket: str, now: datetime) -> Object | None:
    """The newest file of today's or yesterday's rows; what is older makes no difference to a status."""
    for day in (now, now - timedelta(days=1)):
        found = s3.newest(bucket, f"predictions/day={day:%Y-%m-%d}/")
        if found:
            return found
    return None


def _buffer(target: Target) -> timedelta:
    stack = CloudFormation(target).stack(target.stack)
    seconds = stack.parameters.get("BufferSeconds", _DEFAULT_BUFFER_SECONDS) if stack else "0"
    return timedelta(seconds=float(seconds))


def _endpoints(sagemaker: SageMaker, stack: str) -> list[Endpoint]:
    found = [sagemaker.endpoint(name) for name in sagemaker.endpoint_names(f"{stack}-")]
    return [endpoint for endpoint in found if endpoint]


def judge_api(deployed: bool, traffic: Traffic) -> Stage:
    """Failed without a deployment, or when the API answers nothing but 5xx.

    A few refusals are the senders' business, who have been told: CloudWatch counts what was throttled, and
    accepted when it was sent again, among the 4xx.
    """
    requests, refused = int(traffic.requests.total), int(traffic.client_errors.total)
    broken = int(traffic.server_errors.total)
    figures = {"requests": requests, "4xx": refused, "5xx": broken}
    if not deployed:
        return Stage("API", "failed", "it is not deployed", figures)
    if not requests:
        return Stage("API", "idle", f"no request in {_SPAN_TEXT}", figures)
    many = refused > _MANY_REFUSED * requests
    state: State = "failed" if broken == requests else "warn" if broken or many else "ok"
    why = ": more than one in twenty refused or throttled" if many else ""
    return Stage("API", state, f"{requests:,} requests, {refused:,} 4xx, {broken:,} 5xx{why}", figures)


def judge_workflow(traffic: Traffic) -> Stage:
    """Failed when not one execution succeeded."""
    succeeded = int(traffic.succeeded.total)
    failed = int(traffic.failed.total + traffic.timed_out.total)
    figures = {"succeeded": succeeded, "failed": failed}
    if not succeeded and not failed:
        return Stage("workflow", "idle", f"no execution in {_SPAN_TEXT}", figures)
    state: State = "ok" if not failed else "warn" if succeeded else "failed"
    return Stage("workflow", state, f"{succeeded:,} succeeded, {failed:,} failed", figures)


def _dead_letters(target: Target, queue_url: str) -> tuple[int | None, Counter[str]]:
    """How many there are, and the reasons of a few; looking at these hides them from nobody."""
    depth = sqs.depth(target, queue_url)
    seen = sqs.Queue(target, queue_url).peek() if depth else []
    return depth, Counter(message.attributes.get("error", "Unreadable") for message in seen)


def judge_dead_letters(depth: int | None, reasons: Mapping[str, int] | None = None) -> Stage:
    """A dead letter is an event that somebody should look at, not a stage that does not work.

    Args:
        depth: how many there are, None without a queue.
        reasons: of those that were looked at, which need not be all.
    """
    figures = {"messages": depth}
    if depth is None:
        return Stage("dead letters", "failed", "the queue is gone", figures)
    if depth:
        told = ", ".join(f"{reason} {count:,}" for reason, count in (reasons or {}).items())
        sample = "of a few: " if sum((reasons or {}).values()) < depth else ""
        why = f"{sample}{told}" if told else "each with its reason"
        return Stage("dead letters", "warn", f"{depth:,} messages wait in the queue, {why}", figures)
    return Stage("dead letters", "ok", "none", figures)


def judge_table(table: dynamodb.Table | None) -> Stage:
    """The number of items is as old as AWS says it is: up to six hours."""
    if table is None:
        return Stage("table", "failed", "it is gone", {"items": None})
    figures: dict[str, int | str] = {"items": table.items, "status": table.status}
    if table.status not in {"ACTIVE", "UPDATING"}:
        return Stage("table", "failed", f"it is {table.status}", figures)
    return Stage("table", "ok" if table.items else "idle", f"{table.items:,} items", figures)


def judge_stream(status: str | None, traffic: Traffic) -> Stage:
    """In which minute the last change of the table came, and how far behind its slowest reader is."""
    last, behind = traffic.records.last, max((ms for _, ms in traffic.iterator_age.points), default=None)
    records = int(traffic.records.total)
    figures = {
        "records": records,
        "last_minute": last.isoformat() if last else None,
        "iterator_age_ms": behind,
    }
    if status is None:
        return Stage("stream", "failed", "it is gone", figures)
    if status not in {"ACTIVE", "UPDATING"}:
        return Stage("stream", "failed", f"it is {status}", figures)
    if last is None:
        return Stage("stream", "idle", f"no record in {_SPAN_TEXT}", figures)
    lag = f", its reader is {show_duration(behind / 1000)} behind" if behind else ""
    state: State = "warn" if behind and behind > SPAN.total_seconds() * 1000 else "ok"
    return Stage("stream", state, f"{records:,} records, the last at {last:%H:%M} UTC{lag}", figures)


def judge_lake(newest: Object | None, last: datetime | None, buffer: timedelta, now: datetime) -> Stage:
    """Failed when records came but no file followed within the buffer's time and a margin."""
    age = (now - newest.written).total_seconds() if newest else None
    figures: dict[str, int | float | str | None] = {
        "key": newest.key if newest else None,
        "bytes": newest.size if newest else None,
        "age_seconds": age,
    }
    overdue = last is not None and now - last > buffer + _DELIVERY_MARGIN
    if overdue and last and (newest is None or newest.written < last):
        return Stage("lake", "failed", f"nothing was delivered since the record of {last:%H:%M} UTC", figures)
    if newest is None or age is None:
        return Stage("lake", "idle", "no file today or yesterday", figures)
    return Stage("lake", "ok", f"newest file {_ago(age)}, {newest.size:,} bytes", figures)


def judge_endpoints(endpoints: Sequence[Endpoint], failing: Sequence[Failure] = ()) -> Stage:
    """Failed when one cannot serve, or answers what cannot be read; what it served before does not count."""
    figures = {endpoint.name: endpoint.status for endpoint in endpoints}
    if not endpoints:
        return Stage("endpoints", "idle", "no model is published", figures)
    broken = [endpoint for endpoint in endpoints if endpoint.status in {"Failed", "OutOfService"}]
    busy = [endpoint for endpoint in endpoints if endpoint.status != "InService"]
    named: dict[str, list[str]] = {}
    for endpoint in endpoints:
        named.setdefault(endpoint.status, []).append(endpoint.name)
    told = "; ".join(f"{', '.join(names)} {status}" for status, names in named.items())
    why = "".join(f" ({endpoint.reason})" for endpoint in broken if endpoint.reason)
    updated = {endpoint.name: endpoint.updated for endpoint in endpoints}
    recent = Counter(
        (failure.endpoint, failure.error)
        for failure in failing
        if failure.endpoint in updated and failure.at >= updated[failure.endpoint]
    )
    why += "".join(f"; {endpoint}: {_fault(error, count)}" for (endpoint, error), count in recent.items())
    figures["failing"] = ", ".join(f"{endpoint} {error}" for endpoint, error in recent)
    unreadable = any(error == UNREADABLE for _, error in recent)
    state: State = "failed" if broken or unreadable else "warn" if busy or recent else "ok"
    return Stage("endpoints", state, told + why, figures)


def _fault(error: str, count: int) -> str:
    what = "answers what is no prediction" if error == UNREADABLE else error
    return f"{what} ({count:,} request{'' if count == 1 else 's'} in {_SPAN_TEXT})"


def _ago(seconds: float) -> str:
    return f"{show_duration(max(seconds, 0))} ago"
