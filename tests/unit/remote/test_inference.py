"""The serving script, handler by handler, as the container calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from nrti_cli.remote.sagemaker import inference

LENGTH = 3
THRESHOLD = 0.25


class SumOfFirst:
    """A stand-in for the estimator: the probability is the first value, as a share of 100."""

    def predict_proba(self, features: Any) -> Any:
        share = features[:, 0] / 100
        return np.column_stack([1 - share, share])


@pytest.fixture
def model(tmp_path: Path) -> inference.Model:
    joblib.dump(SumOfFirst(), tmp_path / "model.joblib")
    (tmp_path / "metadata.json").write_text(json.dumps({"length": LENGTH, "threshold": THRESHOLD}))
    return inference.model_fn(str(tmp_path))


def invoke(
    model: inference.Model, body: str | bytes, content_type: str = "application/json", accept: str = "*/*"
) -> tuple[int, str, str]:
    """Status, type and body, the way the toolkit strings the handlers together."""
    rows = inference.input_fn(body, content_type)
    answer = inference.output_fn(inference.predict_fn(rows, model), accept)
    if isinstance(answer, inference.Refusal):
        return answer.status_code, answer.mimetype, answer.get_data().decode()
    return 200, answer[1], answer[0]


def predictions(model: inference.Model, *rows: Any) -> Any:
    status, _, body = invoke(model, json.dumps({"instances": rows}))
    assert status == 200
    return json.loads(body)["predictions"]


def test_rows_are_answered_in_order(model: inference.Model) -> None:
    assert predictions(model, [10, 1, 1], [80.5, 1, 1], [25, 1, 1]) == [
        {"prediction": 0, "probability": 0.1},
        {"prediction": 1, "probability": 0.805},
        {"prediction": 1, "probability": 0.25},
    ]


def test_bad_rows_do_not_cost_the_others_their_prediction(model: inference.Model) -> None:
    answers = predictions(model, [1, 2], [80, 1, 1], "abc", [1, 2, 3, 4])

    assert answers[0] == {"error": "the model takes sequences of 3 values, this one has 2"}
    assert answers[1] == {"prediction": 1, "probability": 0.8}
    assert answers[2] == {"error": "the sequence is not a list of numbers"}
    assert answers[3] == {"error": "the model takes sequences of 3 values, this one has 4"}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("[1, NaN, 3]", "not finite"),
        ("[1, Infinity, 3]", "not finite"),
        (f"[1, {'9' * 400}, 3]", "not finite"),
        ('[1, "2", 3]', "value 2 of the sequence is not a number"),
        ("[1, 2, true]", "value 3 of the sequence is not a number"),
        ("[1, 2, null]", "value 3 of the sequence is not a number"),
        ("[1, [2], 3]", "value 2 of the sequence is not a number"),
        ("{}", "not a list"),
    ],
)
def test_a_row_that_cannot_be_predicted_says_why(model: inference.Model, row: str, error: str) -> None:
    status, _, body = invoke(model, f'{{"instances": [{row}]}}')

    assert status == 200
    assert error in json.loads(body)["predictions"][0]["error"]


def test_no_rows_are_no_predictions(model: inference.Model) -> None:
    assert predictions(model) == []


def test_huge_values_are_predicted_without_a_warning(
    model: inference.Model, recwarn: pytest.WarningsRecorder
) -> None:
    predictions(model, [1e308, -1e308, 1e308])

    assert not recwarn.list


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "[[1, 2, 3]]", "{}", '{"instances": 1}', "[" * 100_000, b"\xff"]
)
def test_a_malformed_body_is_refused(model: inference.Model, body: str | bytes) -> None:
    status, content_type, answer = invoke(model, body)

    assert (status, content_type) == (400, "application/json")
    assert "cannot be parsed as application/json" in json.loads(answer)["message"]


def test_another_content_type_is_refused(model: inference.Model) -> None:
    status, _, answer = invoke(model, "<x/>", "application/xml")

    assert status == 415
    assert "application/xml" in json.loads(answer)["message"]


def test_csv_in_and_out(model: inference.Model) -> None:
    status, content_type, answer = invoke(model, "10,1,1\n\n80,1,1\n1,x,1\n1,2\n", "text/csv", "text/csv")

    assert (status, content_type) == (200, "text/csv")
    assert answer.splitlines() == [
        "0,0.1",
        "1,0.8",
        ",,value 2 of the sequence is not a number",
        ',,"the model takes sequences of 3 values, this one has 2"',
    ]


def test_csv_without_rows_is_refused(model: inference.Model) -> None:
    assert invoke(model, "\n", "text/csv")[0] == 400


def test_parameters_of_a_content_type_are_ignored(model: inference.Model) -> None:
    assert invoke(model, b'{"instances": [[1, 2, 3]]}', "application/json; charset=utf-8")[0] == 200


def test_a_refusal_is_a_wsgi_application() -> None:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    refusal = inference.Refusal("400 Bad Request", "why")

    body = b"".join(refusal({}, lambda status, headers: started.append((status, headers))))

    assert json.loads(body) == {"message": "why"}
    assert started == [
        ("400 Bad Request", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    ]


@pytest.mark.parametrize("length", [1, 2, 3, 12, 13, 512])
def test_features_of_any_length_are_bounded_and_do_not_depend_on_the_other_rows(length: int) -> None:
    rows = np.random.default_rng(length).normal(size=(4, length))

    together = inference.features(rows)

    assert together.shape[1] <= max(82, 2 * length + 3)
    assert np.isfinite(together).all()
    for index in range(4):
        assert np.array_equal(inference.features(rows[index : index + 1])[0], together[index])


def test_every_pair_of_a_short_sequence_is_compared() -> None:
    assert inference.features(np.array([[1.0, 10.0, 100.0]]))[0, :6].tolist() == [1, 10, 100, 9, 99, 90]


@pytest.fixture
def channels(tmp_path: Path) -> inference.Model:
    """A model of four times two channels that takes missing values."""
    joblib.dump(SumOfFirst(), tmp_path / "model.joblib")
    metadata = {"length": 8, "threshold": THRESHOLD, "channels": 2, "missing": True}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    return inference.model_fn(str(tmp_path))


def test_several_channels_are_taken_as_a_list_for_each_time_or_flat(channels: inference.Model) -> None:
    nested = [[80, 1], [2, 1], [3, 1], [4, 1]]

    assert (
        predictions(channels, nested, [80, 1, 2, 1, 3, 1, 4, 1], nested)
        == [{"prediction": 1, "probability": 0.8}] * 3
    )


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ([[1, 2, 3, 4], [5, 6, 7, 8]], "takes sequences of 4 x 2 values, this one has 2 x 4"),
        ([[1, 2]] * 3, "takes sequences of 4 x 2 values, this one has 3 x 2"),
        ([[1, 2], [1, 2], [1, 2], [1]], "this one has 4 x 1 or 2"),
        ([[1, 2], [1, 2], [1, 2], 3], "this one has 4 x 0 or 2"),
        ([1, 2, 3, 4], "takes sequences of 4 x 2 values, this one has 4"),
        ([[1, 2], [1, "2"], [1, 2], [1, 2]], "value 4 of the sequence is not a number"),
        ([[1, 2], [1, [2]], [1, 2], [1, 2]], "value 4 of the sequence is not a number"),
    ],
)
def test_another_shape_is_refused(channels: inference.Model, row: list[Any], error: str) -> None:
    bad, good = predictions(channels, row, [[1, 2]] * 4)

    assert error in bad["error"]
    assert good["probability"] == 0.01


def test_a_value_may_be_missing_if_the_model_takes_that(channels: inference.Model) -> None:
    good, bad = predictions(channels, [[80, None], [2, 1], [3, 1], [4, 1]], [[1e999, None]] * 4)

    assert good == {"prediction": 1, "probability": 0.8}
    assert "not finite" in bad["error"]


def test_differences_and_summaries_are_within_a_channel() -> None:
    one, other = np.array([[1.0, 2, 4]]), np.array([[10.0, 10, 10]])
    both = np.stack((one, other), axis=2).reshape(1, -1)

    expected = np.concatenate((inference.features(one), inference.features(other)), axis=1)
    assert np.array_equal(inference.features(both, 2), expected)


def test_missing_values_are_left_out_of_the_summary() -> None:
    found = inference.features(np.array([[1.0, np.nan, 4], [np.nan] * 3]))

    assert found[0, -4:].tolist() == [2.5, 1.5, 1, 4]
    assert np.isnan(found[1]).all()
