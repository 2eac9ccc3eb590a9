"""What is accepted as an artifact."""

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.artifact import Metadata
from nrti_cli.models.artifact import metadata as read
from nrti_cli.models.handlers import Handlers

METADATA = {
    "length": 3,
    "threshold": 0.5,
    "metrics": {"f1": 0.99},
    "versions": {"scikit-learn": "1.9.0", "nrti": "0.1.0"},
}


def archive(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            tar.addfile(item, io.BytesIO(content))
    return buffer.getvalue()


def metadata(content: bytes, origin: str) -> Metadata:
    return read(io.BytesIO(content), origin, to_the_end=True)


def members(**replaced: bytes) -> dict[str, bytes]:
    return {
        "model.joblib": b"x",
        "metadata.json": json.dumps(METADATA).encode(),
        "code/inference.py": b"",
        **replaced,
    }


def test_an_artifact_has_its_length_and_metrics() -> None:
    found = metadata(archive(members()), "m.tar.gz")

    assert found.length == 3
    assert found.metrics == {"f1": 0.99}
    assert found.versions["nrti"] == "0.1.0"


def described(**changes: object) -> bytes:
    return archive(members(**{"metadata.json": json.dumps(METADATA | changes).encode()}))


@pytest.mark.parametrize(
    ("versions", "trained"),
    [
        ({"scikit-learn": "1.8.2", "nrti": "0.0.9"}, r"scikit-learn 1\.8\.2 \(nrti 0\.0\.9\)"),
        ({"scikit-learn": "1.10.0", "nrti": "2.0"}, r"scikit-learn 1\.10\.0 \(nrti 2\.0\)"),
        ({}, r"an unknown version of scikit-learn \(nrti unknown\)"),
    ],
)
def test_a_model_of_another_scikit_learn_is_refused(versions: dict[str, str], trained: str) -> None:
    message = rf"^m was trained with {trained}, but endpoints .* accepts only models of 1\.9: train it again"

    with pytest.raises(NrtiError, match=message):
        metadata(described(versions=versions), "m")


def test_a_patch_release_is_compatible() -> None:
    assert metadata(described(versions={"scikit-learn": "1.9.3"}), "m").length == 3


def test_no_more_is_read_than_it_takes() -> None:
    large = os.urandom(4_000_000)
    first = {key: content for key, content in members().items() if key != "model.joblib"}
    stream = io.BytesIO(archive({**first, "model.joblib": large}))

    assert read(stream, "m", to_the_end=False).length == 3
    assert stream.tell() < 1_000_000


@pytest.mark.parametrize("kept", [True, False])
def test_the_reference_is_read_wherever_it_is(kept: bool) -> None:
    about = json.dumps(METADATA | {"reference": "reference.json"}).encode()
    last = {"reference.json": b'{"format": 1}'} if kept else {}
    stream = io.BytesIO(archive({**members(**{"metadata.json": about}), **last}))

    assert read(stream, "m", to_the_end=False).reference == ({"format": 1} if kept else {})


def test_names_may_begin_with_the_current_directory() -> None:
    prefixed = {f"./{name}": content for name, content in members().items()}

    assert metadata(archive(prefixed), "m.tar.gz").length == 3


def test_an_artifact_of_ones_own_needs_neither_metadata_nor_a_model_of_a_known_name() -> None:
    script = b"import json\n\ndef model_fn(d):\n    return None\n\ndef input_fn(b, c):\n    return b\n"
    found = metadata(archive({"weights.bin": b"x", "code/inference.py": script}), "m.tar.gz")

    assert (found.length, found.metrics, found.signature) == (None, {}, {})
    assert found.handlers == Handlers(frozenset({"model_fn", "input_fn"}))


def test_an_artifact_without_a_script_is_recognised() -> None:
    assert metadata(archive({"model.onnx": b"x"}), "m.tar.gz").handlers is None


def test_a_signature_of_the_artifact_counts_wherever_it_is() -> None:
    declared = {"metadata.json": b'{"signature": {"threshold": 0.4}}', "signature.json": b'{"score": "s"}'}

    assert metadata(archive(declared), "m").signature == {"threshold": 0.4, "score": "s"}


def test_a_script_that_is_no_python_is_refused() -> None:
    with pytest.raises(NrtiError, match=r"m: code/inference\.py is not valid Python: .*: correct the script"):
        metadata(archive({"code/inference.py": b"def f(:"}), "m")


@pytest.mark.parametrize(
    ("script", "bare"),
    [
        (b"def model_fn(d): ...", True),
        (b"def input_fn(b, c): ...", False),
        (b"def transform_fn(m, b, c, a): ...", False),
        (b"from handlers import input_fn", False),
        (b"from handlers import *", False),
        (b"input_fn = lambda b, c: b", False),
    ],
)
def test_what_a_script_leaves_to_the_container(script: bytes, bare: bool) -> None:
    assert Handlers.of(script, "inference.py").take_a_bare_list is bare


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", archive(members(), "w"), archive(members())[:100], archive(members())[:-20]],
    ids=["empty", "nonsense", "not compressed", "cut early", "cut late"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(NrtiError, match=r"m\.tar\.gz"):
        metadata(content, "m.tar.gz")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"length": "x", "metrics": {}}', b'{"metrics": 7}'])
def test_metadata_that_cannot_be_used_are_refused(content: bytes) -> None:
    with pytest.raises(NrtiError, match=r"its metadata\.json (is not a JSON object|is not valid)"):
        metadata(archive(members(**{"metadata.json": content})), "m.tar.gz")
