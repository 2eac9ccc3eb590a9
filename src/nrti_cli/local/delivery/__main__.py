"""The process: finds the delivery streams and runs a bridge for each."""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.local import sdk
from nrti_cli.local.delivery.bridge import Bridge
from nrti_cli.local.delivery.configuration import Configuration
from nrti_cli.local.lifeline import end_with_parent

if TYPE_CHECKING:
    from mypy_boto3_firehose.client import FirehoseClient

_logger = logging.getLogger("delivery")
_DISCOVERY_SECONDS = 2.0
_POLL_SECONDS = 0.25
#: Up to this the wait grows while nothing comes; Firehose itself reads a stream once a second.
_REST_SECONDS = 1.0
_TROUBLE_SECONDS = 1.0


def main() -> None:
    """Delivers until SIGTERM, then writes what is buffered."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    end_with_parent()
    firehose = sdk.client("firehose")
    workers: dict[Configuration, threading.Thread] = {}
    gone: dict[Configuration, threading.Event] = {}
    while not stop.wait(_DISCOVERY_SECONDS if workers else _POLL_SECONDS):
        try:
            wanted = set(_configurations(firehose))
        except (BotoCoreError, ClientError) as error:
            _logger.warning("cannot list the delivery streams: %s", error)
            continue
        for configuration in wanted - workers.keys():
            gone[configuration] = threading.Event()
            workers[configuration] = threading.Thread(
                target=_deliver, args=(configuration, gone[configuration]), name=configuration.name
            )
            workers[configuration].start()
        for configuration in workers.keys() - wanted:
            gone.pop(configuration).set()
            workers.pop(configuration).join()
    for event in gone.values():
        event.set()
    for worker in workers.values():
        worker.join()


def _configurations(firehose: FirehoseClient) -> list[Configuration]:
    names = firehose.list_delivery_streams()["DeliveryStreamNames"]
    found = [firehose.describe_delivery_stream(DeliveryStreamName=name) for name in names]
    parsed = [Configuration.parse(answer["DeliveryStreamDescription"]) for answer in found]
    return [configuration for configuration in parsed if configuration]


def _deliver(configuration: Configuration, gone: threading.Event) -> None:
    """Runs one bridge; trouble makes a new one, which goes on from the checkpoint."""
    state = Path(os.environ["NRTI_LOCAL_STATE"]) / "delivery"
    while not gone.is_set():
        bridge = Bridge(configuration, state)
        try:
            bridge.take_back()
            rest = _POLL_SECONDS
            while not gone.wait(rest):
                rest = _POLL_SECONDS if bridge.step() else min(2 * rest, _REST_SECONDS)
            bridge.flush()
        except (BotoCoreError, ClientError) as error:
            if not gone.wait(_TROUBLE_SECONDS):
                _logger.warning("%s: %s", configuration.name, error)
        except Exception:
            # A thread that ended would deliver nothing any more, and say nothing.
            _logger.exception("%s", configuration.name)
            gone.wait(_TROUBLE_SECONDS)


if __name__ == "__main__":
    main()
