"""The thread that runs the bridge of one delivery stream, and rests while nothing comes."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from nrti_local.firehose.bridge import Bridge
from nrti_local.firehose.configuration import Configuration

_logger = logging.getLogger("delivery")
_POLL_SECONDS = 0.25
#: Up to this the wait grows while nothing comes; a call ends it.
_REST_SECONDS = 5.0
_TROUBLE_SECONDS = 1.0


def _state() -> Path:
    return Path(os.environ["NRTI_LOCAL_STATE"], "delivery")


class Worker(threading.Thread):
    """Delivers one delivery stream; trouble makes a new bridge, which goes on from the checkpoint."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(name=configuration.name)
        self._configuration = configuration
        self._called, self._ended = threading.Event(), threading.Event()

    def call(self) -> None:
        """Says that records may have come."""
        self._called.set()

    def end(self) -> None:
        """Tells it to deliver what it holds and to end."""
        self._ended.set()
        self._called.set()

    def forget(self) -> None:
        """Says that the delivery stream is deleted: the records of its source may expire."""
        (_state() / f"{self.name}.json").unlink(missing_ok=True)

    def run(self) -> None:
        """What the thread does."""
        state = _state()
        while not self._ended.is_set():
            try:
                self._deliver(Bridge(self._configuration, state))
            except (BotoCoreError, ClientError) as error:
                if not self._ended.wait(_TROUBLE_SECONDS):
                    _logger.warning("%s: %s", self.name, error)
            except Exception:
                # A thread that ended would deliver nothing any more, and say nothing.
                _logger.exception("%s", self.name)
                self._ended.wait(_TROUBLE_SECONDS)

    def _deliver(self, bridge: Bridge) -> None:
        bridge.take_back()
        rest = _POLL_SECONDS
        while not self._ended.is_set():
            rest = _POLL_SECONDS if bridge.step() else min(2 * rest, _REST_SECONDS)
            self._called.wait(min(rest, bridge.due_in()))
            self._called.clear()
        bridge.flush()
