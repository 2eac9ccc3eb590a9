# ruff: noqa: SLF001
"""Writes the logs of Lambda and Step Functions to CloudWatch Logs, where they are on AWS."""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import cloudwatch_logs

from nrti_local.ministack.patch import private
from nrti_local.server.ask import ask_json

PRIVATE = private(
    "ministack.services.cloudwatch_logs",
    "_append_log_events",
    "_fanout_to_subscription_filters",
    "_log_events_lock",
    "_log_groups",
)
#: Lines that a log stream keeps: logs must not fill the memory of an embedded AWS that runs for weeks.
KEPT = 10_000


def append(group: str, stream: str, messages: list[str]) -> None:
    """Appends lines to a log stream; creates the group and the stream if they do not exist.

    Args:
        group: such as `/aws/lambda/<function>`.
        stream: its name in the group.
        messages: a line each.
    """
    groups = cloudwatch_logs._log_groups
    if group not in groups:
        _ask("CreateLogGroup", logGroupName=group)
    if stream not in groups[group]["streams"]:
        _ask("CreateLogStream", logGroupName=group, logStreamName=stream)
    record = groups[group]["streams"][stream]
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message, "ingestionTime": now} for message in messages]
    cloudwatch_logs._append_log_events(record, events)
    with cloudwatch_logs._log_events_lock:
        if len(record["events"]) > KEPT + KEPT // 10:
            del record["events"][:-KEPT]
    cloudwatch_logs._fanout_to_subscription_filters(group, stream, events)


def _ask(operation: str, **request: str) -> None:
    ask_json(cloudwatch_logs, f"Logs_20140328.{operation}", request)


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
