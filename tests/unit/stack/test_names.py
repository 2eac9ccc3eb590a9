"""Names that all services take which are given them."""

from __future__ import annotations

import re

import pytest

from nrti_cli.assets import asset
from nrti_cli.aws.regions import known_regions
from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.models.naming import resource_name
from nrti_cli.stack.names import alarms, artifacts_bucket, endpoint_name, require_stack_name
from nrti_cli.stack.template import parse

LONGEST = "a" * 25


@pytest.mark.parametrize("name", ["nrti", "a", "plant-2", "a--b", LONGEST])
def test_a_name_that_can_be_deployed(name: str) -> None:
    require_stack_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Nrti", "1abc", "Üx", "üx", "-a", "a-", "a_b", "a.b", "a b", "a\n", LONGEST + "a", "x" * 40),
        *("xn--a", "sthree-a", "amzn-s3-demo-a"),
    ],
)
def test_a_name_that_some_service_would_refuse(name: str) -> None:
    with pytest.raises(UsageError, match="at most 25 characters"):
        require_stack_name(name)


def test_the_longest_name_fits_wherever_it_is_used() -> None:
    regions = [region for region in known_regions(new_session()) if not region.startswith("us-isof")]
    longest = max(regions, key=len)
    target = Target(name="aws", stack=LONGEST, region=longest)
    target.__dict__["account"] = "1" * 12

    assert len(artifacts_bucket(target)) == 63
    assert len(resource_name(LONGEST, "m" * 37)) <= 63


def test_the_longest_name_of_a_model_depends_on_that_of_the_stack() -> None:
    assert len(endpoint_name(LONGEST, "m" * 37)) == 63
    for model in ("m" * 38, "", "a_b", "-a", "a-", "ü", "a b"):
        with pytest.raises(UsageError, match="at most 37 characters"):
            endpoint_name(LONGEST, model)
    assert re.fullmatch(r"nrti-[\w-]+", endpoint_name("nrti", "Failure-v1"))


def test_the_alarms_are_those_of_the_template() -> None:
    resources = parse(asset("cloudformation/pipeline.yaml").read_text(encoding="utf-8"))["Resources"]
    names = [
        each["Properties"]["AlarmName"]["Fn::Sub"].replace("${AWS::StackName}", "nrti")
        for each in resources.values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]

    assert sorted(alarms("nrti")) == sorted(names)
