"""Tasks of any other service: a call by the AWS SDK to the address of the embedded AWS."""

from __future__ import annotations

import os
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ministack.core.responses import get_account_id, get_region

from nrti_local.sagemaker.settings import HOME_ACCOUNT
from nrti_local.server.shared.errors import ServiceError
from nrti_local.settings import KEY
from nrti_local.stepfunctions.asl.context import Call, Paused, Reply
from nrti_local.stepfunctions.asl.errors import RUNTIME, StateError
from nrti_local.stepfunctions.scheduler import in_thread
from nrti_local.stepfunctions.tasks import naming

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

#: The names of optimized integrations whose errors do not begin as those of the SDK.
PREFIXES = {"sns": "SNS", "states": "StepFunctions", "ecs": "ECS"}


def call(service: str, action: str, *, optimized: bool) -> Call:
    """Returns the function that calls an operation.

    Args:
        service: as in the resource, such as `sfn`, or `states` of an optimized integration.
        action: such as `putObject`.
        optimized: whether it is an optimized integration.
    """
    return partial(_call, service, action, PREFIXES.get(service) if optimized else None)


async def _call(service: str, action: str, prefix: str | None, request: Any, paused: Paused) -> Reply:
    async with paused():
        return Reply(await in_thread(_request, service, action, prefix, request))


def _request(service: str, action: str, prefix: str | None, request: Any) -> Any:
    """Calls an operation; in a thread, as the description of a service may be large.

    Raises:
        StateError: there is no such operation, or it fails.
    """
    from botocore.exceptions import ClientError, ParamValidationError

    description, operation = _operation(service, action)
    client = _client(description.service_name, get_account_id(), get_region())
    members = naming.to_request(request or {}, operation.input_shape)
    methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
    try:
        answer = getattr(client, methods[operation.name])(**members)
    except ParamValidationError as error:
        raise StateError(RUNTIME, f"The Parameters could not be used to start the task: {error}") from error
    except ClientError as error:
        raise _failed(description, prefix, error.response) from error
    answer.pop("ResponseMetadata", None)
    return naming.from_answer(answer, operation.output_shape)


def _operation(service: str, action: str) -> tuple[ServiceModel, OperationModel]:
    description = naming.model(service)
    name = action[:1].upper() + action[1:]
    names = {naming.java_name(api): api for api in description.operation_names} if description else {}
    if description is None or name not in names:
        raise StateError(RUNTIME, f"The embedded AWS has no task for '{service}:{action}'")
    return description, description.operation_model(names[name])


@lru_cache(maxsize=32)
def _client(service: str, account: str, region: str) -> Any:
    from botocore.config import Config

    from nrti_local.server.shared import sdk

    config = Config(
        inject_host_prefix=False,
        read_timeout=300,
        retries={"total_max_attempts": 1},  # retries are for the workflow's own Retry
        s3={"addressing_style": "path"},
    )
    key = KEY if account == HOME_ACCOUNT else account
    return sdk.client(service, key, region, config, os.environ["AWS_ENDPOINT_URL"])


def _failed(description: ServiceModel, prefix: str | None, answer: Any) -> StateError:
    own = naming.service_name(description)
    name = naming.error_name(description, answer["Error"].get("Code", ""))
    metadata = answer.get("ResponseMetadata", {})
    detail = f"Status Code: {metadata.get('HTTPStatusCode')}, Request ID: {metadata.get('RequestId')}"
    message = f"{answer['Error'].get('Message', '')} (Service: {own}, {detail})"
    return StateError(f"{prefix}.{name.partition('.')[2]}" if prefix else name, message)


def refused(service: str, prefix: str | None, error: ServiceError) -> StateError:
    """The error of a task whose service answers in this process.

    Args:
        service: as in the resource of the AWS SDK.
        prefix: of the errors of an optimized integration, or None.
        error: of the service.
    """
    description = naming.model(service)
    if description is None:
        raise LookupError(service)
    metadata = {"HTTPStatusCode": error.status, "RequestId": str(uuid4())}
    answer = {"Error": {"Code": error.code, "Message": error.message}, "ResponseMetadata": metadata}
    return _failed(description, prefix, answer)
