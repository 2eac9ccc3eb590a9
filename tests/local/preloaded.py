"""What `forked` has loaded before it forks: the commands, and the clients that they make.

Nothing that starts a thread, which a fork would not have, as Arrow does; numpy starts none with
`OMP_NUM_THREADS=1`, which all tests have.
"""

from __future__ import annotations

import gc
import pkgutil
import sys
from contextlib import suppress
from encodings import idna  # noqa: F401
from importlib import import_module

import numpy as np  # noqa: F401
import typer
import uvloop  # noqa: F401
import yaml  # noqa: F401
from typer.testing import CliRunner

import nrti_cli
from nrti_cli.aws.target import Target

#: All that the commands make clients of.
_SERVICES = (
    "apigateway", "athena", "cloudformation", "cloudwatch", "dynamodb", "dynamodbstreams", "firehose", "glue",
    "kinesis", "lambda", "logs", "resourcegroupstaggingapi", "s3", "sagemaker", "sagemaker-runtime",
    "scheduler", "sqs", "ssm", "stepfunctions", "sts",
)  # fmt: skip
#: The packages of what most commands do.
_PACKAGES = ("aws", "commands", "producer", "stack")

sys.modules["pyarrow"] = None  # type: ignore[assignment] # refused: what needs it stays for the command
for package in _PACKAGES:
    for module in pkgutil.iter_modules([f"{nrti_cli.__path__[0]}/{package}"], f"nrti_cli.{package}."):
        with suppress(ImportError):
            import_module(module.name)
del sys.modules["pyarrow"]

target = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9")
for service in _SERVICES:
    target.client(service)

# Typer loads pydantic when a command runs.
command = typer.Typer()
command.command()(lambda number=1: print(number))
CliRunner().invoke(command, [])

gc.freeze()  # else each fork copies the memory of what it never collects
