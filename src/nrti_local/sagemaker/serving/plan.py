"""What serves an endpoint: its variants, each with the container of its model.

A plan is kept with the endpoint: models and configurations may be deleted while an endpoint still uses them.
"""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.clock import now

Plan = list[dict[str, Any]]
"""Production variants as in the endpoint configuration, each with one member more: `Container`."""

#: The member of an endpoint's document that holds it; no answer of the API shows it.
PLAN = "Plan"


def described(plan: Plan) -> dict[str, Any]:
    """The members of an endpoint's document that tell what serves it."""
    return {"ProductionVariants": [_summary(planned) for planned in plan], PLAN: plan}


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
