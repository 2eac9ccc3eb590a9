from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nrti_local.sagemaker.serving.toolkit import Answer, Script

_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_NPY = "application/x-npy"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("inference_under_test", None)


def load(directory: Path, source: str, **environment: str) -> Script:
    (directory / "inference_under_test.py").write_text(source)
    return Script.load(
        {
            "SAGEMAKER_PROGRAM": "inference_under_test.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": str(directory),
            "SM_MODEL_DIR": str(directory),
            **environment,
        }
    )


_MODEL = "class M:\n    def predict(self, rows): return rows * 2\ndef model_fn(d): return M()\n"


def test_defaults_decode_and_encode(directory: Path) -> None:
    script = load(directory, _MODEL)
    assert script.answer(b"[[1, 2]]", "", "*/*") == Answer(200, "application/json", b"[[2.0, 4.0]]")
    assert script.answer(b"1,2\n3,4", "text/csv", "text/csv") == Answer(
        200,
        "text/csv; charset=utf-8",
        b"2.0,4.0\n6.0,8.0\n",
    )


def test_one_row_of_csv_is_a_list_of_numbers_as_in_the_container(directory: Path) -> None:
    script = load(directory, _MODEL)
    assert script.answer(b"1,2\n", "text/csv", "application/json")[2] == b"[2.0, 4.0]"
    assert script.answer(b"1\n2\n", "text/csv", "text/csv")[2] == b"2.0\n4.0\n"


def test_csv_of_other_things_than_numbers_raises(directory: Path) -> None:
    with pytest.raises(ValueError, match="could not convert string to float"):
        load(directory, _MODEL).answer(b"1,x\n", "text/csv", "")


def test_arrays_travel_as_npy(directory: Path) -> None:
    import io

    stream = io.BytesIO()
    np.save(stream, np.array([1, 2]))
    body = load(directory, _MODEL).answer(stream.getvalue(), _NPY, _NPY).body
    assert np.load(io.BytesIO(body)).tolist() == [2, 4]


@pytest.mark.parametrize(("content_type", "accept"), [("image/png", ""), ("application/json", "image/png")])
def test_other_types_raise(directory: Path, content_type: str, accept: str) -> None:
    with pytest.raises(ValueError, match="image/png is not supported"):
        load(directory, _MODEL).answer(b"[1]", content_type, accept)


def test_content_types_are_compared_as_they_are(directory: Path) -> None:
    with pytest.raises(ValueError, match="charset"):
        load(directory, _MODEL).answer(b"[1]", "application/json; charset=utf-8", "")


def test_the_accepted_type_may_have_another_default(directory: Path) -> None:
    script = load(directory, _MODEL, SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="text/csv")
    assert script.answer(b"[1]", "application/json", "")[1] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("returned", "answer"),
    [
        ("'text'", Answer(200, "text/html; charset=utf-8", b"text")),
        ("(b'x', 'a/b')", Answer(200, "a/b", b"x")),
        (
            "type('R', (), dict(status_code=404, mimetype='a/b', get_data=lambda self: b'no'))()",
            Answer(404, "a/b", b"no"),
        ),
        (
            (
                "type('R', (), dict(status_code=200, mimetype='a/b', data=b'x', headers="
                f"{{{_ATTRIBUTES!r}: 'trace=1'}}))()"
            ),
            Answer(200, "a/b", b"x", "trace=1"),
        ),
    ],
)
def test_what_output_fn_may_return(directory: Path, returned: str, answer: Answer) -> None:
    source = f"def model_fn(d): return None\ndef transform_fn(m, b, c, a): return {returned}\n"
    assert load(directory, source).answer(b"", "", "") == answer


def test_other_returns_raise(directory: Path) -> None:
    source = "def model_fn(d): return None\ndef transform_fn(m, b, c, a): return {}\n"
    with pytest.raises(TypeError, match="dict"):
        load(directory, source).answer(b"", "", "")


def test_a_script_needs_model_fn(directory: Path) -> None:
    with pytest.raises(NotImplementedError, match="model_fn"):
        load(directory, "")


def test_transform_fn_stands_alone(directory: Path) -> None:
    source = _MODEL + "def transform_fn(m, b, c, a): return b\ndef input_fn(b, c): return b\n"
    with pytest.raises(ValueError, match="transform_fn"):
        load(directory, source)
