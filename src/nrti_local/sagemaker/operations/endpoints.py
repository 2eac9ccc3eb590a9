"""The operations on endpoints; changes continue in the background."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.errors import in_progress, invalid
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.endpoint_configs import ENDPOINT_CONFIG
from nrti_local.sagemaker.operations.models import container
from nrti_local.sagemaker.operations.resources import Handler, Request, Resource
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.serving.deployment_spec import SPEC, DeploymentSpec
from nrti_local.sagemaker.store import Document

ENDPOINT = Resource(
    "endpoint", "endpoint", "Endpoint", Listing("Endpoints", "EndpointName", status="EndpointStatus")
)
#: What an endpoint configuration may ask for, and no endpoint here does.
_ABSENT = ("AsyncInferenceConfig", "DataCaptureConfig", "ExplainerConfig", "ShadowProductionVariants")
_SETTLED = {"InService", "Failed"}


def create(service: Service, request: Request) -> dict[str, Any]:
    """CreateEndpoint."""
    spec = _spec(service, request)
    document = ENDPOINT.draft(service, request)
    service.endpoints.create(document, spec)
    return document


def update(service: Service, request: Request) -> dict[str, Any]:
    """UpdateEndpoint; the status is Updating when it returns."""
    document = _settled(service, request)
    arn, config = document["EndpointArn"], request["EndpointConfigName"]
    if document["EndpointStatus"] == "Failed":
        raise invalid(f'Cannot update endpoint "{arn}" because its status is Failed.')
    spec = _spec(service, request)
    if config == document["EndpointConfigName"]:
        raise invalid(
            f'Cannot update endpoint "{arn}" to the endpoint configuration "{config}" that it already has.'
        )
    if "DeploymentConfig" in request:
        document["LastDeploymentConfig"] = request["DeploymentConfig"]
    service.endpoints.update(document, config, spec)
    return document


def _update_weights(service: Service, request: Request) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities; takes effect at once, since each variant has one worker."""
    document = _settled(service, request)
    variants = {variant["VariantName"]: variant for variant in document["ProductionVariants"]}
    desired = request["DesiredWeightsAndCapacities"]
    _check_names([wanted["VariantName"] for wanted in desired], document)
    for wanted in desired:
        _weigh(variants[wanted["VariantName"]], wanted)
    _store_weights(document, desired)
    service.endpoints.set_weights(
        document, {name: variant["CurrentWeight"] for name, variant in variants.items()}
    )
    return document


def delete(service: Service, request: Request) -> dict[str, Any]:
    """DeleteEndpoint."""
    service.endpoints.delete(_settled(service, request))
    return {}


def _settled(service: Service, request: Request) -> Document:
    document = ENDPOINT.find(service, request)
    if document["EndpointStatus"] not in _SETTLED:
        raise in_progress(document["EndpointArn"])
    return document


def _spec(service: Service, request: Request) -> DeploymentSpec:
    """Returns the current specification; later changes of the configuration do not affect the endpoint."""
    config = ENDPOINT_CONFIG.find(service, request)
    _check_absent(config)
    return [{**variant, "Container": container(service, variant)} for variant in config["ProductionVariants"]]


def _check_absent(config: Document) -> None:
    captures = config.get("DataCaptureConfig", {}).get("EnableCapture", True)
    for member in _ABSENT:
        if config.get(member) and (captures or member != "DataCaptureConfig"):
            raise invalid(f"{member} is not in the embedded AWS; leave it out of the endpoint configuration.")


def _check_names(names: list[str], document: Document) -> None:
    present = {variant["VariantName"] for variant in document["ProductionVariants"]}
    for name in names:
        if names.count(name) > 1:
            raise invalid(f'The variant name "{name}" was non-unique within the request.')
        if name not in present:
            raise invalid(
                f'The variant name(s) "{name}" is/are not present within endpoint configuration '
                f'"{document["EndpointConfigName"]}".'
            )


def _weigh(variant: dict[str, Any], wanted: dict[str, Any]) -> None:
    for asked, member in (("DesiredWeight", "Weight"), ("DesiredInstanceCount", "InstanceCount")):
        if asked in wanted:
            variant[f"Current{member}"] = variant[f"Desired{member}"] = wanted[asked]


def _store_weights(document: Document, desired: list[dict[str, Any]]) -> None:
    """Stores the weights, so that a restart keeps them."""
    weights = {
        wanted["VariantName"]: wanted["DesiredWeight"] for wanted in desired if "DesiredWeight" in wanted
    }
    for planned in document[SPEC]:
        if planned["VariantName"] in weights:
            planned["InitialVariantWeight"] = weights[planned["VariantName"]]


HANDLERS: dict[str, Handler] = {
    "CreateEndpoint": create,
    "UpdateEndpoint": update,
    "UpdateEndpointWeightsAndCapacities": _update_weights,
    "DescribeEndpoint": ENDPOINT.find,
    "ListEndpoints": ENDPOINT.list,
    "DeleteEndpoint": delete,
}
