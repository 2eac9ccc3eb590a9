"""Answers requests by AWS's sagemaker-containers, which serves scripts in AWS's scikit-learn container.

Arguments: the directory that stands for `/opt/ml`, whose `model/code/inference.py` is the script; a file of
requests, a JSON list of {"body": base64, "headers": {}}; and the file for the answers, a JSON list of
{"status": 200, "content_type": "…", "body": base64}.
"""

from __future__ import annotations

import base64
import collections
import collections.abc
import importlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any


def main(root: Path, requests: Path, answers: Path) -> None:
    """Answers one request after the other."""
    os.environ["SAGEMAKER_BASE_DIR"] = str(root)
    os.environ["SAGEMAKER_PROGRAM"] = "inference.py"
    client = _application(root / "model" / "code").test_client()
    answered = []
    for request in json.loads(requests.read_text()):
        body = base64.b64decode(request["body"])
        answer = client.post("/invocations", data=body, headers=request["headers"])
        answered.append(
            {
                "status": answer.status_code,
                "content_type": answer.headers["Content-Type"],
                "body": base64.b64encode(answer.data).decode(),
            }
        )
    answers.write_text(json.dumps(answered))


def _application(code: Path) -> Any:
    """What the container's web server runs."""
    _be_the_python_of_its_time()
    from sagemaker_containers.beta.framework import transformer, worker

    sys.path.insert(0, str(code))
    script = importlib.import_module("inference")
    names = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
    handlers = {name: getattr(script, name) for name in names if hasattr(script, name)}
    transformed = transformer.Transformer(**handlers)
    transformed.initialize()
    return worker.Worker(transform_fn=transformed.transform, module_name="inference")


def _be_the_python_of_its_time() -> None:
    """Puts back what Python has removed since the toolkit's last release."""
    os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
    for name in ("Mapping", "MutableMapping", "Sequence"):
        setattr(collections, name, getattr(collections.abc, name))
    inspect.getargspec = inspect.getfullargspec  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
