"""Apache Velocity in a process of its own: it renders a template as the embedded AWS does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients.venv import PROGRAMS, ROOT

_DIRECTORY = ROOT / ".venv-templates"
_JARS = _DIRECTORY / "usr" / "share" / "java"


@dataclass(frozen=True)
class Velocity:
    """The process, which renders for each line that it reads.

    Attributes:
        process: that runs `render_templates.py`.
    """

    process: subprocess.Popen[str]

    def render(
        self,
        template: str,
        body: str,
        parameters: Mapping[str, Mapping[str, str]],
        context: Mapping[str, Any],
    ) -> dict[str, dict[str, Any]]:
        """The results by the treatment of absent references: `text` and `override`, or `error`."""
        given = {"template": template, "body": body, "parameters": parameters, "context": context}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        results: dict[str, dict[str, Any]] = json.loads(self.process.stdout.readline())
        return results


@contextmanager
def running() -> Iterator[Velocity]:
    """Starts Velocity, and ends it; without its packages the tests are skipped."""
    if not (_JARS / "velocity.jar").is_file():
        pytest.skip("Apache Velocity is missing in .venv-templates; `make judge-templates` unpacks it there")
    command = [_DIRECTORY / "bin" / "python", PROGRAMS / "render_templates.py", _JARS]
    # It ends with its stdin; Ctrl-C is for the tests alone.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield Velocity(process)
