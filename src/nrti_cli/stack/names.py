"""The names that are derived from the stack's name; all others are outputs of the stack."""

import re

from nrti_cli.aws.sagemaker.names import is_trial
from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError

#: The limit of S3 for bucket names, minus what `artifacts_bucket` adds in the region with the longest name,
#: so that a stack name is valid in all regions or in none.
_BUCKET_LENGTH = 63
_LONGEST_STACK = _BUCKET_LENGTH - len("-artifacts-123456789012-ap-southeast-1")
#: The patterns of S3 and CloudFormation together, and the prefixes that S3 reserves.
_STACK_NAME = re.compile(r"[a-z](-*[a-z0-9])*")
_RESERVED = ("xn--", "sthree-", "amzn-s3-demo-")
#: The keys of the objects with requests that the dead-letter queue refused; the state machines have it, too.
UNPARKED = "unparked/"
#: SageMaker's pattern and length for endpoints, endpoint configurations, models and jobs.
_SAGEMAKER_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_SAGEMAKER_LENGTH = 63


def require_stack_name(stack: str) -> None:
    """Checks the name of a stack before anything is created.

    Raises:
        UsageError: S3 or CloudFormation would refuse names that begin with it.
    """
    if not _STACK_NAME.fullmatch(stack) or len(stack) > _LONGEST_STACK or stack.startswith(_RESERVED):
        raise UsageError(
            f"{stack!r} is not a valid stack name, with which the names of S3 buckets begin",
            hint=f"use a-z, digits and inner hyphens, first a letter, at most {_LONGEST_STACK} characters",
        )


def artifacts_bucket(target: Target) -> str:
    """The bucket for packaged code, data sets and model artifacts; it is created before the stack."""
    return f"{target.stack}-artifacts-{target.account}-{target.region_name}"


def owns_bucket(target: Target, bucket: str) -> bool:
    """Whether a bucket belongs to the stack: `<stack>-<word>-<account>-<region>`.

    The word has no hyphen; otherwise stack `a` would own the buckets of stack `a-b`.
    """
    pattern = f"{re.escape(target.stack)}-[a-z]+-{target.account}-{re.escape(target.region_name)}"
    return bool(re.fullmatch(pattern, bucket))


def workgroup_name(stack: str) -> str:
    """The Athena workgroup of the stack's queries."""
    return stack


def database_name(stack: str) -> str:
    """The Glue database of the lake; a hyphen in its name would have to be quoted in every query."""
    return stack.replace("-", "_")


#: The template's role for API Gateway's logs.
API_LOG_ROLE = "ApiLogRole"


def api_log_role(target: Target) -> str:
    """The name of the role for API Gateway's logs, which exists with `--access-logs own`."""
    return f"{target.stack}-{target.region_name}-api-logs"


#: The log group of all training jobs of an account; the streams of a job begin with its name.
TRAINING_LOG_GROUP = "/aws/sagemaker/TrainingJobs"


def endpoint_log_group(endpoint: str) -> str:
    """The log group of an endpoint's containers."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def log_groups(stack: str) -> dict[str, str]:
    """The log groups of the stack's parts, by the template's names."""
    return {
        "api": f"/aws/apigateway/{stack}",
        "workflow": f"/aws/vendedlogs/states/{stack}-inference",
        "inference": f"/aws/lambda/{stack}-inference",
        "labels": f"/aws/lambda/{stack}-labels",
        "transform": f"/aws/lambda/{stack}-transform",
        "alerts": f"/aws/lambda/{stack}-alerts",
        "delivery": f"/aws/kinesisfirehose/{stack}-predictions",
    }


#: The alarms of the stack, by what their names end in; `alarms` makes the names.
_ALARMS = (
    "dead-letters", "failed-workflows", "failed-labels", "timed-out-workflows", "server-errors",
    "refused-requests", "throttled-requests", "inference-errors", "inference-latency", "inference-throttles",
    "transform-errors", "delivery-freshness", "failed-conversions", "failed-label-conversions",
)  # fmt: skip


def alarms(stack: str) -> list[str]:
    """The alarms of the stack, by the template's names."""
    return [f"{stack}-{name}" for name in _ALARMS]


def function_log_groups(stack: str) -> list[str]:
    """Those of the functions. Lambda creates one again if its function still runs when it is deleted."""
    return [group for group in log_groups(stack).values() if group.startswith("/aws/lambda/")]


def alerts_name(stack: str) -> str:
    """The name of the function that evaluates alert rules, and of the group of its schedule."""
    return f"{stack}-alerts"


def arn(target: Target, service: str, resource: str) -> str:
    """The ARN of a resource of the stack, by its name: a stack of an earlier release has no output for it."""
    partition = target.session.get_partition_for_region(target.region_name)
    region = "" if service == "iam" else target.region_name
    return f"arn:{partition}:{service}:{region}:{target.account}:{resource}"


def secrets_path(stack: str) -> str:
    """The beginning of the names of the SSM parameters with the addresses of webhooks."""
    return f"/nrti/{stack}/alerts"


def endpoint_name(stack: str, model: str) -> str:
    """The SageMaker endpoint of a model, `<stack>-<model>`.

    Raises:
        UsageError: SageMaker would refuse the name.
    """
    name = f"{stack}-{model}"
    if is_trial(name):
        raise UsageError(
            f"{model!r} is not a valid model name: the names of temporary endpoints end in 17 digits",
            hint="use another ending",
        )
    if not _SAGEMAKER_NAME.fullmatch(model) or len(name) > _SAGEMAKER_LENGTH:
        longest = _SAGEMAKER_LENGTH - len(stack) - 1
        raise UsageError(
            f"{model!r} is not a valid model name",
            hint=f"use letters, digits and inner hyphens, at most {longest} characters",
        )
    return name
