"""Names of jobs, models and configurations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nrti_cli.errors import UsageError
from nrti_cli.models.naming import is_resource_of, resource_name, variant_name
from nrti_cli.remote.inference_function.variants import published_at

MOMENT = datetime(2026, 11, 22, 13, 50, 1, 123_456, tzinfo=UTC)


def test_a_name_ends_with_the_time() -> None:
    assert resource_name("nrti", "failure-v2", MOMENT) == "nrti-failure-v2-20261122135001123"


def test_names_belong_to_their_own_model_only() -> None:
    name = resource_name("nrti", "failure-v2", MOMENT)

    assert is_resource_of(name, "nrti", "failure-v2")
    assert not is_resource_of(name, "nrti", "failure")
    assert not is_resource_of("nrti-failure-v2-by-hand", "nrti", "failure-v2")


def test_long_names_fit_and_stay_apart() -> None:
    one, other = (resource_name("nrti", "m" * 57 + digit, MOMENT) for digit in "12")

    assert max(len(one), len(other)) <= 63
    assert one != other
    assert is_resource_of(one, "nrti", "m" * 57 + "1")


@pytest.mark.parametrize("model", ["", "a_b", "-a", "a-", "x" * 59, "a b"])
def test_names_that_sagemaker_would_refuse(model: str) -> None:
    with pytest.raises(UsageError):
        resource_name("nrti", model)


def test_the_inference_function_reads_the_version_off_a_variant() -> None:
    name = resource_name("nrti", "m", datetime(2026, 11, 22, 15, 36, 54, 278_000, tzinfo=UTC))

    assert published_at(variant_name(name).removeprefix("v")) == 1_795_361_814_278
