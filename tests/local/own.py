"""An embedded AWS of a test's own, for tests that break it, lose it or end it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.stack.outputs import outputs
from nrti_local import process
from nrti_local.server.processes.layout import Layout
from tests.local import forked
from tests.training import artifact
from tests.waiting import eventually

#: The model of a stack for tests.
MODEL = "failure-v1"
#: The installed command.
NRTI = str(Path(sys.executable).with_name("nrti"))


@dataclass(frozen=True)
class Own:
    """A home directory and the embedded AWS in it; with `auth`, IAM is enforced there."""

    home: Path
    auth: bool = False

    @property
    def layout(self) -> Layout:
        """Its files."""
        return Layout(self.home / "local")

    def begin(
        self,
        *arguments: str,
        stdout: IO[Any] | int,
        stderr: IO[Any] | int,
        stdin: IO[Any] | int = subprocess.DEVNULL,
    ) -> subprocess.Popen[str]:
        """Starts the command line in it."""
        return subprocess.Popen(
            [NRTI, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            cwd=self.home,
            env=self.environment,
        )

    def nrti(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line in it to the end of a command."""
        return forked.nrti(*arguments, cwd=self.home, env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that works with it."""
        return {**os.environ, "NRTI_HOME": str(self.home), "NRTI_LOCAL_AUTH": str(self.auth).lower()}

    def target(self, stack: str = "nrti") -> Target:
        """Where it answers now."""
        running = process.running(self.layout)
        assert running
        return Target(name="local", stack=stack, endpoint_url=running.endpoint_url)

    def does(self, *arguments: str) -> str:
        """Runs a command that has to succeed; returns what it wrote to stdout."""
        done = self.nrti(*arguments)
        assert done.returncode == 0, f"nrti {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def deploy(self) -> None:
        """Deploys the stack and brings a model into service."""
        self.does("bootstrap", "--buffer-seconds", "1")
        if self.auth:  # the roles of a training are tested as well
            self.does("train", "--name", MODEL, "--rows", "2000")
        else:
            self.publish()

    def publish(self, *options: str) -> None:
        """Publishes a model that was trained in this process, with options of `nrti deploy-model`."""
        with tempfile.NamedTemporaryFile(suffix=".tar.gz") as model:
            model.write(artifact())
            model.flush()
            self.does("deploy-model", "--name", MODEL, "--artifact", model.name, *options)

    def client(self, service: str) -> Any:
        """A client of it."""
        return self.target().client(service)

    def proves_to_work(self, stack: str = "nrti") -> None:
        """Sends an event for a model that is not published, which must end as a dead letter.

        On its way it passes the API, the workflow, the function and the queue.
        """
        target, event_id = self.target(stack), str(uuid.uuid4())
        found = outputs(target)
        request = urllib.request.Request(  # noqa: S310 (the address is our own)
            f"{target.invoke_url(found.api_id, found.api_stage)}/events",
            data=json.dumps(
                {"event_id": event_id, "sensor": "s", "model": "none", "data": [1, 2, 3]}
            ).encode(),
            headers={
                "x-api-key": api_key(target, found.api_key_id),
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 202
        eventually(lambda: _letters(Queue(target, found.dead_letter_queue_url)), lambda ids: event_id in ids)


@contextmanager
def deployed_at(home: Path, *, auth: bool = False) -> Iterator[Own]:
    """An embedded AWS with a stack and a model, until the end of the block."""
    own = Own(home, auth)
    try:
        own.deploy()
        yield own
    finally:
        process.destroy(own.layout)


def _letters(queue: Queue) -> set[str]:
    """The ids of all events that lie in a queue."""
    sweep = Sweep(queue)
    try:
        return {event["event_id"] for letter in sweep.letters() for event in letter.events}
    finally:
        sweep.end()
