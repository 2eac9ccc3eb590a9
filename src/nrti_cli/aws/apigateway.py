"""API Gateway: the API key, whether a stage exists, and the region's role for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_apigateway.client import APIGatewayClient

    from nrti_cli.aws.target import Target


def api_key(target: Target, key_id: str) -> str:
    """The secret value of the stack's API key, which must never be logged.

    Raises:
        NrtiError: the key has been deleted.
    """
    client: APIGatewayClient = target.client("apigateway")
    try:
        return client.get_api_key(apiKey=key_id, includeValue=True)["value"]
    except ClientError as error:
        if code(error) == "NotFoundException":
            raise NrtiError(f"the API key {key_id} does not exist", hint="run nrti bootstrap") from error
        raise


def stage_exists(target: Target, api_id: str, stage: str) -> bool:
    """Whether the API is deployed to this stage."""
    client: APIGatewayClient = target.client("apigateway")
    try:
        client.get_stage(restApiId=api_id, stageName=stage)
    except ClientError as error:
        if code(error) == "NotFoundException":
            return False
        raise
    return True


def require_stage(target: Target, api_id: str, stage: str) -> None:
    """Checks that the API is deployed to this stage.

    Raises:
        NrtiError: it is not, or the API does not exist.
    """
    if not stage_exists(target, api_id, stage):
        raise NrtiError(f"the API {api_id} with stage {stage!r} does not exist", hint="run nrti bootstrap")


def reset_log_role(target: Target, role: str) -> None:
    """Clears the role that API Gateway logs with in this region, if it is the one with this name.

    CloudFormation leaves the setting when it deletes the role.
    """
    client: APIGatewayClient = target.client("apigateway")
    if client.get_account().get("cloudwatchRoleArn", "").endswith(f":role/{role}"):
        client.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}])
