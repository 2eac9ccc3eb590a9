"""The specification of a deployment: the production variants, each with the container of its model.

It is stored with the endpoint: models and configurations may be deleted while an endpoint uses them.
"""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.clock import now

DeploymentSpec = list[dict[str, Any]]
"""Production variants as in the endpoint configuration, with the additional member `Container`."""

#: The private member of an endpoint's document with its specification.
SPEC = "Plan"


def described(spec: DeploymentSpec) -> dict[str, Any]:
    """Returns the members of an endpoint's document that describe its deployment."""
    return {"ProductionVariants": [_summary(planned) for planned in spec], SPEC: spec}


def _summary(planned: dict[str, Any]) -> dict[str, Any]:
    image = planned["Container"].get("Image", "")
    weight = planned.get("InitialVariantWeight", 1.0)
    summary = {
        "VariantName": planned["VariantName"],
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now()}],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    if "ServerlessConfig" in planned:
        config = planned["ServerlessConfig"]
        return summary | {"CurrentServerlessConfig": config, "DesiredServerlessConfig": config}
    count = planned.get("InitialInstanceCount", 1)
    return summary | {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
