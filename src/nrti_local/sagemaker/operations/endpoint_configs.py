"""CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.models import MODEL
from nrti_local.sagemaker.operations.resources import Handler, Request, Resource
from nrti_local.sagemaker.service import Service
from nrti_local.server.shared.constraints import violation

ENDPOINT_CONFIG = Resource(
    "endpoint-config",
    "endpoint configuration",
    "EndpointConfig",
    Listing("EndpointConfigs", "EndpointConfigName"),
)
_MEMORY_SIZES = range(1024, 6144 + 1, 1024)


def create(service: Service, request: Request) -> dict[str, Any]:
    """CreateEndpointConfig; also checks that the models exist and that each variant has a size."""
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise invalid(f"The names of production variants must be unique: {', '.join(names)}")
    for position, variant in enumerate(variants, 1):
        _check_size(variant, f"ProductionVariants.{position}.member")
        if "ModelName" in variant:
            MODEL.find(service, variant)
    return ENDPOINT_CONFIG.create(service, request)


def _check_size(variant: dict[str, Any], path: str) -> None:
    serverless = variant.get("ServerlessConfig")
    if bool(serverless) == bool(variant.get("InstanceType")):
        raise invalid(
            f"Production variant {variant['VariantName']} needs either ServerlessConfig or InstanceType."
        )
    if serverless:
        _check_serverless(serverless, f"{path}.ServerlessConfig")


def _check_serverless(config: dict[str, Any], path: str) -> None:
    if config["MemorySizeInMB"] not in _MEMORY_SIZES:
        sizes = ", ".join(map(str, _MEMORY_SIZES))
        broken = violation(
            str(config["MemorySizeInMB"]), f"{path}.MemorySizeInMB", f"satisfy enum value set: [{sizes}]"
        )
        raise invalid(f"1 validation error detected: {broken}")
    if config.get("ProvisionedConcurrency", 1) > config["MaxConcurrency"]:
        raise invalid("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")


HANDLERS: dict[str, Handler] = {
    "CreateEndpointConfig": create,
    "DescribeEndpointConfig": ENDPOINT_CONFIG.find,
    "ListEndpointConfigs": ENDPOINT_CONFIG.list,
    "DeleteEndpointConfig": ENDPOINT_CONFIG.delete,
}
