"""Evaluates the model in service on the same rows as the new one."""

from __future__ import annotations

import importlib.util
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from metrics import Scored

if TYPE_CHECKING:
    from channel import Data

_MEMBERS = ("metadata.json", "model.joblib", "code/inference.py")
_OPTIONAL = ("scorer.json", "trees.json")


def judged(channel: Path, test: Data) -> Scored:
    """Scores the test rows with an artifact of nrti.

    Args:
        channel: a directory with its model.tar.gz.
        test: the rows.

    Raises:
        ValueError: it is not an artifact of nrti, or takes other sequences; the message says which.
    """
    with TemporaryDirectory() as base:
        directory = Path(base)
        _unpack(channel / "model.tar.gz", directory)
        model = _script(directory / "code" / "inference.py").model_fn(base)
        if model.length != test.rows.shape[1]:
            raise ValueError(f"it takes sequences of {model.length} values")
        answers = model.predict(test.rows.tolist())
    scores = np.array([answer["probability"] for answer in answers])
    predicted = np.array([answer["prediction"] for answer in answers])
    return Scored(test.labels, scores, predicted)


def _unpack(archive: Path, directory: Path) -> None:
    """Extracts only the files that serving needs."""
    (directory / "code").mkdir()
    with tarfile.open(archive) as packed:
        members = {member.name.removeprefix("./"): member for member in packed}
        if missing := [name for name in _MEMBERS if name not in members]:
            raise ValueError(f"its artifact does not contain {missing[0]}")
        for name in {*_MEMBERS, *_OPTIONAL} & set(members):
            content = packed.extractfile(members[name])
            (directory / name).write_bytes(content.read() if content else b"")


def _script(path: Path) -> Any:
    """The artifact's own serving script, which may be of another version."""
    spec = importlib.util.spec_from_file_location("incumbent_inference", path)
    if spec is None or spec.loader is None:
        raise ValueError("its script cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
