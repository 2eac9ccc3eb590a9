"""The state of each stage of the pipeline: its figures, and the assessment of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from nrti_cli.alerts.report import Alert, alerts
from nrti_cli.aws import apigateway, cloudwatch, dynamodb, kinesis, sqs
from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.aws.cloudwatch import Metric, Series
from nrti_cli.aws.s3 import S3, Object
from nrti_cli.aws.sagemaker import Endpoint, SageMaker
from nrti_cli.counts import show_count
from nrti_cli.durations import show_duration
from nrti_cli.stack.failing import UNREADABLE, Failure, failures
from nrti_cli.stack.names import UNPARKED, artifacts_bucket
from nrti_cli.stack.outputs import Outputs, outputs

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

State = Literal["ok", "idle", "warn", "failed"]
SPAN = timedelta(minutes=15)
_SPAN_TEXT = "the last 15 minutes"
#: Time that CloudWatch, Kinesis and Firehose may take in addition to the buffer until a row is in the lake.
_DELIVERY_MARGIN = timedelta(minutes=3)
#: Alert rules are evaluated every minute; some evaluations may be late or fail.
_EVALUATION_MARGIN = timedelta(minutes=5)
_DEFAULT_BUFFER_SECONDS = "60"
#: The share of 4xx above which a warning is shown, as in the alarm `<stack>-refused-requests`.
_MANY_REFUSED = 0.05


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline.

    Attributes:
        name: such as `API`.
        state: `idle` for no traffic, `warn` if it needs attention, `failed` if it does not work.
        reason: a short description.
        figures: on which the state is based.
    """

    name: str
    state: State
    reason: str
    figures: Mapping[str, int | float | str | None] = field(default_factory=dict)


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


def health(target: Target) -> list[Stage]:
    """Checks all stages concurrently.

    Raises:
        NrtiError: the stack does not exist.
    """
    found = outputs(target)
    now = datetime.now(UTC)
    s3, sagemaker = S3(target), SageMaker(target)
    for service in ("cloudwatch", "apigateway", "sqs", "dynamodb", "kinesis", "logs"):
        target.client(service)  # threads can share clients, but must not create them concurrently
    with ThreadPoolExecutor(max_workers=8) as threads:
        traffic = threads.submit(_traffic, target, found)
        deployed = threads.submit(apigateway.stage_exists, target, found.api_id, found.api_stage)
        depth = threads.submit(_dead_letters, target, found.dead_letter_queue_url)
        kept = threads.submit(_kept, s3, target)
        table = threads.submit(dynamodb.table, target, found.table)
        stream = threads.submit(kinesis.stream_status, target, found.stream)
        lake = threads.submit(s3.bucket_exists, found.lake_bucket)
        newest = threads.submit(_newest, s3, found.lake_bucket, now)
        buffer = threads.submit(_buffer, target)
        endpoints = threads.submit(_endpoints, sagemaker, target.stack)
        failing = threads.submit(failures, target, now - SPAN)
        rules = threads.submit(alerts, target)
    measured = traffic.result()
    return [
        _with_address(assess_api(deployed.result(), measured), found.api_url(target, "events")),
        assess_workflow(measured),
        assess_dead_letters(*depth.result(), kept.result()),
        assess_table(table.result()),
        assess_stream(stream.result(), measured),
        assess_lake(newest.result(), measured, buffer.result(), now)
        if lake.result()
        else Stage("lake", "failed", "its bucket does not exist"),
        assess_endpoints(endpoints.result(), failing.result()),
        assess_alerts(rules.result(), now),
    ]


def delivery_time(target: Target) -> timedelta:
    """How long a prediction may take from the table to the lake."""
    return _buffer(target) + _DELIVERY_MARGIN


def _with_address(stage: Stage, url: str) -> Stage:
    return replace(stage, figures={**stage.figures, "address": url})


def _traffic(target: Target, found: Outputs) -> Traffic:
    # The template names the API after the stack.
    api = {"ApiName": target.stack, "Stage": found.api_stage}
    workflow = {"StateMachineArn": found.state_machine_arn}
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
    ]
    return Traffic(*cloudwatch.read_metrics(target, metrics, SPAN))


def _newest(s3: S3, bucket: str, now: datetime) -> Object | None:
    """The newest file of today and yesterday; older ones do not affect the state."""
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


