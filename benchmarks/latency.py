"""How long an event is under way: until it is stored, and until a query finds it."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws.target import Target
from nrti_cli.percentiles import nearest_rank
from nrti_cli.stack.outputs import outputs

_RATE = 50
_SECONDS = 20
_BUFFER_SECONDS = 5
_POLL_SECONDS = 0.003


def run() -> list[Measurement]:
    with own_home():
        subprocess.run(
            [NRTI, "bootstrap", "--buffer-seconds", str(_BUFFER_SECONDS)], check=True, capture_output=True
        )
        subprocess.run([NRTI, "train", "--name", "bench"], check=True, capture_output=True)
        subprocess.run([NRTI, "produce", "--rate", "50", "--count", "100"], check=True, capture_output=True)
        return [_stored(target()), _queryable(target())]


def _stored(aws: Target) -> Measurement:
    """Follows the table's stream while the producer runs; polling adds up to its own pause to each figure."""
    sent = _RATE * _SECONDS
    producer = subprocess.Popen(
        [NRTI, "produce", "--rate", str(_RATE), "--arrivals", "steady", "--count", str(sent)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    latencies = sorted(latency for _, latency in zip(range(sent), new_items(aws), strict=False))
    producer.wait()
    p50, p99 = nearest_rank(latencies, 50), nearest_rank(latencies, 99)
    return Measurement(
        f"event to stored, {_RATE}/s for {_SECONDS} s",
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        "p50 <= 30 ms",
        p50 <= 30,
    )


def new_items(aws: Target) -> Iterator[float]:
    """The age in milliseconds of each item when the table's stream shows it."""
    streams: Any = aws.client("dynamodbstreams")
    arn = outputs(aws).table_stream_arn
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")[
        "ShardIterator"
    ]
    while True:
        answer = streams.get_records(ShardIterator=iterator)
        now = time.time() * 1000
        for record in answer["Records"]:
            yield now - float(record["dynamodb"]["NewImage"]["timestamp"]["N"])
        iterator = answer["NextShardIterator"]
        time.sleep(_POLL_SECONDS)


def _queryable(aws: Target) -> Measurement:
    taken = statistics.median(_until_queryable(aws) for _ in range(3))
    bound = _BUFFER_SECONDS + 2
    return Measurement(
        f"event to queryable, buffer {_BUFFER_SECONDS} s",
        f"{taken:.1f} s",
        f"<= {bound} s (buffer + 2 s)",
        taken <= bound,
    )


def _until_queryable(aws: Target) -> float:
    before = _rows(aws)
    began = time.perf_counter()
    subprocess.run([NRTI, "produce", "--rate", "100", "--count", "1"], check=True, capture_output=True)
    sent = time.perf_counter()
    while _rows(aws) == before:
        if time.perf_counter() - began > 60:
            raise TimeoutError("the event did not arrive in the lake")
    return time.perf_counter() - sent


def _rows(aws: Target) -> int:
    athena: Any = aws.client("athena")
    stack = outputs(aws)
    query = athena.start_query_execution(
        QueryString="select count(*) from predictions",
        QueryExecutionContext={"Database": stack.database},
        WorkGroup=stack.workgroup,
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.05)
    return int(
        athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"]
    )
