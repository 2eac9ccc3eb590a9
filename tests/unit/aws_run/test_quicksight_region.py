"""A region without QuickSight in CloudFormation is found before anything is deployed."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.stack.quicksight import check_region
from tests.unit.aws_run.conftest import REGION
from tests.unit.conftest import Stub

_TYPES = ["AWS::QuickSight::Dashboard", "AWS::QuickSight::DataSet", "AWS::QuickSight::DataSource"]


def _asked(stub: Stub, *missing: str) -> None:
    client = stub("cloudformation")
    for name in [*_TYPES, "AWS::QuickSight::RefreshSchedule"]:
        wanted = {"Type": "RESOURCE", "TypeName": name}
        if name in missing:
            client.add_client_error("describe_type", "TypeNotFoundException", expected_params=wanted)
        else:
            client.add_response("describe_type", {"TypeName": name}, wanted)


def test_a_region_that_has_all_types_passes(target: Target, stub: Stub) -> None:
    _asked(stub)

    check_region(target)


def test_a_missing_type_is_named(target: Target, stub: Stub) -> None:
    _asked(stub, *_TYPES[:2])

    with pytest.raises(UsageError, match=f"no {_TYPES[0]} or {_TYPES[1]} in {REGION}"):
        check_region(target)
