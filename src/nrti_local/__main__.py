"""`python -m nrti_local`: runs the embedded AWS in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from nrti_local.errors import LocalError

_DESCRIPTION = """\
Runs an AWS on this machine, for the AWS SDKs and the AWS CLI: API Gateway,
Athena, CloudFormation, CloudWatch, DynamoDB, Firehose, Glue, IAM, Kinesis,
Lambda, S3, SageMaker, SNS, SQS, Step Functions and more. It needs neither
docker nor an account, and listens on 127.0.0.1 only.

When it is ready, it prints the environment variables that point clients to
it. It keeps its state in --home and has it again after the next start, even
after a crash. Ctrl-C or SIGTERM ends it.
"""
_EPILOG = "docs/local-aws.md has what each service answers, and what it does not."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; returns the exit code.

    Args:
        arguments: of the command line; those of this process if left out.
    """
    settings = _parser().parse_args(arguments)
    if settings.auth:
        os.environ["NRTI_LOCAL_AUTH"] = "true"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from nrti_local import foreground

    try:
        foreground.run(settings.home.expanduser().absolute(), settings.port)
    except LocalError as error:
        print(f"nrti_local: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nrti_local",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="PORT",
        help="port to listen on; without it, the port of the last run or a free one",
    )
    home = platformdirs.user_state_path("nrti_local")
    parser.add_argument(
        "--home",
        type=Path,
        default=home,
        metavar="DIRECTORY",
        help=f"directory for state and log (default: {home})".replace("%", "%%"),
    )
    parser.add_argument(
        "--auth",
        action="store_true",
        help="check signatures and enforce IAM policies for all keys but the root key `test`",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
