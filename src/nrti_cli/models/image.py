"""The container images for training and serving."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: The extra `aws` as a package, which can be installed however nrti was installed.
_SDK = "'sagemaker-core>=2.27'"
VERSION = "1.9-0"
#: The major and minor version of scikit-learn in the image.
SCIKIT_LEARN = VERSION.partition("-")[0]
DEFAULT = f"sklearn:{VERSION}"
#: The frameworks of AWS's images by the SDK's names, and the ends of their tags.
_REPOSITORIES = {"sklearn": ("sagemaker-scikit-learn", "-cpu-py3"), "xgboost": ("sagemaker-xgboost", "")}
_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/.+")


def image_uri(target: Target, name: str = DEFAULT) -> str:
    """The URI of an image in the target's region.

    Args:
        target: the AWS.
        name: of one of AWS's images, such as `xgboost:3.2-0`, or the URI of an image in ECR.

    Raises:
        UsageError: the name is neither.
        NrtiError: the SageMaker SDK, which knows the registries of all regions, is not installed or has no
            such image.
    """
    if _ECR.fullmatch(name):
        return name
    framework, _, version = name.partition(":")
    if framework not in _REPOSITORIES or not version:
        raise UsageError(
            f"{name!r} is not an image",
            hint=f"use one of AWS's, such as xgboost:3.2-0 or {DEFAULT}, or the URI of your own in ECR",
        )
    if target.name == "local":
        repository, suffix = _REPOSITORIES[framework]
        registry = f"{target.account}.dkr.ecr.{target.region_name}.amazonaws.com"
        return f"{registry}/{repository}:{version}{suffix}"
    return _registered(target, framework, version)


def _registered(target: Target, framework: str, version: str) -> str:
    try:
        from sagemaker.core import image_uris
    except ImportError as error:
        raise NrtiError(
            "the SageMaker SDK, which knows the URIs of AWS's images, is not installed",
            hint=f"run {sys.executable} -m pip install {_SDK}",
        ) from error
    try:
        return str(
            image_uris.retrieve(framework, target.region_name, version=version, instance_type="ml.m5.large")
        )
    except ValueError as error:
        called = "scikit-learn" if framework == "sklearn" else framework
        raise NrtiError(
            f"AWS has no {called} {version} image in {target.region_name}: {error}",
            hint="use another --region",
        ) from error
