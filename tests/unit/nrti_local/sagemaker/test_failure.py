"""The words of a training job's failure."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nrti_local.sagemaker import image
from nrti_local.sagemaker.training import failure

ROOT = Path(__file__).parents[4]
MISSING = "ModuleNotFoundError: No module named 'pandas.core'"


def test_a_package_that_only_aws_has_is_named_with_what_brings_it(tmp_path: Path) -> None:
    reason = failure.of_script(tmp_path / "failure", 1, ["python", "train.py"], ["Traceback", MISSING])

    assert reason.startswith(f'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "{MISSING}"')
    assert reason.endswith(
        "exit code: 1. AWS's image has pandas 2.2.3, but this Python does not: install nrti "
        "with its extra `image` (pandas is in it), or name it in requirements.txt"
    )


@pytest.mark.parametrize("line", ["No module named 'tensorflow'", "ValueError: pandas", ""])
def test_nothing_is_added_to_other_failures(line: str) -> None:
    assert not image.lacking(line)


def test_a_container_has_its_own_status_and_words(tmp_path: Path) -> None:
    written = tmp_path / "failure"
    assert failure.of_container(written, 3, ["boom"]) == "AlgorithmError: , exit code: 3"
    written.write_text("no data")
    assert failure.of_container(written, 3, ["boom"]) == "AlgorithmError: no data, exit code: 3"


def test_the_extra_brings_what_the_advice_promises() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["image"]

    assert sorted(extra) == sorted(image.PACKAGES.values())
