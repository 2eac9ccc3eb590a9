"""Which image trains and serves."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.image import image_uri

CLOUD = Target(name="aws", stack="nrti", region="eu-central-1")


def test_the_embedded_aws_has_an_image_of_its_own_account(target: Target) -> None:
    image = "000000000000.dkr.ecr.eu-central-2.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"

    assert image_uri(target) == image


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sagemaker.core", None)

    with pytest.raises(NrtiError, match=r"pip install 'nrti\[aws\]'"):
        image_uri(CLOUD)


def test_a_region_without_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(*_: str, **__: str) -> str:
        raise ValueError("Unsupported region")

    core = ModuleType("sagemaker.core")
    core.image_uris = SimpleNamespace(retrieve=retrieve)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sagemaker", ModuleType("sagemaker"))
    monkeypatch.setitem(sys.modules, "sagemaker.core", core)

    with pytest.raises(NrtiError, match=r"no scikit-learn 1\.9-0 image in eu-central-1: Unsupported region"):
        image_uri(CLOUD)
