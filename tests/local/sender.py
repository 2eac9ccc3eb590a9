"""A producer for tests that kill what it sends to: it knows exactly what was accepted."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs


class Sender:
    """Sends events one after the other on a few connections until the block ends.

    Attributes:
        accepted: the ids of events that were answered 202.
        refused: the other answers' statuses, counted.
    """

    def __init__(self, target: Target, model: str, connections: int = 4) -> None:
        found = outputs(target)
        self._address = urlsplit(f"{target.invoke_url(found.api_id, found.api_stage)}/events")
        self._headers = {"x-api-key": api_key(target, found.api_key_id), "Content-Type": "application/json"}
        self._model = model
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(connections)]
        self.accepted: set[str] = set()
        self.refused: dict[int, int] = {}

    def __enter__(self) -> Self:
        """Begins to send."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sends no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        connection = http.client.HTTPConnection(self._address.netloc, timeout=10)
        try:
            while not self._stop.is_set():
                self._post(connection)
        except (OSError, http.client.HTTPException):
            return  # it was killed, as the test wants
        finally:
            connection.close()

    def _post(self, connection: http.client.HTTPConnection) -> None:
        name = str(uuid.uuid4())
        event = {"event_id": name, "sensor": "s", "model": self._model, "data": [1, 2, 3]}
        connection.request("POST", self._address.path, json.dumps(event), self._headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 202:
            self.accepted.add(name)
        else:
            self.refused[answer.status] = self.refused.get(answer.status, 0) + 1
