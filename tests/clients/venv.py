"""A virtual environment that holds what nrti's own must not: programs are run in it, not imported from it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_local.process import KEY, REGION

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Venv:
    """A virtual environment beside the repository's own.

    Attributes:
        directory: where it is.
    """

    directory: Path

    @classmethod
    def of(cls, group: str, target: str = "") -> Venv:
        """The environment of a dependency group; without it the tests are skipped.

        Args:
            group: the name of the dependency group.
            target: makes the environment, if that is not `test-` and the name.
        """
        directory = ROOT / f".venv-{group}"
        if not (directory / ".installed").is_file():
            pytest.skip(f".venv-{group} is not there; `make {target or f'test-{group}'}` makes it")
        return cls(directory)

    def run(
        self, *arguments: str | Path, variables: Mapping[str, str], timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Runs its Python without any AWS of the user's own in the environment."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(
            [self.directory / "bin" / "python", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env={**inherited, **variables},
        )

    def succeed(self, *arguments: str | Path, variables: Mapping[str, str], timeout: float = 120) -> str:
        """What its Python prints, which must end well."""
        done = self.run(*arguments, variables=variables, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout


def address(target: Target) -> dict[str, str]:
    """The variables that `nrti local env` exports."""
    assert target.endpoint_url
    return {
        "AWS_ENDPOINT_URL": target.endpoint_url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
