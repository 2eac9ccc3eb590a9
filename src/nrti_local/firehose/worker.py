"""The thread that runs the bridge of one delivery stream, and pauses while no records arrive."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from nrti_local.firehose.bridge import Bridge
from nrti_local.firehose.configuration import Configuration

_logger = logging.getLogger("delivery")
#: The pause after a read that found records: a part of the time for which they are buffered in any case. On
#: AWS it is a second.
_BUFFERED_SHARE, _MOST_OFTEN_SECONDS, _LEAST_OFTEN_SECONDS = 0.2, 0.25, 1.0
#: The longest pause while no records arrive; waking the worker ends it.
_LONGEST_SECONDS = 5.0
_RETRY_SECONDS = 1.0


def _state() -> Path:
    return Path(os.environ["NRTI_LOCAL_STATE"], "delivery")


class Worker(threading.Thread):
    """Delivers one delivery stream; after an error, a new bridge continues at the checkpoint."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(name=configuration.name)
        self._configuration = configuration
        self._awake, self._ended = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Ends the pause, because records may have arrived."""
        self._awake.set()

    def end(self) -> None:
        """Makes it deliver its buffer and end."""
        self._ended.set()
        self._awake.set()

    def forget(self) -> None:
        """Deletes the checkpoint of a deleted delivery stream, so that the records may expire."""
        (_state() / f"{self.name}.json").unlink(missing_ok=True)

    def run(self) -> None:
        """Delivers until it has to end."""
        state = _state()
        while not self._ended.is_set():
            try:
                self._deliver(Bridge(self._configuration, state))
            except (BotoCoreError, ClientError) as error:
                if not self._ended.wait(_RETRY_SECONDS):
                    _logger.warning("%s: %s", self.name, error)
            except Exception:
                # If the thread ended, the delivery would stop without a sign.
                _logger.exception("%s", self.name)
                self._ended.wait(_RETRY_SECONDS)

    def _deliver(self, bridge: Bridge) -> None:
        bridge.roll_back()
        busy = self._busy_seconds()
        pause = busy
        while not self._ended.is_set():
            if bridge.step():  # more may have arrived meanwhile, and wait for the next read together
                pause = busy
                self._ended.wait(min(busy, bridge.due_in()))
            else:
                pause = min(2 * pause, _LONGEST_SECONDS)
                self._awake.wait(min(pause, bridge.due_in()))
            self._awake.clear()
        bridge.flush()

    def _busy_seconds(self) -> float:
        """The pause between reads while records arrive."""
        share = _BUFFERED_SHARE * self._configuration.interval
        return min(max(share, _MOST_OFTEN_SECONDS), _LEAST_OFTEN_SECONDS)
