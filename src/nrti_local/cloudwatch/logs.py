"""Writes what services log to CloudWatch Logs, where Lambda and Step Functions write it on AWS."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from ministack.services import cloudwatch_logs

from nrti_local.ministack.patch import Patch

# An answer of ministack's: status, headers and body.
Response = tuple[int, dict[str, str], bytes]

#: What one answer of FilterLogEvents holds at most.
_PAGE = 10_000
#: Lines that a log stream keeps: an embedded AWS that runs for weeks must not fill the memory with logs.
KEPT = 10_000


def append(group: str, stream: str, messages: list[str]) -> None:
    """Appends lines to a log stream; the group and the stream are made if need be.

    Args:
        group: such as `/aws/lambda/<function>`.
        stream: its name in the group.
        messages: a line each.
    """
    groups = cloudwatch_logs._log_groups  # noqa: SLF001
    if group not in groups:
        cloudwatch_logs._create_log_group({"logGroupName": group})  # noqa: SLF001
    if stream not in groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})  # noqa: SLF001
    record = groups[group]["streams"][stream]
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message, "ingestionTime": now} for message in messages]
    cloudwatch_logs._append_log_events(record, events)  # noqa: SLF001
    with cloudwatch_logs._log_events_lock:  # noqa: SLF001
        if len(record["events"]) > KEPT + KEPT // 10:
            del record["events"][:-KEPT]
    cloudwatch_logs._fanout_to_subscription_filters(group, stream, events)  # noqa: SLF001


def failed_execution(machine: dict[str, Any], execution: dict[str, Any]) -> None:
    """Logs an EXPRESS execution that failed, as the machine's loggingConfiguration asks."""
    configuration = machine.get("loggingConfiguration") or {}
    details = {"error": execution["error"], "cause": execution["cause"]}
    if configuration.get("includeExecutionData"):
        details["input"] = execution["input"]
    entry = {
        "type": "ExecutionFailed",
        "details": details,
        "execution_arn": execution["executionArn"],
        "event_timestamp": str(int(time.time() * 1000)),
    }
    stream = f"states/{machine['name']}/{time.strftime('%Y-%m-%d', time.gmtime())}"
    for group in _groups(configuration):
        append(group, stream, [json.dumps(entry)])


def _groups(configuration: dict[str, Any]) -> list[str]:
    if configuration.get("level", "OFF") == "OFF":
        return []
    arns = [to["cloudWatchLogsLogGroup"]["logGroupArn"] for to in configuration.get("destinations", [])]
    return [arn.partition(":log-group:")[2].removesuffix(":*") for arn in arns]


def _by_prefix_in_pages(original: Callable[[dict[str, Any]], Response]) -> Callable[..., Response]:
    """FilterLogEvents with a prefix of streams, ids, and a token that says where the next page begins.

    The token is a time, and how many events of that time came before.
    """

    def filter_log_events(asked: dict[str, Any]) -> Response:
        start, _, passed = asked.get("nextToken", f"{asked.get('startTime', 0)}/0").partition("/")
        skip = int(passed)
        limit = min(skip + asked.get("limit", _PAGE), _PAGE)
        streams = _streams(asked)
        if streams == []:
            return cloudwatch_logs.json_response({"events": [], "searchedLogStreams": []})  # type: ignore[no-any-return]
        status, headers, body = original(
            {**asked, "logStreamNames": streams, "startTime": int(start), "limit": limit}
        )
        if status != 200:
            return status, headers, body
        found = _with_ids(json.loads(body)["events"])
        answer: dict[str, Any] = {"events": found[skip:], "searchedLogStreams": []}
        if len(found) == limit:
            last = found[-1]["timestamp"]
            answer["nextToken"] = f"{last}/{sum(event['timestamp'] == last for event in found)}"
        return cloudwatch_logs.json_response(answer)  # type: ignore[no-any-return]

    return filter_log_events


def _streams(asked: dict[str, Any]) -> list[str] | None:
    """The names of the streams that are asked for; None for all."""
    prefix = asked.get("logStreamNamePrefix")
    group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(asked))  # noqa: SLF001
    if not prefix or group is None:
        return asked.get("logStreamNames")
    return [name for name in group["streams"] if name.startswith(prefix)]


def _with_ids(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events with an id each, the same whenever they are read: those of a moment always come together."""
    alike: Counter[tuple[str, int, str]] = Counter()
    for event in events:
        key = event["logStreamName"], event["timestamp"], event["message"]
        alike[key] += 1
        event["eventId"] = sha256(f"{key}{alike[key]}".encode()).hexdigest()[:56]
    return events


PATCHES = (
    Patch(
        "ministack.services.cloudwatch_logs",
        "_filter_log_events",
        "It knows no prefix of streams, gives lines of functions no id, and has no second page.",
        _by_prefix_in_pages,
    ),
)
