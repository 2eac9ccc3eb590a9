"""API keys and usage plans: limits a second and quotas, whatever the time of day does."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.token_bucket import TokenBuckets
from nrti_local.apigateway.usage_plans import ApiKey, Usage, UsagePlan


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _key(**plan: Any) -> ApiKey:
    return ApiKey("key", (UsagePlan("plan", **plan),))


def test_a_bucket_holds_a_burst_and_is_refilled_by_its_rate() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock)

    assert [buckets.take("a", 2, 3) for _ in range(4)] == [True, True, True, False]
    clock.now += 0.5
    assert [buckets.take("a", 2, 3) for _ in range(2)] == [True, False]
    clock.now += 60
    assert [buckets.take("a", 2, 3) for _ in range(4)] == [True, True, True, False]


def test_each_bucket_is_its_own_and_no_limit_is_none() -> None:
    buckets = TokenBuckets(Clock())

    assert buckets.take("a", 1, 1)
    assert not buckets.take("a", 1, 1)
    assert buckets.take("b", 1, 1)
    assert all(buckets.take("c", None, None) for _ in range(100))
    assert not buckets.take("d", 0, 0)


def test_a_plan_throttles_a_key() -> None:
    usage, key = Usage(Clock()), _key(throttle={"rateLimit": 1, "burstLimit": 1})
    usage.throttle(key, "/events", "POST")

    with pytest.raises(GatewayError, match="THROTTLED"):
        usage.throttle(key, "/events", "POST")
    usage.throttle(ApiKey("other", key.plans), "/events", "POST")


def test_a_plan_throttles_a_single_method() -> None:
    usage, key = Usage(Clock()), _key(methods={"/events/POST": {"rateLimit": 0, "burstLimit": 0}})
    usage.throttle(key, "/events", "GET")

    with pytest.raises(GatewayError, match="THROTTLED"):
        usage.throttle(key, "/events", "POST")


@pytest.mark.parametrize("name", ["/events/POST", "events/POST", "*/*"])
def test_a_stage_throttles_a_method_for_all_senders(name: str) -> None:
    usage = Usage(Clock())
    settings = {name: {"throttlingRateLimit": 1.0, "throttlingBurstLimit": 1}}
    usage.throttle_method(("api", "v1"), settings, "/events", "POST")

    with pytest.raises(GatewayError, match="THROTTLED"):
        usage.throttle_method(("api", "v1"), settings, "/events", "POST")


def test_a_quota_is_for_a_period() -> None:
    clock = Clock()
    usage, key = Usage(clock), _key(quota={"limit": 2, "period": "WEEK"})
    usage.count(key)
    usage.count(key)

    with pytest.raises(GatewayError, match="QUOTA_EXCEEDED"):
        usage.count(key)
    clock.now += 7 * 86_400
    usage.count(key)
