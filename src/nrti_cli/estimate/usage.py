"""Calculates the quantities that AWS bills for a workload."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from nrti_cli.estimate.sizes import KIB, Sizes, sizes
from nrti_cli.estimate.workload import DAYS, HOURS, SECONDS, Workload

MIB = KIB**2
GIB = KIB**3
_TIB = KIB**4
_MILLION = 1_000_000

#: The memory of both functions in the template, in GB.
_FUNCTION_GB = 0.5
#: The function's own time beyond that of the endpoint, and the workflow's beyond that of the function.
_FUNCTION_MS = 15
_WORKFLOW_MS = 35
_TRANSFORM_MS = 5
_TRANSFORM_RECORD_MS = 0.1
#: The template's buffer sizes of the transform function and Firehose.
_TRANSFORM_BYTES = MIB
_OBJECT_BYTES = 64 * MIB

#: Step Functions' billing: 50 MB, the definition and the data, in steps of 64 MB for 100 ms.
_WORKFLOW_BASE_BYTES = 50 * MIB
_WORKFLOW_CHUNK_MB = 64
_WORKFLOW_CHUNK_MS = 100
#: The definition; and the data: the input, the function's result, and the items.
_DEFINITION_BYTES = 10 * KIB
_WORKFLOW_COPIES = 3

_ANSWER_BYTES = 500
_PREDICTION_BYTES = 60
_LOG_BYTES = 600
_ITEM_OVERHEAD_BYTES = 100
_FIREHOSE_STEP = 5 * KIB
#: The alert function's memory in the template, in GB; and its time for an evaluation, for each sensor, and
#: for each item that it reads: 0.019 ms of processor time here, with a seventh of a processor on AWS.
_ALERT_GB = 0.25
_ALERT_MS = 200
_ALERT_SENSOR_MS = 2
_ALERT_ITEM_MS = 0.13
#: How often an event is read by the evaluations: those of the last minute are read again.
_ALERT_READS = 2
#: DynamoDB bills reads by 4 KB, half a unit if they are eventually consistent, and at least that for a query.
READ_UNIT_BYTES, READ_UNITS = 4 * KIB, 0.5
#: Queries of the lake for sensors, one every quarter of an hour.
_ALERT_QUERIES = 4 * 24
#: Athena bills at least 10 MB per query.
_LEAST_SCAN = 10 * MIB
REJECTED = 0.001
#: A label that is posted: its workflow, the time and the memory in GB of its function, and its row.
_LABEL_WORKFLOW_MS = 100
_LABEL_FUNCTION_MS = 30
_LABEL_FUNCTION_GB = 0.25
_LABEL_ROW_BYTES = 50


class Usage(NamedTuple):
    """A billed quantity.

    Attributes:
        price: its key in the price table.
        quantity: in the price's unit.
        because: how the quantity is calculated.
    """

    price: str
    quantity: float
    because: str


def usages(workload: Workload) -> Iterator[Usage]:
    """Everything that AWS bills in a month."""
    each = sizes(workload.length)
    yield from _api(workload, each)
    yield from _workflow(workload, each)
    yield from _functions(workload, each)
    yield from _endpoint(workload, each)
    yield from _table(workload, each)
    yield from _stream(workload, each)
    yield from _delivery(workload, each)
    yield from _lake(workload, each)
    yield from _others(workload, each)
    if workload.labels:
        yield from _labels(workload)


def _steps(size: int, step: int) -> int:
    return ceil(size / step)


def _transforms(workload: Workload, each: Sizes) -> float:
    """The invocations of the transform function."""
    return _buffers(workload, each, _TRANSFORM_BYTES)


def _buffers(workload: Workload, each: Sizes, full: int) -> float:
    """How often a buffer of records is flushed: after its time or when it is full, but never when empty."""
    by_time = SECONDS / max(workload.buffer_seconds, 1)
    return min(workload.changes, max(by_time, workload.changes * each.record / full))


def _api(workload: Workload, each: Sizes) -> Iterator[Usage]:
    asked = f"{workload.events:,.0f} events / {workload.batch} per request"
    yield Usage("api_requests", workload.requests / _MILLION, asked)
    outcome_bytes = each.outcome if workload.wait else 0
    answers = workload.requests * _ANSWER_BYTES + workload.events * outcome_bytes
    size = f"{_ANSWER_BYTES} B per request, headers included" + (
        f", and {outcome_bytes} B per event" if outcome_bytes else ""
    )
    yield Usage("api_answers", answers / GIB, size)


def _workflow(workload: Workload, each: Sizes) -> Iterator[Usage]:
    asked = "one per request, and one for its shadow" if workload.shadow else "one per request"
    yield Usage("workflow_requests", workload.runs / _MILLION, asked)
    held = _WORKFLOW_BASE_BYTES + _DEFINITION_BYTES + _WORKFLOW_COPIES * workload.batch * each.event
    memory = _WORKFLOW_CHUNK_MB * ceil(held / MIB / _WORKFLOW_CHUNK_MB)
    lasts = workload.inference_ms + _FUNCTION_MS + _WORKFLOW_MS
    billed = _WORKFLOW_CHUNK_MS * ceil(lasts / _WORKFLOW_CHUNK_MS)
    hours = workload.runs * billed / 1000 / 3600 * memory / KIB
    yield Usage("workflow_duration", hours, f"{lasts:g} ms billed as {billed} ms, {memory} MB")


def _functions(workload: Workload, each: Sizes) -> Iterator[Usage]:
    calls, evaluations = _transforms(workload, each), workload.evaluations
    counted = f"{workload.runs:,.0f} of inference, {calls:,.0f} of transform"
    counted += f", {evaluations:,.0f} of alerts" if evaluations else ""
    yield Usage("function_requests", (workload.runs + calls + evaluations) / _MILLION, counted)
    inference = workload.inference_ms + _FUNCTION_MS
    milliseconds = workload.runs * inference + calls * _TRANSFORM_MS + workload.changes * _TRANSFORM_RECORD_MS
    alerts = evaluations * (_ALERT_MS + _ALERT_SENSOR_MS * workload.alert_sensors)
    alerts += _alert_items(workload) * _ALERT_ITEM_MS
    yield Usage(
        "function_duration",
        milliseconds / 1000 * _FUNCTION_GB + alerts / 1000 * _ALERT_GB,
        f"inference {inference:g} ms a call, transform {_TRANSFORM_MS} ms a call"
        f" and {_TRANSFORM_RECORD_MS} ms a record, {_FUNCTION_GB * KIB:g} MB"
        + (f"; alerts {alerts / evaluations:,.0f} ms a call, {_ALERT_GB * KIB:g} MB" if evaluations else ""),
    )


def _endpoint(workload: Workload, each: Sizes) -> Iterator[Usage]:
    seconds = workload.runs * workload.inference_ms / 1000
    lasts = f"{workload.inference_ms:g} ms a request, {workload.memory_mb} MB"
    yield Usage("inference_duration", seconds * workload.memory_mb / KIB, lasts)
    moved = each.instance + _PREDICTION_BYTES
    yield Usage("inference_data", workload.predictions * moved / GIB, f"{moved} B per event")


def _table(workload: Workload, each: Sizes) -> Iterator[Usage]:
    units = _steps(each.item, KIB)
    item = f"an item of {each.item} B is {units} KB"
    yield Usage("table_writes", workload.predictions * units / _MILLION, item)
    yield Usage("table_reads", *_alert_reads(workload, each))
    kept = workload.predictions * workload.months_kept * (each.item + _ITEM_OVERHEAD_BYTES) / GIB
    months = f"months kept: {workload.months_kept:.3g}"
    grown = f"{each.item} B and {_ITEM_OVERHEAD_BYTES} B of index per item, {months}"
    yield Usage("table_storage", kept, grown)
    yield Usage("table_backup", kept, "of the same size")
    deletions = ", and as much when it expires" if workload.retention_days else ""
    yield Usage("table_capture", workload.changes * units / _MILLION, item + deletions)


def _alert_items(workload: Workload) -> float:
    """The items that the evaluations read in a month."""
    return workload.predictions * _ALERT_READS if workload.alert_sensors else 0


def _alert_reads(workload: Workload, each: Sizes) -> tuple[float, str]:
    """Million read units of the evaluations, and how they are calculated."""
    if not workload.alert_sensors:
        return 0, "no alert rules"
    events = _alert_items(workload) * each.item / READ_UNIT_BYTES
    queries = workload.evaluations * workload.alert_sensors
    why = f"each event read {_ALERT_READS} times, and a query per sensor and minute"
    return (events + queries) * READ_UNITS / _MILLION, why


def _stream(workload: Workload, each: Sizes) -> Iterator[Usage]:
    yield Usage("stream_hours", HOURS, "one stream, around the clock")
    billed = _steps(each.record, KIB)
    rounded = f"a record of {each.record} B is {billed} KB"
    yield Usage("stream_in", workload.changes * billed * KIB / GIB, rounded)
    yield Usage("stream_out", workload.changes * each.record / GIB, f"{each.record} B per change, read once")


def _delivery(workload: Workload, each: Sizes) -> Iterator[Usage]:
    billed = _steps(each.record, _FIREHOSE_STEP) * _FIREHOSE_STEP
    rounded = f"a record of {each.record} B is {billed // KIB} KB, in steps of 5 KB"
    yield Usage("delivery_in", workload.changes * billed / GIB, rounded)
    yield Usage("delivery_conversion", workload.predictions * billed / GIB, rounded)


def _lake(workload: Workload, each: Sizes) -> Iterator[Usage]:
    rows = workload.predictions * each.row
    kept = f"{each.row} B per row (assumed), months kept: {workload.months_kept:.3g}"
    yield Usage("lake_storage", rows * workload.months_kept / GIB, kept)
    yield Usage(
        "lake_puts",
        _buffers(workload, each, _OBJECT_BYTES) / 1000,
        f"one per {workload.buffer_seconds} s or 64 MB",
    )
    state = "one per evaluation" if workload.alert_sensors else "no alert rules"
    yield Usage("alert_puts", workload.evaluations / 1000, state)
    scan = max(rows / DAYS, _LEAST_SCAN)
    read = f"{workload.queries:g} queries a day over {scan / MIB:,.1f} MB"
    asked = _ALERT_QUERIES if workload.alert_sensors else 0
    read += f", {asked} for the sensors of alert rules over {_LEAST_SCAN // MIB} MB" if asked else ""
    yield Usage("query_scans", (workload.queries * scan + asked * _LEAST_SCAN) * DAYS / _TIB, read)


def _others(workload: Workload, each: Sizes) -> Iterator[Usage]:
    calls = workload.runs + _transforms(workload, each)
    yield Usage("logs", calls * _LOG_BYTES / GIB, f"{_LOG_BYTES} B per function call")
    rejected = workload.events * REJECTED / _MILLION
    yield Usage("dead_letters", rejected, f"{REJECTED:.1%} of the events, one by one")
    yield Usage("readers", workload.readers, "authors not counted")


def _labels(workload: Workload) -> Iterator[Usage]:
    """The labels that are posted; those of files cost only their storage."""
    posted = workload.labels * DAYS
    asked = f"{posted:,.0f} labels, one per request"
    yield Usage("api_requests", posted / _MILLION, asked)
    yield Usage("workflow_requests", posted / _MILLION, asked)
    hours = posted * _LABEL_WORKFLOW_MS / 1000 / 3600 * _WORKFLOW_CHUNK_MB / KIB
    yield Usage("workflow_duration", hours, f"{_LABEL_WORKFLOW_MS} ms a label, {_WORKFLOW_CHUNK_MB} MB")
    yield Usage("function_requests", posted / _MILLION, asked)
    seconds = posted * _LABEL_FUNCTION_MS / 1000
    lasts = f"{_LABEL_FUNCTION_MS} ms a label, {_LABEL_FUNCTION_GB * KIB:g} MB"
    yield Usage("function_duration", seconds * _LABEL_FUNCTION_GB, lasts)
    taken = posted * _FIREHOSE_STEP / GIB
    yield Usage("delivery_in", taken, "a label is billed as 5 KB")
    yield Usage("delivery_conversion", taken, "a label is billed as 5 KB")
    yield Usage(
        "lake_storage", posted * workload.months * _LABEL_ROW_BYTES / GIB, f"{_LABEL_ROW_BYTES} B per label"
    )
    objects = min(posted, SECONDS / max(workload.buffer_seconds, 1))
    yield Usage("lake_puts", objects / 1000, f"one per {workload.buffer_seconds} s with labels")
