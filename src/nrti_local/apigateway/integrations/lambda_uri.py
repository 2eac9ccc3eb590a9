"""The URI by which a REST API names a function."""

from __future__ import annotations

import re

from nrti_local.apigateway.request import Request
from nrti_local.lambda_.invoke import Outcome
from nrti_local.lambda_.invoke import invoke as invoke_function

_URI = re.compile(
    r"arn:[^:]+:apigateway:[^:]+:lambda:path/2015-03-31/functions/(?P<function>[^/]+)/invocations"
)
#: In a URI, such as `${stageVariables.alias}`.
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_ARN = re.compile(r"arn:[^:]+:lambda:(?P<region>[^:]+):(?P<account>\d{12}):")


def names_function(uri: str) -> bool:
    """Whether a URI is that of a function."""
    return _URI.fullmatch(uri) is not None


async def invoke(uri: str, event: str, request: Request) -> Outcome:
    """Invokes the function of a URI, in the account and region that it names.

    Args:
        uri: it may contain variables of the stage.
        event: JSON.
        request: that the function is invoked for.

    Raises:
        ServiceError: Lambda rejects the invocation.
    """
    found = _URI.fullmatch(uri)
    variables = request.stage_variables
    name = _STAGE_VARIABLE.sub(lambda each: variables.get(each[1], ""), found["function"] if found else "")
    arn, api = _ARN.match(name), request.api
    account, region = (arn["account"], arn["region"]) if arn else (api.account, api.region)
    return await invoke_function(name, event.encode(), account=account, region=region)
