"""Caches the configuration of a service until a request may have changed it.

Every event needs the same REST API, state machine and function. They are read once, by the API of the
service, and again after a request that does more than read has passed to that service or to CloudFormation.
CloudFormation goes on after its answer; clients poll it for the end, and those requests count as well.
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
#: Requests that use a service and change nothing of its configuration.
_USES = re.compile(r"/invocations$|^(Start|Stop|Send)|^(Describe|List|Get)")
#: In place of the service of an unsigned request.
_ANY = "any"


class Changes:
    """Counts the requests that may have changed a service's configuration."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, scope: Scope) -> None:
        """Counts a request if it may change the configuration."""
        headers = dict(scope["headers"])
        signed = _SIGNED_FOR.search(headers.get(b"authorization", b""))
        service = signed[1].decode() if signed else _ANY
        if service == _DEPLOYS or not _only_uses(scope, headers):
            self._counts[service] += 1

    def of(self, service: str) -> int:
        """A number that is the same as before as long as nothing can have changed."""
        return self._counts[service] + self._counts[_DEPLOYS] + self._counts[_ANY]


def _only_uses(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return True
    action = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    return bool(_USES.search(action or scope["path"]))


CHANGES = Changes()


class Kept(Generic[Key, Value]):
    """Caches the results of a function that reads from a service, as long as nothing can have changed them.

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
        """The result of the function for a key."""
        as_of, now = self._changes.of(self._service), self._clock()
        if as_of != self._as_of or now >= self._end:
            self._values.clear()
            self._as_of, self._end = as_of, now + self._lifetime
        if key not in self._values:
            self._values[key] = self._read(key)
        return self._values[key]


def before(ministack: Application) -> Application:
    """Counts each request before and after its answer, so that nothing that it changes stays in a cache."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await ministack(scope, receive, send)
            return
        CHANGES.note(scope)
        await ministack(scope, receive, send)
        CHANGES.note(scope)

    return serve
