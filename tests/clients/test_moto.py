"""moto's own SageMaker tests, unmodified, against the embedded AWS; a document says which AWS fails."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nrti_cli.aws.target import Target
from tests.clients.venv import PROGRAMS, ROOT, Venv

pytestmark = pytest.mark.clients

DOCUMENT = ROOT / "docs" / "sagemaker-moto.md"
TESTS = 42
_ROW = re.compile(r"^\| `(test_\w+)` \| (fails|races) \| (passes|fails) \|", re.MULTILINE)


def documented() -> list[tuple[str, str, str]]:
    """The rows of the document: a test, what becomes of it as it is, and with requests that AWS takes."""
    return _ROW.findall(DOCUMENT.read_text())


def failures(clients: Venv, target: Target, report: Path, *plugins: str) -> set[str]:
    """The tests of moto's that fail with those plugins in front of their client."""
    assert target.endpoint_url
    moto = clients.directory / "moto"
    files = [f"tests/test_sagemaker/test_sagemaker_{part}.py" for part in ("training", "models", "endpoint")]
    named = [word for plugin in plugins for word in ("-p", plugin)]
    done = clients.run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={moto}", f"--junitxml={report}"),
        *named,
        *(moto / file for file in files),
        timeout=300,
        variables={
            "PYTHONPATH": str(PROGRAMS),
            "TEST_SERVER_MODE": "true",
            "TEST_SERVER_MODE_ENDPOINT": target.endpoint_url,
        },
    )
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 (pytest wrote it just now)
    assert len(cases) == TESTS, done.stdout
    assert not any(case.find("error") is not None for case in cases), done.stdout
    return {case.attrib["name"] for case in cases if case.find("failure") is not None}


def test_as_they_are(clients: Venv, embedded: Target, tmp_path: Path) -> None:
    failed = failures(clients, embedded, tmp_path / "report.xml", "moto_reset")

    print(f"\nmoto's tests as they are: {TESTS - len(failed)} of {TESTS} pass")
    certain = {name for name, as_it_is, _ in documented() if as_it_is == "fails"}
    assert certain <= failed <= {name for name, _, _ in documented()}


def test_with_requests_that_aws_takes(clients: Venv, embedded: Target, tmp_path: Path) -> None:
    failed = failures(clients, embedded, tmp_path / "report.xml", "moto_reset", "moto_requests")

    print(f"\nmoto's tests with requests that AWS takes: {TESTS - len(failed)} of {TESTS} pass")
    assert failed == {name for name, _, adapted in documented() if adapted == "fails"}
