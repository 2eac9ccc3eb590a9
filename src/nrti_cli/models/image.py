"""The container image that trains and serves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: As the extra `aws` has it; by itself it is installed the same way however nrti was.
_SDK = "'sagemaker-core>=2.27'"
VERSION = "1.9-0"
#: The scikit-learn in it, major and minor version.
SCIKIT_LEARN = VERSION.partition("-")[0]


def image_uri(target: Target) -> str:
    """The URI of AWS's scikit-learn image in the target's region.

    Raises:
        NrtiError: the SageMaker SDK, which knows every region's registry, is not installed or knows none.
    """
    if target.name == "local":
        registry = f"{target.account}.dkr.ecr.{target.region_name}.amazonaws.com"
        return f"{registry}/sagemaker-scikit-learn:{VERSION}-cpu-py3"
    try:
        from sagemaker.core import image_uris
    except ImportError as error:
        raise NrtiError(
            "the SageMaker SDK is not installed, which knows where AWS keeps its images",
            hint=f"run {sys.executable} -m pip install {_SDK}",
        ) from error
    try:
        return str(
            image_uris.retrieve("sklearn", target.region_name, version=VERSION, instance_type="ml.m5.large")
        )
    except ValueError as error:
        raise NrtiError(
            f"AWS has no scikit-learn {VERSION} image in {target.region_name}: {error}"
        ) from error
