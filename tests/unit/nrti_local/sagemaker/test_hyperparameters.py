from __future__ import annotations

import pytest

from nrti_local.sagemaker.training.hyperparameters import Hyperparameters


def of(**raw: str) -> Hyperparameters:
    return Hyperparameters.of({"HyperParameters": raw})


def test_they_are_json_or_else_text() -> None:
    assert of(a="1", b="x", c='"y"', d="[1]", e="01").script == {
        "a": 1,
        "b": "x",
        "c": "y",
        "d": [1],
        "e": "01",
    }


def test_the_framework_s_own_are_kept_apart() -> None:
    found = of(sagemaker_program="train.py", sagemaker_submit_directory='"s3://b/k"', rate="2")
    assert (found.program, found.submit_directory) == ("train.py", "s3://b/k")
    assert found.script == {"rate": 2}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"b": "1", "alpha": "0.5"}, ["--alpha", "0.5", "-b", "1"]),
        ({"flag": "true"}, ["--flag", "True"]),
        ({"none": "null"}, ["--none", ""]),
        ({"map": '{"y": 2, "x": 1}'}, ["--map", "x=1,y=2"]),
        ({"text": "two words"}, ["--text", "two words"]),
    ],
)
def test_they_become_options_in_the_order_of_their_names(raw: dict[str, str], words: list[str]) -> None:
    assert of(**raw).arguments() == words
