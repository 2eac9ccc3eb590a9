"""Reports each request to CloudWatch: the API's metrics, and the stage's access log."""

from __future__ import annotations

from nrti_local.apigateway import access_log
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.cloudwatch import metrics


def report(request: Request, response: Response, milliseconds: float) -> None:
    """Counts and logs a request.

    Args:
        request: that was answered.
        response: its answer.
        milliseconds: between the two.
    """
    values = (
        ("Count", 1, "Count"),
        ("4XXError", int(400 <= response.status < 500), "Count"),
        ("5XXError", int(response.status >= 500), "Count"),
        ("Latency", milliseconds, "Milliseconds"),
    )
    dimensions = {"ApiName": request.api.name, "Stage": request.api.stage_name}
    metrics.add_all("AWS/ApiGateway", values, dimensions)
    access_log.write(request, response, milliseconds)
