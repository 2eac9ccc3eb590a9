"""How long the command line takes to say anything and to reach AWS, beside bare Typer and bare boto3."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.peers import BIN
from benchmarks.report import Measurement
from benchmarks.system import NRTI
from nrti_cli.commands.index import COMMANDS, load

Command = list[str]

_PATIENCE_SECONDS = 20
_ROUNDS = 15
#: Of what is several times slower anyway.
_FEW_ROUNDS = 5
#: A Typer app with as many commands as nrti and a group of as many; none has options.
_BARE_HELP = """
import typer
app, group = typer.Typer({settings}), typer.Typer(help="Several things.")
for number in range({commands}):
    @app.command(f"command-{{number}}")
    def command():
        "Do a thing, and say that it is done."
for number in range({members}):
    @group.command(f"member-{{number}}")
    def member():
        "Do a part of a thing."
app.add_typer(group, name="group")
app()
"""
#: A Typer app that does nothing but ask AWS something, and imports boto3 only to do so.
_BARE_REQUEST = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def ask():
    import boto3
    boto3.client({service!r}).{operation}()
app()
"""
_PLAIN = "rich_markup_mode=None"


def run() -> list[Measurement]:
    with tempfile.TemporaryDirectory() as home:
        os.environ["NRTI_HOME"] = home
        try:
            return [*_help(), *_first_requests()]
        finally:
            del os.environ["NRTI_HOME"]


def _help() -> list[Measurement]:
    counts = {"commands": len(COMMANDS) - 1, "members": len(load("local").commands)}  # type: ignore[union-attr]
    bare, rich = (_python(_BARE_HELP.format(settings=settings, **counts)) for settings in (_PLAIN, ""))
    peers = {
        "aws --version": _peer("aws", "--version"),
        "aws, a skeleton": _peer("aws", "dynamodb", "list-tables", "--generate-cli-skeleton"),
        "chalice --help": _peer("chalice", "--help"),
        "athenacli --help": _peer("athenacli", "--help"),
        "awslogs --help": _peer("awslogs", "--help"),
    }
    ours, plain = _medians(_ended, {"ours": [NRTI, "--help"], "bare": bare}).values()
    slower = _medians(_ended, {"rich": rich, **peers}, _FEW_ROUNDS)
    rich_help = slower.pop("rich")
    return [
        Measurement(
            "`nrti --help`",
            _ms(ours),
            "<= 1.25 times a bare Typer app with as many commands",
            ours <= 1.25 * plain,
            f"bare app, plain help {_ms(plain)}, ratio {ours / plain:.2f}; with rich's help {_ms(rich_help)}",
        ),
        Measurement(
            "`nrti --help`",
            _ms(ours),
            "ahead of every peer",
            ours < min(slower.values()),
            "; ".join(f"{name} {_ms(median)}" for name, median in slower.items()),
        ),
    ]


def _first_requests() -> list[Measurement]:
    """Commands up to the first byte that they send, each beside a bare app that calls the same service."""
    account = ["--target", "aws"]
    commands = {
        "status": [NRTI, "status", *account],
        "tail": [NRTI, "tail", *account],
        "models": [NRTI, "models", *account],
        "bare cloudformation": _python(
            _BARE_REQUEST.format(service="cloudformation", operation="describe_stacks")
        ),
        "bare sagemaker": _python(_BARE_REQUEST.format(service="sagemaker", operation="list_endpoints")),
        "aws": _peer("aws", "cloudformation", "describe-stacks"),
    }
    with _sink() as reached:
        medians = _medians(reached, commands)
    bare = {
        "status": "bare cloudformation",
        "tail": "bare cloudformation",
        "models": "bare sagemaker",
    }
    return [
        Measurement(
            f"`nrti {name}` up to its first AWS request",
            _ms(medians[name]),
            "<= 1.15 times a bare Typer app with one boto3 client",
            medians[name] <= 1.15 * medians[bare[name]],
            f"{bare[name]} {_ms(medians[bare[name]])}, ratio {medians[name] / medians[bare[name]]:.2f}; "
            f"aws cloudformation describe-stacks {_ms(medians['aws'])}",
        )
        for name in bare
    ]


def _python(program: str) -> Command:
    return [sys.executable, "-c", program, *(["--help"] if "group" in program else [])]


def _peer(*command: str) -> Command:
    return [str(BIN / command[0]), *command[1:]]


def _medians(
    measure: Callable[[Command], float], commands: dict[str, Command], rounds: int = _ROUNDS
) -> dict[str, float]:
    """Medians in seconds of commands that take turns, so that a busy machine is unfair to none."""
    for command in commands.values():
        measure(command)
    taken = [[measure(command) for command in commands.values()] for _ in range(rounds)]
    return dict(zip(commands, map(statistics.median, zip(*taken, strict=True)), strict=True))


def _ended(command: Command) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


@contextmanager
def _sink() -> Iterator[Callable[[Command], float]]:
    """Gives what measures how long a command takes to send something to a server that only listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_PATIENCE_SECONDS)
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }

        def reached(command: Command) -> float:
            began = time.perf_counter()
            quiet = subprocess.DEVNULL
            with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
                try:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(_PATIENCE_SECONDS)
                        connection.recv(1)
                        reached_after = time.perf_counter() - began
                        process.kill()  # before the connection goes, or it would try again
                        return reached_after
                finally:
                    process.kill()

        yield reached


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
