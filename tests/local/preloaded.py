"""What `forked` has loaded before it forks: the commands, and the clients that they make.

Nothing that starts a thread, which a fork would not have, as Arrow does; numpy starts none with
`OMP_NUM_THREADS=1`, which all tests have.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

import numpy as np  # noqa: F401
import uvloop  # noqa: F401
import yaml  # noqa: F401
from pydantic import TypeAdapter

from nrti_cli import commands
from nrti_cli.aws.target import Target

#: All that the commands make clients of.
_SERVICES = (
    "apigateway", "athena", "cloudformation", "cloudwatch", "dynamodb", "dynamodbstreams", "firehose", "glue",
    "kinesis", "lambda", "logs", "resourcegroupstaggingapi", "s3", "sagemaker", "sagemaker-runtime",
    "scheduler", "sqs", "ssm", "stepfunctions", "sts",
)  # fmt: skip

for command in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."):
    import_module(command.name)

TypeAdapter(str)  # Typer loads pydantic when a command runs
target = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9")
for service in _SERVICES:
    target.client(service)
