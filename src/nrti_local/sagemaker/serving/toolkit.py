"""The serving contract of script mode: an inference script's handlers, and the default handlers."""

from __future__ import annotations

import csv
import importlib
import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, NamedTuple

_JSON, _CSV, _NPY = "application/json", "text/csv", "application/x-npy"
#: Content types that `input_fn` gets as text; it gets others as bytes.
_TEXT_TYPES = frozenset({_JSON, _CSV})
_TEXTUAL = frozenset({"application/xml", "application/javascript", "application/sql"})

_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


class Answer(NamedTuple):
    """A model's response.

    Attributes:
        status: of HTTP.
        content_type: of the body.
        body: of the response.
        attributes: the custom attributes that the script set as a header, or an empty text.
    """

    status: int
    content_type: str
    body: bytes
    attributes: str = ""


@dataclass(frozen=True)
class Script:
    """A loaded inference script with its model.

    Attributes:
        model: what `model_fn` returned.
        transform: returns the result of `output_fn` for a model, content, content type and accepted type.
        accept: the default accepted type.
    """

    model: Any
    transform: Callable[[Any, Any, str, str], Any]
    accept: str

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Script:
        """Imports SAGEMAKER_PROGRAM from SAGEMAKER_SUBMIT_DIRECTORY and loads the model from SM_MODEL_DIR.

        Raises:
            Exception: the script raises it.
        """
        sys.path.insert(0, environment["SAGEMAKER_SUBMIT_DIRECTORY"])
        module = importlib.import_module(PurePath(environment["SAGEMAKER_PROGRAM"]).stem)
        model_fn = getattr(module, "model_fn", _default_model_fn)
        return cls(
            model=model_fn(environment["SM_MODEL_DIR"]),
            transform=_transform(module),
            accept=environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _JSON),
        )

    def answer(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Returns the model's response to a request.

        Raises:
            Exception: the script raises it.
        """
        content_type = content_type or _JSON
        accept = self.accept if accept in ("", "*/*") else accept
        content = body.decode(errors="replace") if content_type in _TEXT_TYPES else body
        return _answer(self.transform(self.model, content, content_type, accept))


def _transform(module: Any) -> Callable[[Any, Any, str, str], Any]:
    own = {name: getattr(module, name, None) for name in ("input_fn", "predict_fn", "output_fn")}
    whole: Callable[[Any, Any, str, str], Any] | None = getattr(module, "transform_fn", None)
    if whole:
        if any(own.values()):
            raise ValueError("transform_fn cannot be used with input_fn, predict_fn or output_fn")
        return whole
    input_fn = own["input_fn"] or _default_input_fn
    predict_fn = own["predict_fn"] or _default_predict_fn
    output_fn = own["output_fn"] or _default_output_fn
    return lambda model, content, content_type, accept: output_fn(
        predict_fn(input_fn(content, content_type), model), accept
    )


def _answer(result: Any) -> Answer:
    """Converts text, bytes, `(body, content type)`, or an object with the attributes of a Response."""
    status, content_type, attributes = 200, "text/html; charset=utf-8", ""
    if hasattr(result, "status_code"):
        status, content_type = int(result.status_code), str(result.mimetype)
        attributes = str(getattr(result, "headers", {}).get(_ATTRIBUTES, ""))
        result = result.get_data() if hasattr(result, "get_data") else result.data
    elif isinstance(result, tuple):
        result, content_type = result[0], _with_charset(result[1])
    if isinstance(result, str):
        result = result.encode()
    if not isinstance(result, bytes | bytearray):
        raise TypeError(f"output_fn returned a {type(result).__name__}, not a response")
    return Answer(status, content_type, bytes(result), attributes)


def _with_charset(mimetype: str) -> str:
    """Returns the content type that the toolkit's web framework sends for a mimetype."""
    text = mimetype.startswith("text/") or mimetype in _TEXTUAL or mimetype.endswith("+xml")
    return f"{mimetype}; charset=utf-8" if text else mimetype


def _default_model_fn(_directory: str) -> Any:
    raise NotImplementedError("the script must define model_fn(model_dir)")


def _default_input_fn(content: str | bytes, content_type: str) -> Any:
    import numpy as np

    if isinstance(content, bytes):
        if content_type != _NPY:
            raise ValueError(f"content type {content_type} is not supported")
        return np.load(io.BytesIO(content), allow_pickle=False)
    rows = list(csv.reader(io.StringIO(content))) if content_type == _CSV else json.loads(content)
    # AWS's container turns one row of CSV into a vector, which most models reject.
    array = np.array(rows).squeeze() if content_type == _CSV else np.array(rows)
    return array.astype(np.float32)


def _default_predict_fn(content: Any, model: Any) -> Any:
    return model.predict(content)


def _default_output_fn(prediction: Any, accept: str) -> tuple[bytes, str]:
    import numpy as np

    array = np.asarray(prediction)
    stream = io.BytesIO()
    if accept == _JSON:
        stream.write(json.dumps(array.tolist()).encode())
    elif accept == _CSV:
        lines = io.StringIO()
        rows = array.reshape(len(array), 1) if array.ndim == 1 else array
        csv.writer(lines, lineterminator="\n").writerows(rows)
        stream.write(lines.getvalue().encode())
    elif accept == _NPY:
        np.save(stream, array)
    else:
        raise ValueError(f"accepted type {accept} is not supported")
    return stream.getvalue(), accept
