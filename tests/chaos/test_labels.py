"""Labels that were acknowledged, whenever the embedded AWS is killed."""

from __future__ import annotations

import json
import threading
import time
from random import Random

import pytest

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from nrti_local import process
from tests.chaos.system import System
from tests.local.deployed import Pipeline
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

_KILLS = 3
#: Between two posts, so that no backlog is left to wait for at the end.
_PAUSE = 0.05


class _Posting(threading.Thread):
    """Posts labels one after the other, and remembers which were acknowledged."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self._system = system
        self.acknowledged: list[str] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Posts until it has to end; a request that fails is not repeated."""
        number = 0
        while not self.ended.is_set():
            try:
                client = _client(self._system)
                while not self.ended.wait(_PAUSE):
                    number += 1
                    status, _ = client.post({"event_id": f"e{number}", "label": number % 2}, "/labels")
                    if status == 202:
                        self.acknowledged.append(f"e{number}")
            except Exception:  # noqa: BLE001 (the server is dead, or not yet back)
                self.ended.wait(0.1)


def _client(system: System) -> Pipeline:
    running = process.running(system.layout)
    assert running
    target = Target(name="local", stack="nrti", endpoint_url=running.endpoint_url)
    stack = outputs(target)
    return Pipeline(target, stack, api_key(target, stack.api_key_id))


def _recorded(system: System) -> set[str]:
    sql = "select distinct event_id from labels"
    return {
        json.loads(line)["event_id"] for line in system.does("query", sql, "--format", "json").splitlines()
    }


def test_acknowledged_labels_survive_kills(system: System, rng: Random) -> None:
    posting = _Posting(system)
    posting.start()
    from_a_file: set[str] = set()
    for kill in range(_KILLS):
        time.sleep(rng.uniform(0.5, 2))
        system.does("label", "--event", f"by-command-{kill}", "--label", "1")
        from_a_file.add(f"by-command-{kill}")
        system.crash()
        system.start()
    posting.ended.set()
    posting.join()

    wanted = {*posting.acknowledged, *from_a_file}
    eventually(lambda: _recorded(system), lambda found: wanted <= found, seconds=60)

    assert len(posting.acknowledged) > _KILLS
