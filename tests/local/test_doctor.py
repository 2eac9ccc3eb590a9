"""`nrti doctor`, as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.embedded import files
from tests.local.conftest import Nrti


def test_all_is_well_where_the_tests_run(nrti: Nrti, pipeline: Target) -> None:
    done = nrti("doctor", "--format", "json")

    report = json.loads(done.stdout)
    checks = {each["check"]: each for each in report["checks"]}
    assert (report["target"], report["stack"]) == ("local", "nrti")
    assert (done.returncode, report["healthy"]) == (0, True), report
    assert f"answers at {pipeline.endpoint_url}" in checks["embedded AWS"]["found"]


@pytest.mark.usefixtures("pipeline")
def test_an_embedded_aws_of_another_version_is_a_warning(nrti: Nrti, nrti_home: Path) -> None:
    """A server keeps its code after an upgrade."""
    running = files(nrti_home).running
    facts = running.read_text()
    running.write_text(json.dumps({**json.loads(facts), "version": "0.1.0"}))
    try:
        done, again = nrti("doctor"), nrti("bootstrap")
    finally:
        running.write_text(facts)

    assert done.returncode == 0
    assert "runs the code of nrti 0.1.0, and" in done.stdout
    assert "run nrti local stop, then nrti bootstrap" in done.stdout
    assert "the embedded AWS runs the code of nrti 0.1.0, and" in again.stderr


def test_what_would_fail_is_a_line_with_what_to_do(
    nrti: Nrti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "target.json").write_text("{")
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))

    done = nrti("doctor")

    assert done.returncode == 1
    assert "home          failed" in done.stdout
    assert "delete it, then run nrti bootstrap" in done.stdout
    assert done.stderr == ""


def test_it_ends_soon_without_a_network_and_without_credentials(
    nrti: Nrti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)

    done = nrti("doctor", "--target", "aws", "--region", "eu-central-1", "--format", "json")

    assert done.returncode == 1
    checks = {each["check"]: each for each in json.loads(done.stdout)["checks"]}
    assert checks["credentials"]["state"] == "failed"
    assert "aws configure" in checks["credentials"]["advice"]
    assert checks["region"]["state"] == "ok"
