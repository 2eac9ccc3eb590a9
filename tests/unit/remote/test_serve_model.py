"""The script that serves models of other makes: scikit-learn's here, the others where their packages are."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression

from nrti_cli.assets import REMOTE

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
JSON = "application/json"


@pytest.fixture(scope="module")
def serving() -> ModuleType:
    """The script as the container imports it."""
    spec = importlib.util.spec_from_file_location("serve_model", REMOTE / "sagemaker" / "serve_model.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["serve_model"] = module  # where its dataclasses look for their types
    spec.loader.exec_module(module)
    return module


def asked(serving: ModuleType, directory: Path, estimator: Any, rows: list[Any]) -> list[dict[str, Any]]:
    joblib.dump(estimator, directory / "model.joblib")
    model = serving.model_fn(str(directory))
    taken = serving.input_fn(json.dumps({"instances": rows}), JSON)
    body, content_type = serving.output_fn(serving.predict_fn(taken, model), JSON)
    assert content_type == JSON
    return list(json.loads(body)["predictions"])


def test_two_classes_have_the_probability_of_a_failure(serving: ModuleType, tmp_path: Path) -> None:
    estimator = LogisticRegression().fit(X, X[:, 0] > 0)

    failing, normal = asked(serving, tmp_path, estimator, [[3, 0], [-3, 0]])

    assert (failing["prediction"], normal["prediction"]) == (1, 0)
    assert failing["probability"] == pytest.approx(estimator.predict_proba([[3, 0]])[0, 1])


def test_several_classes_have_a_label_and_its_probability(serving: ModuleType, tmp_path: Path) -> None:
    labels = np.where(X[:, 0] > 0.5, "worn", np.where(X[:, 0] < -0.5, "cold", "ok"))

    (answer,) = asked(serving, tmp_path, LogisticRegression().fit(X, labels), [[3, 0]])

    assert answer["prediction"] == "worn"
    assert 0.5 < answer["probability"] <= 1


def test_an_outlier_is_a_failure_and_has_a_score(serving: ModuleType, tmp_path: Path) -> None:
    outlier, inlier = asked(serving, tmp_path, IsolationForest(random_state=0).fit(X), [[9, 9], [0, 0]])

    assert (outlier["prediction"], inlier["prediction"]) == (1, 0)
    assert outlier["score"] > inlier["score"]


def test_a_regression_has_a_score_alone(serving: ModuleType, tmp_path: Path) -> None:
    (answer,) = asked(serving, tmp_path, LinearRegression().fit(X, X[:, 0] * 9), [[2, 0]])

    assert answer == {"score": pytest.approx(18)}


def test_a_bad_row_costs_itself_only(serving: ModuleType, tmp_path: Path) -> None:
    estimator = LogisticRegression().fit(X, X[:, 0] > 0)

    short, text, good, channels = asked(serving, tmp_path, estimator, [[1], ["a", 1], [3, 0], [[3], [0]]])

    assert short == {"error": "the model takes sequences of 2 values, this one has 1"}
    assert text == {"error": "the sequence is not a list of numbers"}
    assert good == channels


def test_csv_both_ways(serving: ModuleType, tmp_path: Path) -> None:
    joblib.dump(LinearRegression().fit(X, X[:, 0]), tmp_path / "pump.joblib")
    model = serving.model_fn(str(tmp_path))

    body, content_type = serving.output_fn(
        serving.predict_fn(serving.input_fn("1\n", "text/csv"), model), "text/csv"
    )

    assert (body, content_type) == (",,the model takes sequences of 2 values, this one has 1\n", "text/csv")


def test_a_model_of_another_minor_version_of_scikit_learn_is_refused(
    serving: ModuleType, tmp_path: Path
) -> None:
    joblib.dump(Stale("0.1"), tmp_path / "model.joblib")

    with pytest.raises(
        ValueError, match=r"^the model was made with scikit-learn 0\.1, .*scikit-learn==0\.1$"
    ):
        serving.model_fn(str(tmp_path))


def test_a_model_of_another_patch_release_is_served(serving: ModuleType, tmp_path: Path) -> None:
    release = sklearn.__version__.rpartition(".")[0]

    (answer,) = asked(serving, tmp_path, Stale(f"{release}.99"), [[3, 0]])

    assert answer["prediction"] == 1


class Stale:
    """Pickled as an estimator of another version."""

    def __init__(self, version: str) -> None:
        estimator = LogisticRegression().fit(X, X[:, 0] > 0)
        self._state = estimator.__getstate__() | {"_sklearn_version": version}

    def __reduce__(self) -> Any:
        return LogisticRegression, (), self._state
