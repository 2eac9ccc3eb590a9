"""Writes what services log to CloudWatch Logs, where Lambda and Step Functions write it on AWS."""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import cloudwatch_logs

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


def lambda_invocation(
    function: dict[str, Any],
    request_id: str,
    text: str,
    _failed: bool,
    milliseconds: int,
    *,
    log_source: str | None = None,  # noqa: ARG001 - of ministack's executors for docker
) -> None:
    """Logs an invocation between the lines that the platform adds; one stream a day and version."""
    config = function.get("config") or function
    version = config.get("Version", "$LATEST")
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds} ms\tBilled Duration: {milliseconds} ms\t"
        f"Memory Size: {config.get('MemorySize', 128)} MB"
    )
    head = f"START RequestId: {request_id} Version: {version}"
    lines = [head, *text.splitlines(), f"END RequestId: {request_id}", report]
    append(group, f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{version}]{config['CodeSha256'][:8]}", lines)


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
