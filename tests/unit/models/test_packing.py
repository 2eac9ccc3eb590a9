"""Artifacts that nrti packs."""

from __future__ import annotations

import gzip
import io

import pytest

from nrti_cli.assets import REMOTE
from nrti_cli.errors import NrtiError
from nrti_cli.models.artifact import files, metadata
from nrti_cli.models.packing import Added, packed, repacked, tarball

SERVING = (REMOTE / "sagemaker" / "serve_model.py").read_bytes()


def unpacked(archive: bytes) -> dict[str, bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as plain:
        return {name: content.read() for name, content in files(plain)}


def repack(members: dict[str, bytes], added: Added) -> dict[str, bytes]:
    archive = tarball(members)
    return unpacked(repacked(archive, metadata(io.BytesIO(archive), "m", to_the_end=True), added, "m"))


@pytest.mark.parametrize(
    ("name", "kept", "needs"),
    [
        ("pump.onnx", "model.onnx", b"onnxruntime=="),
        ("dir/pump.JSON", "model.json", b"xgboost-cpu=="),
        ("pump.ubj", "model.ubj", b"xgboost-cpu=="),
        ("pump.skops", "model.skops", b"skops=="),
    ],
)
def test_a_model_gets_a_script_and_what_it_needs(name: str, kept: str, needs: bytes) -> None:
    found = unpacked(packed(name, b"x", Added()))

    assert (found[kept], found["code/inference.py"]) == (b"x", SERVING)
    assert found["code/requirements.txt"].startswith(needs)


def test_scikit_learn_is_in_the_container() -> None:
    assert unpacked(packed("m.joblib", b"x", Added())).keys() == {"model.joblib", "code/inference.py"}


def test_the_same_model_gives_the_same_artifact() -> None:
    assert packed("m.joblib", b"x", Added()) == packed("m.joblib", b"x", Added())


def test_requirements_and_trusted_types_are_added() -> None:
    found = unpacked(packed("m.skops", b"x", Added(requirements=b"pandas\n", trusted=("a.B",))))

    assert found["code/requirements.txt"].split() == [b"skops==0.16.0", b"pandas"]
    assert found["trusted.json"] == b'["a.B"]'


def test_another_file_is_refused() -> None:
    with pytest.raises(NrtiError, match=r"m\.pkl is not of a supported format: \.onnx, "):
        packed("m.pkl", b"x", Added())


def test_a_script_of_the_users_takes_the_place_of_the_artifacts() -> None:
    found = repack({"w.bin": b"w", "code/inference.py": b"old"}, Added(script=b"new", requirements=b"tiny\n"))

    assert found == {"w.bin": b"w", "code/inference.py": b"new", "code/requirements.txt": b"tiny\n"}


def test_requirements_alone_leave_the_script() -> None:
    found = repack({"w.bin": b"w", "code/inference.py": b"old"}, Added(requirements=b"tiny\n"))

    assert found == {"w.bin": b"w", "code/inference.py": b"old", "code/requirements.txt": b"tiny\n"}


def test_an_artifact_of_one_model_gets_a_script() -> None:
    found = repack({"xgb.ubj": b"x", "metadata.json": b"{}"}, Added())

    assert (found["xgb.ubj"], found["code/inference.py"]) == (b"x", SERVING)


@pytest.mark.parametrize(
    "members", [{"w.bin": b"w"}, {"a.onnx": b"a", "b.onnx": b"b"}, {"code/x.onnx": b"x"}]
)
def test_an_artifact_that_cannot_be_served_is_refused(members: dict[str, bytes]) -> None:
    with pytest.raises(
        NrtiError, match=r"m has neither code/inference\.py nor a single model of a supported"
    ):
        repack(members, Added())
