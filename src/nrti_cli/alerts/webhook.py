"""The address of a webhook, which is a secret: it is read from a file, and no message contains it."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from nrti_cli.aws.addresses import is_loopback
from nrti_cli.errors import NrtiError, UsageError

#: Of SSM's standard parameters, in bytes.
_LONGEST = 4096


def read_address(source: str, *, local: bool) -> str:
    """Reads the address of a webhook.

    Args:
        source: the path of a file; `-` for stdin, or a hidden prompt on a terminal.
        local: whether the target is the embedded AWS, where http to this machine is allowed.

    Raises:
        UsageError: `source` is an address itself, or what it has is not a valid one.
        NrtiError: the file cannot be read.
    """
    if "://" in source:
        raise UsageError(
            "the address of a webhook is a secret, and the process list shows the command line",
            hint="write the address to a file and pass --webhook FILE, or pass --webhook - to type it",
        )
    address = _text(source).strip()
    _check(address, local=local)
    return address


def host_of(address: str) -> str:
    """The host, which may be shown."""
    return urlsplit(address).hostname or ""


def _text(source: str) -> str:
    if source == "-" and sys.stdin.isatty():
        from getpass import getpass

        return getpass("address of the webhook (not shown): ")
    try:
        if source == "-":
            return sys.stdin.read(_LONGEST + 1)
        with Path(source).open(encoding="utf-8") as file:
            return file.read(_LONGEST + 1)
    except OSError as error:
        raise NrtiError(f"--webhook {source}: {error.strerror}", hint="name a readable file") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--webhook {source} is not UTF-8 text", hint="save it in UTF-8") from error


def _check(address: str, *, local: bool) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    unfit = not address.isascii() or not address.isprintable() or " " in address or len(address) >= _LONGEST
    if unfit or not host or parts.username is not None:
        raise UsageError("--webhook has no valid address", hint="write https://host/path on one line")
    if parts.scheme == "http" and local and is_loopback(address):
        return
    if parts.scheme != "https":
        hint = "use https; http is for this machine only" if local else "use https"
        raise UsageError(f"the address of the webhook at {host} does not begin with https://", hint=hint)
