"""The delivery process: finds the delivery streams and starts a worker for each."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from nrti_local.firehose.configuration import Configuration
from nrti_local.firehose.worker import Worker
from nrti_local.server.processes.lifeline import end_with_parent
from nrti_local.server.shared import sdk

if TYPE_CHECKING:
    from mypy_boto3_firehose.client import FirehoseClient

_logger = logging.getLogger("delivery")
#: How often it lists the delivery streams: once there is one, and until then.
_DISCOVERY_SECONDS, _FIRST_SECONDS = 5.0, 0.25
#: The most delivery streams in one answer.
_MOST = 10_000


def main() -> None:
    """Delivers until SIGTERM, then writes the buffers."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    workers: dict[Configuration, Worker] = {}
    end_with_parent(lambda: _wake(workers))
    firehose = sdk.client("firehose")
    while not stop.wait(_DISCOVERY_SECONDS if workers else _FIRST_SECONDS):
        try:
            wanted = set(_configurations(firehose))
        except (BotoCoreError, ClientError) as error:
            _logger.warning("cannot list the delivery streams: %s", error)
            continue
        _follow(wanted, workers)
    for worker in workers.values():
        worker.end()
    for worker in workers.values():
        worker.join()


def _follow(wanted: Set[Configuration], workers: dict[Configuration, Worker]) -> None:
    """Ends the workers of configurations that are gone, then starts those of new ones.

    In this order, because a changed delivery stream has the checkpoint of the former one.
    """
    for configuration in workers.keys() - wanted:
        worker = workers.pop(configuration)
        worker.end()
        worker.join()
        if configuration.name not in {each.name for each in wanted}:
            worker.forget()
    for configuration in wanted - workers.keys():
        workers[configuration] = Worker(configuration)
        workers[configuration].start()


def _wake(workers: Mapping[Configuration, Worker]) -> None:
    for worker in list(workers.values()):
        worker.wake()


def _configurations(firehose: FirehoseClient) -> list[Configuration]:
    names = firehose.list_delivery_streams(Limit=_MOST)["DeliveryStreamNames"]
    found = [firehose.describe_delivery_stream(DeliveryStreamName=name) for name in names]
    parsed = [Configuration.parse(answer["DeliveryStreamDescription"]) for answer in found]
    return [configuration for configuration in parsed if configuration]


if __name__ == "__main__":
    main()
