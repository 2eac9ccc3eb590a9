"""A function as its invocations see it: its configuration, its concurrency and its code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from nrti_local.lambda_.names import LATEST, FunctionName, not_found
from nrti_local.server.shared.ask import ask
from nrti_local.server.shared.changes import Kept
from nrti_local.server.shared.errors import ServiceError

#: What a worker process is made from; when one of these changes, new workers take over.
_OF_A_WORKER = (
    "CodeSha256",
    "Environment",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
)
#: In the environment of a function or of the server: has ministack send invocations elsewhere.
_PROXY = "MINISTACK_LAMBDA_PROXY_"

#: How long a function is kept, in seconds, if no request changes it. CloudFormation goes on after its answer.
_LIFETIME = 1.0

Configuration = Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A version of a function.

    Attributes:
        name: as it was asked for.
        configuration: as GetFunctionConfiguration answers it.
        reserved: its reserved concurrency, if any.
        read_code: returns the zip archive.
    """

    name: FunctionName
    configuration: Configuration
    reserved: int | None
    read_code: Callable[[], bytes]

    @cached_property
    def key(self) -> tuple[str, str, str, str]:
        """Identifies the version among those of all functions."""
        return self.name.account, self.name.region, self.name.name, self.version

    @cached_property
    def revision(self) -> str:
        """As the function `revision`."""
        return revision(self.configuration)

    @property
    def version(self) -> str:
        """The version that is executed: `$LATEST` or a number."""
        return str(self.configuration.get("Version", LATEST))

    @property
    def timeout(self) -> float:
        """Seconds that an invocation may take."""
        return float(self.configuration.get("Timeout", 3))

    @property
    def memory(self) -> int:
        """Megabytes, as configured."""
        return int(self.configuration.get("MemorySize", 128))


def revision(configuration: Configuration) -> str:
    """Differs between two states of a version whose worker processes differ."""
    return json.dumps([configuration.get(member) for member in _OF_A_WORKER])


def current_revision(name: FunctionName) -> str:
    """The revision of a version as it is now; empty if it is gone. For any thread."""
    try:
        return revision(_describe(name)["Configuration"])
    except ServiceError:
        return ""


def find(name: FunctionName) -> Function | None:
    """Looks a function up; for the server's loop, which keeps what was read until a request may change it.

    Returns:
        None for one that ministack has to execute.

    Raises:
        ServiceError: there is no such function, version or alias.
    """
    return _kept(name)


def read(name: FunctionName) -> Function | None:
    """As `find`, from any thread."""
    found = _describe(name)
    configuration = found["Configuration"]
    if not is_supported(configuration) or not _has_code(name, configuration):
        return None
    reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions")
    return Function(name, configuration, reserved, lambda: _read_code(name))


def is_supported(configuration: Configuration) -> bool:
    """Whether the workers of this package execute a function; ministack does all others."""
    variables = configuration.get("Environment", {}).get("Variables", {})
    return not (
        not str(configuration.get("Runtime")).startswith("python")
        or configuration.get("PackageType", "Zip") != "Zip"
        or configuration.get("DurableConfig", {}).get("Enabled")
        or configuration.get("SnapStart", {}).get("OptimizationStatus") == "On"
        or lambda_svc.LAMBDA_EXECUTOR == "docker"
        or lambda_svc.LAMBDA_STRICT
        or f"{_PROXY}URL" in variables
        or f"{_PROXY}{configuration['FunctionName']}" in os.environ
    )


def read_layer(arn: str) -> bytes:
    """The zip archive of a layer's version; empty if it was deleted."""
    *_, region, account, _, name, version = arn.split(":")
    status, _, content = lambda_svc.serve_layer_content(name, int(version), account, region)
    return bytes(content) if status == 200 else b""


def _describe(name: FunctionName) -> dict[str, Any]:
    path = f"/2015-03-31/functions/{quote(':'.join(filter(None, (name.name, name.qualifier))))}"
    with request_scope(name.account, name.region):
        try:
            found: dict[str, Any] = json.loads(ask(lambda_svc, "GET", path)[2])
        except ValueError as error:
            raise not_found(name.arn) from error
    return found


def _has_code(name: FunctionName, configuration: Configuration) -> bool:
    """Whether its code and layers can be read: ministack gives out the latest code only, for all versions."""
    digest = configuration["CodeSha256"]
    if configuration["Version"] != LATEST:
        latest = FunctionName(name.account, name.region, name.name)
        if _describe(latest)["Configuration"]["CodeSha256"] != digest:
            return False
    return bool(digest) and all(read_layer(arn) for arn in layers(configuration))


def layers(configuration: Configuration) -> list[str]:
    """The ARNs of a function's layers, without those that are empty."""
    return [layer["Arn"] for layer in configuration.get("Layers", ()) if layer.get("CodeSize", 1)]


def _read_code(name: FunctionName) -> bytes:
    return bytes(lambda_svc.serve_function_code(name.name, name.account, name.region)[2])


_kept: Kept[FunctionName, Function | None] = Kept("lambda", read, lifetime=_LIFETIME)
