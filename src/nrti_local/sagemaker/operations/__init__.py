"""The operations of the control plane, from a validated request to the response's members."""

from __future__ import annotations

from nrti_local.sagemaker.operations import (
    endpoint_configs,
    endpoints,
    models,
    tags,
    training_jobs,
    transform_jobs,
)
from nrti_local.sagemaker.operations.resources import Handler

HANDLERS: dict[str, Handler] = {
    **endpoint_configs.HANDLERS,
    **endpoints.HANDLERS,
    **models.HANDLERS,
    **tags.HANDLERS,
    **training_jobs.HANDLERS,
    **transform_jobs.HANDLERS,
}
