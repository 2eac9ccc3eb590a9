"""What Lambda writes to CloudWatch about an invocation: platform log lines and metrics."""

from __future__ import annotations

import time
from math import ceil

from ministack.core.responses import request_scope

from nrti_local.cloudwatch import logs, metrics
from nrti_local.lambda_.functions import Configuration, Function
from nrti_local.lambda_.invocation import Answer

_NAMESPACE = "AWS/Lambda"


def record(function: Function, request_id: str, answer: Answer) -> str:
    """Logs and counts an invocation that is over; returns its part of the log."""
    milliseconds = answer.seconds * 1000
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {ceil(milliseconds)} ms\tMemory Size: {function.memory} MB"
    )
    lines = [
        f"START RequestId: {request_id} Version: {function.version}",
        *answer.log.splitlines(),
        f"END RequestId: {request_id}",
        report,
    ]
    with request_scope(function.name.account, function.name.region):
        count(function.name.name, failed=answer.failed, milliseconds=milliseconds)
        logs.append(log_group(function.configuration), log_stream(function.configuration), lines)
    return "\n".join(lines)


def count(name: str, *, failed: bool, milliseconds: float) -> None:
    """Counts an invocation of a function of this account and region."""
    counted = ("Invocations", 1, "Count"), ("Errors", int(failed), "Count")
    values = (*counted, ("Duration", milliseconds, "Milliseconds"))
    metrics.add_all(_NAMESPACE, values, {"FunctionName": name})


def count_throttle(function: Function) -> None:
    """Counts an invocation that was refused."""
    with request_scope(function.name.account, function.name.region):
        metrics.add(_NAMESPACE, "Throttles", 1, "Count", {"FunctionName": function.name.name})


def log_group(configuration: Configuration) -> str:
    """The log group of a function."""
    chosen = (configuration.get("LoggingConfig") or {}).get("LogGroup")
    return str(chosen or f"/aws/lambda/{configuration['FunctionName']}")


def log_stream(configuration: Configuration) -> str:
    """The log stream of today: all workers of a version share one, or there would be no end of streams."""
    day = time.strftime("%Y/%m/%d", time.gmtime())
    return f"{day}/[{configuration.get('Version', '$LATEST')}]{configuration['CodeSha256'][:8]}"
