"""The templates in every region by cfn-lint, and by AWS's SAM; neither needs an account."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.stub import Stubber
from cfnlint.helpers import REGIONS

from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.stack.quicksight import check_region
from tests.clients import fidelity
from tests.clients.venv import ROOT, Venv
from tests.unit.conftest import sdk

pytestmark = pytest.mark.clients

_TEMPLATES = sorted((ROOT / "cloudformation").glob("*.yaml"))
_MISSING = re.compile(r"E3006 Resource type '(?P<type>[\w:]+)' does not exist in '(?P<region>[\w-]+)'")
_TYPES = [f"AWS::QuickSight::{name}" for name in ("Dashboard", "DataSet", "DataSource", "RefreshSchedule")]

Missing = Mapping[str, frozenset[str]]


@pytest.fixture(scope="module")
def missing() -> Missing:
    """By region, the types of the templates that it lacks; cfn-lint may find nothing else."""
    command: list[str | Path] = [
        Path(sys.executable).with_name("cfn-lint"),
        "--regions",
        "ALL_REGIONS",
        "--",
        *_TEMPLATES,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    found = defaultdict(set)
    for line in done.stdout.splitlines():
        if match := _MISSING.match(line):
            found[match["region"]].add(match["type"])
        else:
            assert not re.match(r"[EWI]\d{4} ", line), line
    return {region: frozenset(types) for region, types in found.items()}


def _documented() -> dict[str, frozenset[str]]:
    """By region, the types that it lacks as docs/quicksight.md says."""
    text = " ".join((ROOT / "docs" / "quicksight.md").read_text().split())
    whole = re.search(r"no QuickSight in (.*?);", text)
    dashboards = re.search(r"no dashboards in (.*?)\.", text)
    assert whole
    assert dashboards
    return {
        **dict.fromkeys(re.findall("`([^`]+)`", whole[1]), frozenset(_TYPES)),
        **dict.fromkeys(re.findall("`([^`]+)`", dashboards[1]), frozenset(_TYPES[:1])),
    }


def test_only_documented_regions_lack_something(missing: Missing) -> None:
    fidelity.says(f"cfn-lint over its {len(REGIONS)} regions")
    assert missing == _documented()


@pytest.mark.parametrize("region", [*_documented(), "eu-central-1"])
def test_a_region_that_lacks_something_is_refused_before_anything_is_made(
    region: str, missing: Missing
) -> None:
    target = Target(name="aws", stack="nrti", region=region)
    target.__dict__["session"] = sdk(region)
    lacking = sorted(missing.get(region, ()))
    with Stubber(target.client("cloudformation")) as answers:
        for name in _TYPES:
            if name in lacking:
                answers.add_client_error("describe_type", "TypeNotFoundException")
            else:
                answers.add_response("describe_type", {"TypeName": name})

        if lacking:
            with pytest.raises(UsageError, match=f"{lacking[-1]} in {region}"):
                check_region(target)
        else:
            check_region(target)


def _validated(template: Path) -> subprocess.CompletedProcess[str]:
    """By SAM's own translator, then by cfn-lint's rules."""
    variables = {"AWS_DEFAULT_REGION": "eu-central-1", "SAM_CLI_TELEMETRY": "0"}
    sam = Venv.of("policies", "judge-stacks")
    return sam.run("-m", "samcli", "validate", "--lint", "--template", template, variables=variables)


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda path: path.stem)
def test_sam_finds_nothing(template: Path) -> None:
    done = _validated(template)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_sam_can_find_something(tmp_path: Path) -> None:
    template = tmp_path / "wrong.yaml"
    template.write_text("Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueNames: q}}}\n")
    done = _validated(template)

    assert done.returncode != 0
    assert "E3002" in done.stdout + done.stderr
