"""What was read of a service's configuration, kept until a request may have changed it.

The hot path asks ministack for the same REST API, state machine or function with every event. It asks once,
by the service's own API, and again after a request that is more than a look has passed to that service or to
CloudFormation. CloudFormation goes on after it has answered: whoever wants to know that it is done asks it,
and that request counts too.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Generic, TypeVar

from nrti_local.server.asgi import Application, Receive, Scope, Send

Key = TypeVar("Key")
Value = TypeVar("Value")

#: The service that a request is signed for.
_SIGNED_FOR = re.compile(rb"/([a-z0-9-]+)/aws4_request")
_DEPLOYS = "cloudformation"
#: Requests to a service that use what it has and change nothing of it.
_USES = re.compile(r"/invocations$|^(Start|Stop|Send)|^(Describe|List|Get)")
#: Stands for the service of a request that is not signed.
_ANY = "any"


class Changes:
    """Counts the requests that may have changed a service's configuration."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, scope: Scope) -> None:
        """Counts a request if it may have."""
        headers = dict(scope["headers"])
        signed = _SIGNED_FOR.search(headers.get(b"authorization", b""))
        service = signed[1].decode() if signed else _ANY
        if service == _DEPLOYS or not _only_uses(scope, headers):
            self._counts[service] += 1

    def of(self, service: str) -> int:
        """How many there were to a service; only its being the same as before means anything."""
        return self._counts[service] + self._counts[_DEPLOYS] + self._counts[_ANY]


def _only_uses(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return True
    action = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    return bool(_USES.search(action or scope["path"]))


CHANGES = Changes()


class Kept(Generic[Key, Value]):
    """Remembers what a function reads of a service for as long as nothing may have changed it.

    Args:
        service: as requests are signed for it, such as `apigateway`.
        read: asks the service.
        changes: of all services.
        lifetime: seconds after which a value is read again even if no request has changed it.
        clock: in seconds, which never goes back.
    """

    def __init__(
        self,
        service: str,
        read: Callable[[Key], Value],
        changes: Changes = CHANGES,
        lifetime: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._read, self._changes = service, read, changes
        self._lifetime, self._clock = lifetime, clock
        self._values: dict[Key, Value] = {}
        self._as_of, self._end = -1, 0.0

    def __call__(self, key: Key) -> Value:
        """What the function reads for a key."""
        as_of, now = self._changes.of(self._service), self._clock()
        if as_of != self._as_of or now >= self._end:
            self._values.clear()
            self._as_of, self._end = as_of, now + self._lifetime
        if key not in self._values:
            self._values[key] = self._read(key)
        return self._values[key]


def before(ministack: Application) -> Application:
    """Has each request counted before it is answered and after, so that nothing is kept that it changes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await ministack(scope, receive, send)
            return
        CHANGES.note(scope)
        await ministack(scope, receive, send)
        CHANGES.note(scope)

    return serve