def assess_api(deployed: bool, traffic: Traffic) -> Stage:
    """Failed if it is not deployed, or if all responses are 5xx.

    A few refusals are the senders' own problem. CloudWatch counts requests that were throttled and accepted
    when they were retried among the 4xx.
    """
    requests, refused = int(traffic.requests.total), int(traffic.client_errors.total)
    broken = int(traffic.server_errors.total)
    figures = {"requests": requests, "4xx": refused, "5xx": broken}
    if not deployed:
        return Stage("API", "failed", "it is not deployed", figures)
    if not requests:
        return Stage("API", "idle", f"no requests in {_SPAN_TEXT}", figures)
    many = refused > _MANY_REFUSED * requests
    state: State = "failed" if broken == requests else "warn" if broken or many else "ok"
    why = ": more than one in twenty refused or throttled" if many else ""
    return Stage("API", state, f"{requests:,} requests, {refused:,} 4xx, {broken:,} 5xx{why}", figures)


def assess_workflow(traffic: Traffic) -> Stage:
    """Failed if no execution succeeded."""
    succeeded = int(traffic.succeeded.total)
    failed = int(traffic.failed.total + traffic.timed_out.total)
    figures = {"succeeded": succeeded, "failed": failed}
    if not succeeded and not failed:
        return Stage("workflow", "idle", f"no executions in {_SPAN_TEXT}", figures)
    state: State = "ok" if not failed else "warn" if succeeded else "failed"
    return Stage("workflow", state, f"{succeeded:,} succeeded, {failed:,} failed", figures)


def _dead_letters(target: Target, queue_url: str) -> tuple[sqs.Depth | None, Counter[str]]:
    """The number of dead letters, and the reasons of a few, which stay visible to other consumers."""
    depth = sqs.depth(target, queue_url)
    seen = sqs.Queue(target, queue_url).peek() if depth and depth.total else []
    return depth, Counter(message.attributes.get("error", "Unreadable") for message in seen)


def _kept(s3: S3, target: Target) -> int:
    """The number of requests that the queue refused."""
    return sum(1 for _ in s3.keys(artifacts_bucket(target), UNPARKED))


def assess_dead_letters(
    depth: sqs.Depth | None, reasons: Mapping[str, int] | None = None, kept: int = 0
) -> Stage:
    """A warning: a dead letter is an event that needs attention, not a stage that does not work.

    Args:
        depth: of the queue, None if it does not exist.
        reasons: of some of its letters.
        kept: requests that the queue refused.
    """
    if depth is None:
        figures = {"messages": None, "held": None, "kept": kept}
        return Stage("dead letters", "failed", "the queue does not exist", figures)
    figures = {"messages": depth.total, "held": depth.held, "kept": kept}
    parts = [_in_queue(depth, reasons or {})] if depth.total else []
    if kept:
        parts.append(f"{show_count(kept, 'request')} refused by the queue, kept in S3 for nrti redrive")
    return Stage("dead letters", "warn" if parts else "ok", "; ".join(parts) or "none", figures)


def _in_queue(depth: sqs.Depth, reasons: Mapping[str, int]) -> str:
    waiting = f"{show_count(depth.total, 'message')} {'waits' if depth.total == 1 else 'wait'} in the queue"
    held = f"{depth.held:,} of them held by another command" if depth.held else ""
    summary = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    sample = "of a few: " if summary and sum(reasons.values()) < depth.total else ""
    return ", ".join(filter(None, [waiting, held, sample + summary]))


def assess_table(table: dynamodb.Table | None) -> Stage:
    """The number of items, which AWS updates every six hours."""
    if table is None:
        return Stage("table", "failed", "it does not exist", {"items": None})
    figures: dict[str, int | str] = {"items": table.items, "status": table.status}
    if table.status not in {"ACTIVE", "UPDATING"}:
        return Stage("table", "failed", f"it is {table.status}", figures)
    return Stage("table", "ok" if table.items else "idle", f"{table.items:,} items", figures)


def assess_stream(status: str | None, traffic: Traffic) -> Stage:
    """The minute of the last change of the table, and the delay of the slowest reader."""
    last, behind = traffic.records.last, max((ms for _, ms in traffic.iterator_age.points), default=None)
    records = int(traffic.records.total)
    figures = {
        "records": records,
        "last_minute": last.isoformat() if last else None,
        "iterator_age_ms": behind,
    }
    if status is None:
        return Stage("stream", "failed", "it does not exist", figures)
    if status not in {"ACTIVE", "UPDATING"}:
        return Stage("stream", "failed", f"it is {status}", figures)
    if last is None:
        return Stage("stream", "idle", f"no records in {_SPAN_TEXT}", figures)
    lag = f", its reader is {show_duration(behind / 1000)} behind" if behind else ""
    state: State = "warn" if behind and behind > SPAN.total_seconds() * 1000 else "ok"
    return Stage("stream", state, f"{records:,} records, the last at {last:%H:%M} UTC{lag}", figures)


