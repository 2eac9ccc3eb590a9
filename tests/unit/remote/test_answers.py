"""The table of docs/models.md, form by form: what an answer is read as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.answer_rows import Unreadable
from nrti_cli.remote.inference_function.answers import (
    Refused,
    Unread,
    Verdict,
    read_answer,
)
from nrti_cli.remote.inference_function.signature import CSV, JSON, JSON_LINES, Signature

NOTHING = Signature()


def tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


#: Name, answer to two rows, and how each is read.
FORMS: list[tuple[str, Any, list[Verdict]]] = [
    (
        "nrti",
        {"predictions": [{"prediction": 0, "probability": 0.1}, {"prediction": 1, "probability": 0.9}]},
        [Verdict(0, 0.1), Verdict(1, 0.9)],
    ),
    (
        "nrti, without a probability",
        {"predictions": [{"prediction": 0}, {"prediction": 1}]},
        [Verdict(0), Verdict(1)],
    ),
    (
        "Linear Learner",
        {"predictions": [{"score": 0.93, "predicted_label": 1}, {"score": 0.4, "predicted_label": 0.0}]},
        [Verdict(1, 0.93), Verdict(0, 0.4)],
    ),
    ("TensorFlow Serving", {"predictions": [0.93, 0.2]}, [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("TensorFlow Serving, a column", {"predictions": [[0.93], [0.2]]}, [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("MLflow, two columns", {"predictions": [[0.07, 0.93], [0.8, 0.2]]}, [Verdict(1, 0.93), Verdict(0, 0.2)]),
    (
        "KServe V2, probabilities",
        {"outputs": [tensor("p", "FP32", [2, 2], [0.07, 0.93, 0.8, 0.2])]},
        [Verdict(1, 0.93), Verdict(0, 0.2)],
    ),
    (
        "KServe V2, label and probabilities",
        {"outputs": [tensor("l", "INT64", [2], [1, 0]), tensor("p", "FP32", [2, 2], [0.1, 0.9, 0.8, 0.2])]},
        [Verdict(1, 0.9), Verdict(0, 0.2)],
    ),
    ("KServe V2, labels", {"outputs": [tensor("l", "INT64", [2, 1], [[1], [0]])]}, [Verdict(1), Verdict(0)]),
    ("scikit-learn's container, labels", [0, 1], [Verdict(0), Verdict(1)]),
    ("scikit-learn's container, probabilities", [0.93, 0.2], [Verdict(1, 0.93), Verdict(0, 0.2)]),
    (
        "scikit-learn's container, predict_proba",
        [[0.07, 0.93], [0.8, 0.2]],
        [Verdict(1, 0.93), Verdict(0, 0.2)],
    ),
    (
        "Hugging Face",
        [{"label": "LABEL_1", "score": 0.98}, {"label": "LABEL_0", "score": 0.75}],
        [Verdict(1, 0.98), Verdict(0, 0.25)],
    ),
    (
        "Hugging Face, all labels",
        [[{"label": "LABEL_0", "score": 0.25}, {"label": "LABEL_1", "score": 0.75}]] * 2,
        [Verdict(1, 0.75)] * 2,
    ),
]
#: The same as texts of other content types.
TEXTS: list[tuple[str, str, bytes, list[Verdict]]] = [
    ("XGBoost, a line each", CSV, b"0.93\n0.2\n", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("XGBoost, by commas", CSV, b"0.93,0.2", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("Autopilot", CSV, b"1,0.93\n0,0.2\n", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("Autopilot, labels in words", CSV, b"true,0.93\nfalse,0.2\n", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("XGBoost, softprob", CSV, b"0.07,0.93\n0.8,0.2\n", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    ("labels", "text/csv; charset=utf-8", b"1\r\n0\r\n", [Verdict(1), Verdict(0)]),
    ("CSV that does not say so", "text/html", b"0.93\n0.2\n", [Verdict(1, 0.93), Verdict(0, 0.2)]),
    (
        "Linear Learner, JSON lines",
        JSON_LINES,
        b'{"score": 0.93, "predicted_label": 1}\n{"score": 0.4, "predicted_label": 0}\n',
        [Verdict(1, 0.93), Verdict(0, 0.4)],
    ),
]


def cases(table: list[Any]) -> list[Any]:
    return [pytest.param(*case, id=name) for name, *case in table]


@pytest.mark.parametrize(("answer", "expected"), cases(FORMS))
def test_an_answer_is_recognised_by_its_form(answer: Any, expected: list[Verdict]) -> None:
    assert read_answer(NOTHING, JSON, json.dumps(answer).encode(), 2) == expected


@pytest.mark.parametrize(("content_type", "body", "expected"), cases(TEXTS))
def test_a_text_is_recognised_by_its_form(content_type: str, body: bytes, expected: list[Verdict]) -> None:
    assert read_answer(NOTHING, content_type, body, 2) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([[0.07, 0.93]], Verdict(1, 0.93)),
        ({"predictions": [[0.07, 0.93]]}, Verdict(1, 0.93)),
        ({"score": 0.93, "predicted_label": 1}, Verdict(1, 0.93)),
        (0.93, Verdict(1, 0.93)),
        ([{"label": "LABEL_1", "score": 0.98}], Verdict(1, 0.98)),
    ],
)
def test_the_answer_to_one_row_may_be_the_row(answer: Any, expected: Verdict) -> None:
    assert read_answer(NOTHING, JSON, json.dumps(answer).encode(), 1) == [expected]


def test_the_answer_to_one_row_may_be_a_label_and_a_probability() -> None:
    assert read_answer(NOTHING, CSV, b"1,0.93", 1) == [Verdict(1, 0.93)]


#: What is declared, the answer to two rows, and how they are read.
DECLARED: list[tuple[str, Signature, Any, list[Verdict]]] = [
    (
        "a score follows the threshold",
        Signature(threshold=1.1),
        {"scores": [{"score": 1.2}, {"score": 0.02}]},
        [Verdict(1, None, 1.2), Verdict(0, None, 0.02)],
    ),
    (
        "IsolationForest",
        Signature(failure_labels=("-1",)),
        [1, -1],
        [Verdict(0, label="1"), Verdict(1, label="-1")],
    ),
    (
        "another threshold than the model's own",
        Signature(threshold=0.3),
        {"predictions": [{"score": 0.4, "predicted_label": 0}, {"score": 0.2, "predicted_label": 0}]},
        [Verdict(1, 0.4), Verdict(0, 0.2)],
    ),
    (
        "several labels",
        Signature(failure_labels=("bearing", "seal"), label_headers=("fine", "bearing", "seal")),
        [[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]],
        [Verdict(1, 0.7, None, "seal"), Verdict(0, 0.8, None, "fine")],
    ),
    (
        "Linear Learner, several labels",
        Signature(failure_labels=("2",)),
        {"predictions": [{"score": [0.1, 0.2, 0.7], "predicted_label": 2}] * 2},
        [Verdict(1, 0.7, None, "2")] * 2,
    ),
    (
        "places in JSON",
        Signature(label="rows[*].class", probability="rows[*].p.fail", failure_labels=("broken",)),
        {"rows": [{"class": "broken", "p": {"fail": 0.9}}, {"class": "fine", "p": {"fail": 0.2}}]},
        [Verdict(1, 0.9, None, "broken"), Verdict(0, 0.2, None, "fine")],
    ),
    (
        "a score's place",
        Signature(score="anomalies", threshold=-2),
        {"anomalies": [-1.5, -2.5]},
        [Verdict(1, None, -1.5), Verdict(0, None, -2.5)],
    ),
]


@pytest.mark.parametrize(("signature", "answer", "expected"), cases(DECLARED))
def test_what_is_declared_is_read_so(signature: Signature, answer: Any, expected: list[Verdict]) -> None:
    assert read_answer(signature, JSON, json.dumps(answer).encode(), 2) == expected


def test_columns_of_csv_and_lines_of_json_are_declared_too() -> None:
    columns = Signature(accept=CSV, label="2", probability="0")
    lines = Signature(accept=JSON_LINES, probability="out.p")

    assert read_answer(columns, CSV, b"0.9,x,1\n0.2,y,0\n", 2) == [Verdict(1, 0.9), Verdict(0, 0.2)]
    assert read_answer(lines, JSON_LINES, b'{"out": {"p": 0.9}}\n{"out": {"p": 0.2}}\n', 2) == [
        Verdict(1, 0.9),
        Verdict(0, 0.2),
    ]


@pytest.mark.parametrize(
    ("signature", "row", "why"),
    [
        (NOTHING, {"prediction": 1, "probability": 1.06}, "1.06 is not a probability"),
        (NOTHING, {"prediction": 7, "probability": 0.5}, "publish the model with --failure-labels"),
        (NOTHING, {"prediction": None, "probability": 0.5}, "neither prediction"),
        (NOTHING, {"score": 1.2}, "publish the model with --threshold"),
        (NOTHING, -1, "publish the model with --failure-labels"),
        (NOTHING, 3.5, "publish the model with --threshold"),
        (NOTHING, float("nan"), "publish the model with --threshold|nan is no"),
        (NOTHING, "x" * 500, "1 to 64 characters"),
        (NOTHING, {"something": "else"}, "neither prediction"),
        (NOTHING, None, "no prediction"),
        (NOTHING, ["ok", 0.9], "a form that docs/models.md lists, and got"),
        (Signature(threshold=1), {"score": float("inf")}, "inf is not a finite number"),
    ],
)
def test_a_row_that_cannot_be_read_costs_itself_only(signature: Signature, row: Any, why: str) -> None:
    good = {"prediction": 1, "probability": 0.9}

    first, second = read_answer(signature, JSON, json.dumps([good, row]).encode(), 2)

    assert isinstance(first, Verdict)
    assert isinstance(second, Unread)
    assert any(each in second.reason for each in why.split("|")), second.reason
    assert len(second.reason) < 450


def test_a_label_in_words_is_never_left_out_of_csv() -> None:
    undeclared = read_answer(NOTHING, CSV, b"ok,0.9\nworn,0.8\n", 2)
    declared = read_answer(Signature(failure_labels=("worn",)), CSV, b"ok,0.9\nworn,0.8\n", 2)

    assert all(isinstance(row, Unread) and "--failure-labels" in row.reason for row in undeclared)
    assert declared == [Verdict(0, 0.9, None, "ok"), Verdict(1, 0.8, None, "worn")]


def test_failure_labels_say_that_the_probability_of_csv_is_that_of_the_label() -> None:
    declared = Signature(failure_labels=("1",))

    assert read_answer(declared, CSV, b"1,0.93\n0,0.98\n", 2) == [
        Verdict(1, 0.93, None, "1"),
        Verdict(0, 0.98, None, "0"),
    ]


def test_a_refusal_of_the_model_is_passed_on_in_its_words() -> None:
    rows = read_answer(NOTHING, JSON, b'{"predictions": [{"error": "too short"}, {"prediction": 0}]}', 2)
    lines = read_answer(NOTHING, CSV, b",,too short\n0,0.2\n", 2)

    assert rows == [Refused("too short"), Verdict(0)]
    assert lines == [Refused("too short"), Verdict(0, 0.2)]


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"predictions": [0.5]}', b"\xff\xfe", b"0.1\n0.2\n0.3"]
)
@pytest.mark.parametrize("signature", [NOTHING, Signature(probability="predictions[*].p")])
def test_an_answer_without_an_entry_for_each_row_says_what_came(signature: Signature, body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"expected .* for each row") as caught:
        read_answer(signature, JSON, body, 2)

    assert body.decode(errors="replace") in str(caught.value)
