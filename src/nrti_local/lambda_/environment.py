"""The environment variables of a worker process."""

from __future__ import annotations

import os

from ministack.core.lambda_runtime import HOST_PREFIX_ENV, execution_credentials
from ministack.core.responses import request_scope

from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.package import Package
from nrti_local.lambda_.telemetry import log_group, log_stream


def variables(function: Function, package: Package) -> dict[str, str]:
    """All of them: the server's, the function's, and above them those that Lambda sets itself."""
    own = function.configuration.get("Environment", {}).get("Variables", {})
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        HOST_PREFIX_ENV: "true",
        **os.environ,
        "TZ": ":UTC",
        **own,
        **_reserved(function, package),
    }
    if package.layers.exists():
        environment["PATH"] = f"{package.layers}/bin:{environment.get('PATH', '')}"
        environment["LD_LIBRARY_PATH"] = f"{package.layers}/lib:{environment.get('LD_LIBRARY_PATH', '')}"
    return environment


def _reserved(function: Function, package: Package) -> dict[str, str]:
    """Those that a function cannot set."""
    name, configuration = function.name, function.configuration
    with request_scope(name.account, name.region):
        credentials = execution_credentials({**configuration, "FunctionArn": name.unqualified_arn})
    return {
        **credentials,
        "AWS_REGION": name.region,
        "AWS_DEFAULT_REGION": name.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": name.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(configuration),
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream(configuration),
        "LAMBDA_TASK_ROOT": str(package.code),
        "_HANDLER": str(configuration["Handler"]),
    }