def last_stored(traffic: Traffic) -> datetime | None:
    """The minute of the last record that becomes a row of the lake.

    Deletions of items, such as those that expire, are records as well, but come without an execution.
    """
    stored, executed = traffic.records.last, traffic.succeeded.last
    return min(stored, executed) if stored and executed else None


def assess_lake(newest: Object | None, traffic: Traffic, buffer: timedelta, now: datetime) -> Stage:
    """Failed if there were records, but no file within the buffer time and a margin.

    A warning if the delivery has read fewer records than the stream got before that time.
    """
    due, last = now - buffer - _DELIVERY_MARGIN, last_stored(traffic)
    missing = int(traffic.records.until(due) - traffic.delivered.total)
    age = (now - newest.written).total_seconds() if newest else None
    figures: dict[str, int | float | str | None] = {
        "key": newest.key if newest else None,
        "bytes": newest.size if newest else None,
        "age_seconds": age,
        "missing_records": max(missing, 0),
    }
    if last and last < due and (newest is None or newest.written < last):
        return Stage("lake", "failed", f"nothing was delivered since the record of {last:%H:%M} UTC", figures)
    if newest is None or age is None:
        return Stage("lake", "idle", "no file today or yesterday", figures)
    if missing > 0:
        behind = f"{missing:,} of the records in {_SPAN_TEXT} were not read by the delivery"
        return Stage("lake", "warn", behind, figures)
    return Stage("lake", "ok", f"newest file {_ago(age)}, {newest.size:,} bytes", figures)


def assess_endpoints(endpoints: Sequence[Endpoint], failing: Sequence[Failure] = ()) -> Stage:
    """Failed if an endpoint does not serve, or if its responses cannot be read."""
    figures = {endpoint.name: endpoint.status for endpoint in endpoints}
    if not endpoints:
        return Stage("endpoints", "idle", "no model is published", figures)
    broken = [endpoint for endpoint in endpoints if endpoint.status in {"Failed", "OutOfService"}]
    busy = [endpoint for endpoint in endpoints if endpoint.status != "InService"]
    named: dict[str, list[str]] = {}
    for endpoint in endpoints:
        named.setdefault(endpoint.status, []).append(endpoint.name)
    summary = "; ".join(f"{', '.join(names)} {status}" for status, names in named.items())
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
    return Stage("endpoints", state, summary + why, figures)


def assess_alerts(found: Sequence[Alert], now: datetime) -> Stage:
    """Failed if the rules are not evaluated; a warning if an alert is active or a rule has a problem."""
    active = [alert for alert in found if alert.active]
    evaluated = max((alert.evaluated_at for alert in found if alert.evaluated_at), default=None)
    figures: dict[str, int | float | str | None] = {
        "rules": len(found),
        "active": ", ".join(alert.rule.id for alert in active),
        "evaluated_at": evaluated.isoformat() if evaluated else None,
    }
    if not found:
        return Stage("alerts", "idle", "no rules", figures)
    last = evaluated or datetime.fromtimestamp(min(alert.rule.added_at for alert in found) / 1000, UTC)
    if now - last > _EVALUATION_MARGIN:
        when = (
            f"the last evaluation was {_ago((now - last).total_seconds())}" if evaluated else "not evaluated"
        )
        return Stage("alerts", "failed", f"{show_count(len(found), 'rule')}: {when}", figures)
    if active:
        named = "; ".join(f"{alert.rule.condition}, {alert.rule.subject}" for alert in active)
        return Stage(
            "alerts", "warn", f"{len(active)} of {show_count(len(found), 'rule')} active: {named}", figures
        )
    if problems := [f"{alert.rule.condition}: {alert.problem}" for alert in found if alert.problem]:
        return Stage("alerts", "warn", "; ".join(problems), figures)
    return Stage("alerts", "ok", f"{show_count(len(found), 'rule')}, none active", figures)


def _fault(error: str, count: int) -> str:
    what = "its response is not a prediction" if error == UNREADABLE else error
    return f"{what} ({count:,} request{'' if count == 1 else 's'} in {_SPAN_TEXT})"


def _ago(seconds: float) -> str:
    return f"{show_duration(max(seconds, 0))} ago"
