"""The pools of all functions: made, replaced and ended as the functions are."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter

from nrti_local.lambda_.functions import Function, current_revision
from nrti_local.lambda_.names import LATEST, FunctionName
from nrti_local.lambda_.pool import Pool
from nrti_local.server.shared.errors import ServiceError

#: Seconds after which an idle worker ends; each version keeps one.
_IDLE_SECONDS = float(os.environ.get("LAMBDA_WARM_TTL_SECONDS", "300"))
#: Seconds between two looks for workers that are no longer needed.
_SWEEP_SECONDS = 2.0
_logger = logging.getLogger(__name__)


class Pools:
    """A pool for each version of a function that was invoked. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str, str, str], Pool] = {}
        #: Invocations that run, by function: its versions share the reserved concurrency.
        self._running: Counter[FunctionName] = Counter()
        self._sweeper: threading.Thread | None = None

    def of(self, function: Function) -> Pool:
        """The pool of a version; a new one if the version has changed."""
        pool = self._pools.get(function.key)
        if pool and (pool.function is function or pool.function.revision == function.revision):
            return pool
        with self._lock:
            former = self._pools.get(function.key)
            if former and former.function.revision == function.revision:
                return former
            pool = self._pools[function.key] = Pool(function)
            self._begin_sweeping()
        if former:
            former.retire()
        return pool

    def enter(self, function: Function) -> FunctionName:
        """Counts an invocation of a function as running, until `leave` is called with what it returns.

        Raises:
            ServiceError: the function's reserved concurrency is used up.
        """
        name = FunctionName(*function.key[:3])
        with self._lock:
            if function.reserved is not None and self._running[name] >= function.reserved:
                raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            self._running[name] += 1
        return name

    def leave(self, name: FunctionName) -> None:
        """Counts an invocation as over."""
        with self._lock:
            self._running[name] -= 1
            if not self._running[name]:
                del self._running[name]

    def end(self) -> None:
        """Ends all workers, and waits until they have."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.end()

    def sweep(self) -> None:
        """Ends workers that have long been idle, and those of functions that are gone or have changed."""
        with self._lock:
            pools = list(self._pools.values())
        for pool in pools:
            pool.reap(time.monotonic() - _IDLE_SECONDS)
            if _current(pool.function) != pool.function.revision:
                self._drop(pool)

    def _drop(self, pool: Pool) -> None:
        with self._lock:
            if self._pools.get(pool.function.key) is pool:
                del self._pools[pool.function.key]
        pool.retire()

    def _begin_sweeping(self) -> None:
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._keep_sweeping, name="lambda-sweep", daemon=True)
            self._sweeper.start()

    def _keep_sweeping(self) -> None:
        while True:
            time.sleep(_SWEEP_SECONDS)
            try:
                self.sweep()
            except Exception:
                _logger.exception("looking for workers that are no longer needed")


def throttled(reason: str) -> ServiceError:
    """The error for an invocation beyond a limit."""
    return ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, members={"Reason": reason})


def _current(function: Function) -> str:
    account, region, name, version = function.key
    return current_revision(FunctionName(account, region, name, "" if version == LATEST else version))


POOLS = Pools()
