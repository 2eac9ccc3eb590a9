"""The names that follow from the stack's name. What is not here is in the stack's outputs."""

import re

from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError

#: SageMaker's pattern and length for endpoints, configs, models and jobs.
_SAGEMAKER_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_SAGEMAKER_LENGTH = 63


def artifacts_bucket(target: Target) -> str:
    """The bucket of packaged code, data sets and model artifacts; it exists before the stack does."""
    return f"{target.stack}-artifacts-{target.account}-{target.region_name}"


def owns_bucket(target: Target, bucket: str) -> bool:
    """Whether a bucket is one of the stack's: `<stack>-<word>-<account>-<region>`.

    The word has no hyphen, or stack `a` would own the buckets of stack `a-b`.
    """
    pattern = f"{re.escape(target.stack)}-[a-z]+-{target.account}-{re.escape(target.region_name)}"
    return bool(re.fullmatch(pattern, bucket))


def workgroup_name(stack: str) -> str:
    """The Athena workgroup of the stack's queries."""
    return stack


def database_name(stack: str) -> str:
    """The Glue database of the lake; a hyphen in its name would have to be quoted in every query."""
    return stack.replace("-", "_")


#: Where all training jobs of an account log, each into streams that begin with its name.
TRAINING_LOG_GROUP = "/aws/sagemaker/TrainingJobs"


def endpoint_log_group(endpoint: str) -> str:
    """Where an endpoint's containers log."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def log_groups(stack: str) -> dict[str, str]:
    """The log groups of the stack's parts, as the template names them."""
    return {
        "api": f"/aws/apigateway/{stack}",
        "workflow": f"/aws/vendedlogs/states/{stack}-inference",
        "inference": f"/aws/lambda/{stack}-inference",
        "transform": f"/aws/lambda/{stack}-transform",
        "delivery": f"/aws/kinesisfirehose/{stack}-predictions",
    }


def endpoint_name(stack: str, model: str) -> str:
    """The SageMaker endpoint of a model, `<stack>-<model>`.

    Raises:
        UsageError: SageMaker would not accept the name.
    """
    name = f"{stack}-{model}"
    if not _SAGEMAKER_NAME.fullmatch(model) or len(name) > _SAGEMAKER_LENGTH:
        longest = _SAGEMAKER_LENGTH - len(stack) - 1
        raise UsageError(
            f"{model!r} cannot be a model's name",
            hint=f"use letters, digits and inner hyphens, at most {longest} in all",
        )
    return name
