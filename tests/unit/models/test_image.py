"""Which image trains and serves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from types import ModuleType, SimpleNamespace

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.image import SCIKIT_LEARN, image_uri

CLOUD = Target(name="aws", stack="nrti", region="eu-central-1")


def test_the_embedded_aws_has_an_image_of_its_own_account(target: Target) -> None:
    image = "000000000000.dkr.ecr.eu-central-2.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"

    assert image_uri(target) == image


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sagemaker.core", None)

    with pytest.raises(NrtiError, match=r"python\S* -m pip install 'sagemaker-core>=2.27'"):
        image_uri(CLOUD)


def sdk(monkeypatch: pytest.MonkeyPatch, retrieve: Callable[..., str]) -> None:
    core = ModuleType("sagemaker.core")
    core.image_uris = SimpleNamespace(retrieve=retrieve)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sagemaker", ModuleType("sagemaker"))
    monkeypatch.setitem(sys.modules, "sagemaker.core", core)


def test_the_sdk_is_asked_for_the_image_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(framework: str, region: str, *, version: str, instance_type: str) -> str:
        return f"{framework} {version} in {region} for {instance_type}"

    sdk(monkeypatch, retrieve)

    assert image_uri(CLOUD) == "sklearn 1.9-0 in eu-central-1 for ml.m5.large"


def test_the_scikit_learn_in_it_is_the_one_that_nrti_pins() -> None:
    assert version("scikit-learn").startswith(f"{SCIKIT_LEARN}.")


def test_a_region_without_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(*_: str, **__: str) -> str:
        raise ValueError("Unsupported region")

    sdk(monkeypatch, retrieve)

    with pytest.raises(NrtiError, match=r"no scikit-learn 1\.9-0 image in eu-central-1: Unsupported region"):
        image_uri(CLOUD)
