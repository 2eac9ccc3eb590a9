"""All that `nrti forget --target aws` sends, with the permissions of a deployer."""

from __future__ import annotations

from nrti_cli.aws.target import Target
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS
from tests.unit.conftest import Stub
from tests.unit.forgetting.test_run import run


def test_a_sensor_whose_last_row_is_on_its_way(target: Target, stub: Stub) -> None:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})

    tally, _ = run(target, stub, late=False, artifacts=ARTIFACTS)

    assert (tally.items, tally.objects, tally.undelivered) == (2, 2, 0)
