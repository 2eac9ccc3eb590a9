"""Mapping templates of an integration, for the request to the service behind it and for the answer."""

from __future__ import annotations

from typing import Any

from nrti_local.apigateway import vtl
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.media_types import media_type
from nrti_local.apigateway.request import Request

#: When a body without a template for its content type is refused: always, or if there is any template.
_NEVER, _WHEN_NO_TEMPLATES = "NEVER", "WHEN_NO_TEMPLATES"


def backend_request(integration: dict[str, Any], request: Request) -> str:
    """Returns what the integration sends: the template of the content type rendered, or the body as it is.

    Raises:
        GatewayError: the content type has no template, and the integration lets no other pass.
    """
    template = _template(integration, request)
    return request.text if template is None else render(template, request.text, request)


def check_content_type(integration: dict[str, Any], request: Request) -> None:
    """Refuses a content type that the integration has no template for, as its passthrough behaviour says.

    Raises:
        GatewayError: it is refused.
    """
    behaviour = (integration.get("passthroughBehavior") or "").upper()
    templates = integration.get("requestTemplates")
    refuses = behaviour == _NEVER or (behaviour == _WHEN_NO_TEMPLATES and templates)
    if refuses and _template(integration, request) is None:
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE")


def render(template: str, body: str, request: Request) -> str:
    """Renders a template for a body, which is the request's or that of the answer of the service behind."""
    return vtl.render(template, body, request.parameters, request.context, request.stage_variables)


def _template(integration: dict[str, Any], request: Request) -> str | None:
    templates = integration.get("requestTemplates") or {}
    wanted = request.content_type
    return next((text for name, text in templates.items() if media_type(name) == wanted), None)
