"""The executing side of API Gateway: answers the requests to REST APIs.

ministack keeps the APIs themselves. It also answers the requests to methods that are not served here: those
with a Cognito authorizer, and those with integrations other than Step Functions, Lambda and MOCK.
"""

from __future__ import annotations

import logging
import time

from ministack.core.responses import request_scope

from nrti_local.apigateway import (
    authorization,
    delegation,
    gateway_responses,
    integrations,
    limits,
    telemetry,
    validation,
)
from nrti_local.apigateway.addresses import Address, address
from nrti_local.apigateway.deployed import deployed
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import states, templates
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.apigateway.routing import Route
from nrti_local.apigateway.usage_plans import Usage
from nrti_local.server.asgi import Application, ClientGoneError, Receive, Scope, Send, read
from nrti_local.server.shared.caller import identify
from nrti_local.stepfunctions.load import LOAD

_logger = logging.getLogger(__name__)
_NO_STAGE = {"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}


class Service:
    """An ASGI application that serves the requests to REST APIs.

    Args:
        ministack: answers the requests to APIs and methods that are not served here.
        services: answers the requests to anything else.
    """

    def __init__(self, ministack: Application, services: Application) -> None:
        self._ministack, self._services = ministack, services
        self._usage = Usage()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection event."""
        where = address(scope) if scope["type"] == "http" else None
        if where is None:
            await self._services(scope, receive, send)
        elif refusal := limits.refusal(scope):
            await refusal.send(send)
        else:
            await self._serve(where, scope, receive, send)

    async def _serve(self, where: Address, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"] or any(name == b"authorization" for name, _ in scope["headers"]):
            identify(scope)
        try:
            api = deployed(where.api_id, where.stage)
        except LookupError:  # perhaps an HTTP API, which is ministack's
            await self._ministack(scope, receive, send)
            return
        try:
            request = Request.of(api, where.path, scope, await read(receive))
        except ClientGoneError:
            return
        with request_scope(api.account, api.region):
            response = await self._answer(request)
        await response.send(send)

    async def _answer(self, request: Request) -> Response:
        """Answers a request, whatever happens, and reports it."""
        began = time.perf_counter()
        try:
            response = await self._respond(request)
        except GatewayError as error:
            response = gateway_responses.render(error, request)
        except Exception:
            _logger.exception("%s %s of API %s", request.method, request.path, request.api.id)
            response = gateway_responses.render(GatewayError("DEFAULT_5XX"), request)
        response.set("x-amzn-RequestId", request.id)
        response.set("x-amz-apigw-id", request.extended_id)
        telemetry.report(request, response, (time.perf_counter() - began) * 1000)
        return response

    async def _respond(self, request: Request) -> Response:
        if not request.api.stage:
            return Response(403, dict(_NO_STAGE), b'{"message":"Forbidden"}')
        route = request.route = request.api.resources.find(request.path, request.method)
        if route is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN")
        invoke = integrations.of(route.method)
        if invoke is None:
            return await delegation.answer(self._ministack, request)
        integration = route.method["methodIntegration"]
        denied = await authorization.denial(request, route.method)
        if denied:
            return denied
        self._admit(request, route)
        if states.starts_executions(integration) and LOAD.is_exceeded():
            raise GatewayError("THROTTLED")  # before the body is looked at: refusing has to be cheap
        validation.check(request, route.method)
        templates.check_content_type(integration, request)
        return await invoke(integration, request)

    def _admit(self, request: Request, route: Route) -> None:
        """Checks the API key of a request, and counts it against the limits.

        Raises:
            GatewayError: the key is missing or wrong, or a limit is reached.
        """
        api, path = request.api, route.resource.path
        key = api.keys.get(request.headers.get("x-api-key", ""))
        required = route.method.get("apiKeyRequired")
        if required and not (key and key.plans):
            raise GatewayError("INVALID_API_KEY")
        if key:
            self._usage.throttle(key, path, request.method)
        settings = api.stage.get("methodSettings") or {}
        self._usage.throttle_method((api.id, api.stage_name), settings, path, request.method)
        if key and required:
            self._usage.count(key)
