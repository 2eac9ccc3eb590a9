"""The names that follow from the stack's name. What is not here is in the stack's outputs."""

import re

from nrti_cli.aws.sagemaker_names import is_trial
from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError

#: S3's length for the names of buckets, less what `artifacts_bucket` adds in the regions with long names: a
#: stack that can be deployed in one region can be deployed in all.
_BUCKET_LENGTH = 63
_LONGEST_STACK = _BUCKET_LENGTH - len("-artifacts-123456789012-ap-southeast-1")
#: As S3 and CloudFormation have it together, and what S3 keeps the names of buckets from beginning with.
_STACK_NAME = re.compile(r"[a-z](-*[a-z0-9])*")
_RESERVED = ("xn--", "sthree-", "amzn-s3-demo-")
#: SageMaker's pattern and length for endpoints, configs, models and jobs.
_SAGEMAKER_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_SAGEMAKER_LENGTH = 63


def require_stack_name(stack: str) -> None:
    """Refuses a name with which something of the stack could not be made; before anything is.

    Raises:
        UsageError: S3 or CloudFormation would not accept a name that begins with it.
    """
    if not _STACK_NAME.fullmatch(stack) or len(stack) > _LONGEST_STACK or stack.startswith(_RESERVED):
        raise UsageError(
            f"{stack!r} cannot be a stack's name, with which the names of S3 buckets begin",
            hint=f"use a-z, digits and inner hyphens, first a letter, at most {_LONGEST_STACK} in all",
        )


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
    if is_trial(name):
        raise UsageError(
            f"{model!r} cannot be a model's name: temporary endpoints end in 17 digits",
            hint="use another ending",
        )
    if not _SAGEMAKER_NAME.fullmatch(model) or len(name) > _SAGEMAKER_LENGTH:
        longest = _SAGEMAKER_LENGTH - len(stack) - 1
        raise UsageError(
            f"{model!r} cannot be a model's name",
            hint=f"use letters, digits and inner hyphens, at most {longest} in all",
        )
    return name
