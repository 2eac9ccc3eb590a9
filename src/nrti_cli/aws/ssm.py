"""SSM: parameters whose values are secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: Maximum names of one DeleteParameters.
_AT_ONCE = 10


def put_secret(target: Target, name: str, value: str) -> None:
    """Stores a value, encrypted with the account's key of SSM; replaces a former one."""
    client: Any = target.client("ssm")
    client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def secrets_below(target: Target, path: str) -> list[str]:
    """The names of the parameters whose names begin with a path."""
    client: Any = target.client("ssm")
    pages = client.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
    return [parameter["Name"] for page in pages for parameter in page["Parameters"]]


def delete_secrets(target: Target, names: Sequence[str]) -> None:
    """Deletes parameters; those that do not exist are ignored."""
    client: Any = target.client("ssm")
    for at in range(0, len(names), _AT_ONCE):
        client.delete_parameters(Names=list(names[at : at + _AT_ONCE]))
