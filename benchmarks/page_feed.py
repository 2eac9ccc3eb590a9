"""Stores predictions of a hundred sensors and ten models at a rate, past the API, until its input ends.

`python page_feed.py ADDRESS TABLE RATE` prints how many it stored, and in how many seconds. It speaks HTTP
without the AWS SDK, which would take six times as much of the processor that the page is measured on.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from http.client import HTTPConnection
from select import select
from typing import Any
from urllib.parse import urlsplit

_BATCH = 25
_SENSORS, _MODELS = 100, 10
#: One of so many predicts a failure.
_FAILING = 33
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
}


def main() -> None:
    address, table, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
    connection = HTTPConnection(urlsplit(address).netloc)
    began, stored = time.perf_counter(), 0
    while not select([sys.stdin], [], [], max(0.0, began + stored / rate - time.perf_counter()))[0]:
        _store(connection, table, range(stored, stored + _BATCH))
        stored += _BATCH
    print(stored, time.perf_counter() - began)


def _store(connection: HTTPConnection, table: str, numbers: Iterable[int]) -> None:
    puts = [{"PutRequest": {"Item": _item(number)}} for number in numbers]
    connection.request("POST", "/", json.dumps({"RequestItems": {table: puts}}), _HEADERS)
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status == 200, answer
    assert not answer["UnprocessedItems"], answer


def _item(number: int) -> dict[str, Any]:
    now = time.time_ns()
    fails = number % _FAILING == 0
    return {
        "sensor": {"S": f"sensor-{number * 7 % _SENSORS}"},
        "event_key": {"S": f"{now}#{number}"},
        "event_id": {"S": f"{now}-{number}"},
        "model": {"S": f"failure-v{number % _MODELS}"},
        "version": {"S": "20261122000000000"},
        "timestamp": {"N": str(now // 1_000_000 - 5 - number % 40)},
        "received_at": {"N": str(now // 1_000_000 - 4)},
        "predicted_at": {"N": str(now // 1_000_000)},
        "data": {"L": [{"N": "3"}, {"N": "97"}, {"N": "12"}]},
        "prediction": {"N": str(int(fails))},
        "probability": {"N": f"{0.5 + number % 49 / 100 if fails else number % 50 / 100:.4f}"},
        "endpoint": {"S": "nrti-failure"},
    }


if __name__ == "__main__":
    main()
