"""API keys and usage plans: who may send requests, how many a second, and how many in all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.token_bucket import TokenBuckets

_DAY = 86_400
_PERIODS = {"DAY": _DAY, "WEEK": 7 * _DAY, "MONTH": 30 * _DAY}


@dataclass(frozen=True)
class UsagePlan:
    """A usage plan, as it holds for one stage.

    Attributes:
        id: of the plan.
        throttle: `rateLimit` and `burstLimit` of each key.
        methods: the limits of single methods, by path and method such as `/events/POST`.
        quota: `limit` of requests in a `period`.
    """

    id: str
    throttle: Mapping[str, float] = field(default_factory=dict)
    methods: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    quota: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: dict[str, Any], stage: dict[str, Any]) -> Self:
        """Reads API Gateway's description of a plan and of one of its stages."""
        return cls(
            plan["id"], plan.get("throttle") or {}, stage.get("throttle") or {}, plan.get("quota") or {}
        )


@dataclass(frozen=True)
class ApiKey:
    """An API key that is enabled.

    Attributes:
        id: of the key, which is no secret.
        plans: its usage plans for a stage; without one it opens nothing.
    """

    id: str
    plans: tuple[UsagePlan, ...] = ()


class Usage:
    """Counts the requests of all keys; a restart forgets the counts.

    Args:
        clock: in seconds, which never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets = TokenBuckets(clock)
        #: The requests of a plan's key in the period that runs, and when it began.
        self._used: dict[tuple[str, str], tuple[int, float]] = {}

    def throttle(self, key: ApiKey, path: str, method: str) -> None:
        """Counts a request against the rate limits of an API key.

        Raises:
            GatewayError: it is one too many.
        """
        for plan in key.plans:
            self._take(("plan", plan.id, key.id), plan.throttle)
            if limits := plan.methods.get(f"{path}/{method}"):
                self._take(("plan", plan.id, key.id, path, method), limits)

    def throttle_method(
        self, api: tuple[str, str], settings: Mapping[str, Any], path: str, method: str
    ) -> None:
        """Counts a request against the rate limit of a method, which holds for all senders together.

        Args:
            api: the ids of the API and of its stage.
            settings: the `methodSettings` of the stage.
            path: of the resource.
            method: of HTTP.

        Raises:
            GatewayError: it is one too many.
        """
        for name in (f"{path}/{method}", f"{path.removeprefix('/')}/{method}", "*/*"):
            limits = settings.get(name) or {}
            rate, burst = limits.get("throttlingRateLimit"), limits.get("throttlingBurstLimit")
            if rate is not None or burst is not None:
                self._take(("stage", *api, path, method), {"rateLimit": rate, "burstLimit": burst})
                return

    def count(self, key: ApiKey) -> None:
        """Counts a request against the quotas of an API key.

        Raises:
            GatewayError: a quota is used up.
        """
        for plan in key.plans:
            limit = plan.quota.get("limit")
            if limit is not None:
                self._use((plan.id, key.id), int(limit), _PERIODS.get(plan.quota.get("period", ""), _DAY))

    def _take(self, bucket: tuple[str, ...], limits: Mapping[str, Any]) -> None:
        if not self._buckets.take(bucket, limits.get("rateLimit"), limits.get("burstLimit")):
            raise GatewayError("THROTTLED")

    def _use(self, counter: tuple[str, str], limit: int, period: float) -> None:
        now = self._clock()
        used, began = self._used.get(counter, (0, now))
        if now - began >= period:
            used, began = 0, now
        if used >= limit:
            raise GatewayError("QUOTA_EXCEEDED")
        self._used[counter] = (used + 1, began)
