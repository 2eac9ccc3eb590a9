"""The assessment of each stage of the pipeline, by its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.counts import show_count
from nrti_cli.durations import show_duration
from nrti_cli.stack.failing import UNREADABLE
from nrti_cli.stack.stage import SPAN, SPAN_TEXT, Stage, ago

if TYPE_CHECKING:
    from nrti_cli.alerts.report import Alert
    from nrti_cli.aws.cloudwatch.metrics import Alarm, Series
    from nrti_cli.aws.dynamodb.tables import Table
    from nrti_cli.aws.s3.objects import Object
    from nrti_cli.aws.sagemaker.endpoints import Endpoint
    from nrti_cli.aws.sqs import Depth
    from nrti_cli.stack.failing import Failure
    from nrti_cli.stack.stage import Figures, State
    from nrti_cli.stack.traffic import Traffic

#: Time that CloudWatch, Kinesis and Firehose may take in addition to the buffer until a row is in the lake.
DELIVERY_MARGIN = timedelta(minutes=3)
#: What `nrti query` reads, by the stage that it belongs to.
LAKE_TABLES = ("predictions_raw", "predictions")
LABEL_TABLES = ("labels", "outcomes")
#: Alert rules are evaluated every minute; some evaluations may be late or fail.
_EVALUATION_MARGIN = timedelta(minutes=5)
#: The share of 4xx above which a warning is shown, as in the alarm `<stack>-refused-requests`.
_MANY_REFUSED = 0.05


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
        return Stage("API", "idle", f"no requests in {SPAN_TEXT}", figures)
    many = refused > _MANY_REFUSED * requests
    state: State = "failed" if broken == requests else "warn" if broken or many else "ok"
    why = ": more than one in twenty refused or throttled" if many else ""
    counted = f"{show_count(requests, 'request')}, {refused:,} 4xx, {broken:,} 5xx"
    return Stage("API", state, counted + why, figures)


def assess_workflow(traffic: Traffic) -> Stage:
    """Failed if no execution succeeded."""
    succeeded, failed = _executions(traffic.succeeded, traffic.failed, traffic.timed_out)
    figures = {"succeeded": succeeded, "failed": failed}
    if not succeeded and not failed:
        return Stage("workflow", "idle", f"no executions in {SPAN_TEXT}", figures)
    state: State = "ok" if not failed else "warn" if succeeded else "failed"
    return Stage("workflow", state, f"{succeeded:,} succeeded, {failed:,} failed", figures)


def assess_dead_letters(
    depth: Depth | None, reasons: Mapping[str, int] | None = None, kept: int = 0
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
    wait = "waits" if depth.total == 1 else "wait"
    parts = [  # the counts first: nrti status --watch cuts the line
        f"{show_count(depth.total, 'message')} {wait} in the queue" if depth.total else "",
        f"{show_count(kept, 'request')} kept in S3" if kept else "",
        f"{depth.held:,} held by another command" if depth.held else "",
        _why(depth.total, reasons or {}),
    ]
    shown = ", ".join(filter(None, parts))
    return Stage("dead letters", "warn" if shown else "ok", shown or "none", figures)


def _why(depth: int, reasons: Mapping[str, int]) -> str:
    summary = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    sample = "of a few: " if sum(reasons.values()) < depth else ""
    return f"{sample}{summary}" if summary else ""


def assess_table(table: Table | None) -> Stage:
    """The number of items, which AWS updates every six hours."""
    if table is None:
        return Stage("table", "failed", "it does not exist", {"items": None})
    figures: dict[str, int | str] = {"items": table.items, "status": table.status}
    if table.status not in {"ACTIVE", "UPDATING"}:
        return Stage("table", "failed", f"it is {table.status}", figures)
    return Stage("table", "ok" if table.items else "idle", show_count(table.items, "item"), figures)


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
        return Stage("stream", "idle", f"no records in {SPAN_TEXT}", figures)
    lag = f", its reader is {show_duration(behind / 1000)} behind" if behind else ""
    state: State = "warn" if behind and behind > SPAN.total_seconds() * 1000 else "ok"
    counted = f"{show_count(records, 'record')}, the last at {last:%H:%M} UTC"
    return Stage("stream", state, counted + lag, figures)


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
    due, last = now - buffer - DELIVERY_MARGIN, last_stored(traffic)
    missing = int(traffic.records.until(due) - traffic.delivered.total)
    age = (now - newest.written).total_seconds() if newest else None
    figures: Figures = {
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
        behind = f"{show_count(missing, 'record')} of {SPAN_TEXT} not read by the delivery"
        return Stage("lake", "warn", behind, figures)
    return Stage("lake", "ok", f"newest file {ago(age)}, {show_count(newest.size, 'byte')}", figures)


def assess_labels(newest: Object | None, traffic: Traffic, buffer: timedelta, now: datetime) -> Stage:
    """Failed if no request succeeded; a warning if some failed, or if labels are not in the lake in time.

    Labels that `nrti label` records are files of the lake, without a request. Whether labels match
    predictions is not known here: only a query finds that.
    """
    requests, failed = _executions(traffic.labelled, traffic.label_failures, traffic.label_timeouts)
    age = (now - newest.written).total_seconds() if newest else None
    figures: Figures = {
        "requests": requests,
        "failed": failed,
        "key": newest.key if newest else None,
        "age_seconds": age,
    }
    shown = "none recorded" if age is None else f"newest {ago(age)}"
    if failed:
        state: State = "warn" if requests else "failed"
        return Stage("labels", state, f"{show_count(failed, 'request')} failed; {shown}", figures)
    last = traffic.labelled.last
    if last and last < now - buffer - DELIVERY_MARGIN and (newest is None or newest.written < last):
        late = f"{shown}, although a request came at {last:%H:%M} UTC: its labels are late, or were rejected"
        return Stage("labels", "warn", late, figures)
    by_request = f", {show_count(requests, 'request')}" if requests else ""
    return Stage("labels", "ok" if newest or requests else "idle", f"{shown}{by_request}", figures)


def with_tables(stage: Stage, catalog: Collection[str], *needed: str) -> Stage:
    """Returns the stage, as failed if tables or views that belong to it are missing in the catalog."""
    lacking = [name for name in needed if name not in catalog]
    if not lacking:
        return stage
    what = f"{' and '.join(lacking)} cannot be queried, run nrti bootstrap"
    return replace(stage, state="failed", reason=what)


def _executions(succeeded: Series, failed: Series, timed_out: Series) -> tuple[int, int]:
    """How many succeeded, and how many did not."""
    return int(succeeded.total), int(failed.total + timed_out.total)


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


def assess_alarms(found: Collection[Alarm]) -> Stage:
    """A warning if an alarm of CloudWatch is active: it may see what no other stage shows."""
    active = sorted(alarm.name for alarm in found if alarm.active)
    figures: Figures = {"alarms": len(found), "active": ", ".join(active)}
    if active:
        named = f"{len(active)} of {show_count(len(found), 'alarm')} active: {', '.join(active)}"
        return Stage("alarms", "warn", named, figures)
    return Stage("alarms", "ok", f"{show_count(len(found), 'alarm')}, none active", figures)


def assess_alerts(found: Sequence[Alert], now: datetime) -> Stage:
    """Failed if the rules are not evaluated; a warning if an alert is active or a rule has a problem."""
    active = [alert for alert in found if alert.active]
    evaluated = max((alert.evaluated_at for alert in found if alert.evaluated_at), default=None)
    figures: Figures = {
        "rules": len(found),
        "active": ", ".join(alert.rule.id for alert in active),
        "evaluated_at": evaluated.isoformat() if evaluated else None,
    }
    if not found:
        return Stage("alerts", "idle", "no rules", figures)
    last = evaluated or datetime.fromtimestamp(min(alert.rule.added_at for alert in found) / 1000, UTC)
    if now - last > _EVALUATION_MARGIN:
        when = (
            f"the last evaluation was {ago((now - last).total_seconds())}" if evaluated else "not evaluated"
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
    return f"{what} ({count:,} request{'' if count == 1 else 's'} in {SPAN_TEXT})"
