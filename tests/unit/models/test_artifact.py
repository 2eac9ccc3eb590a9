"""What is accepted as an artifact."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.artifact import metadata

METADATA = {"length": 3, "threshold": 0.5, "metrics": {"f1": 0.99}, "versions": {}}


def archive(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            tar.addfile(item, io.BytesIO(content))
    return buffer.getvalue()


def members(**replaced: bytes) -> dict[str, bytes]:
    return {
        "model.joblib": b"x",
        "metadata.json": json.dumps(METADATA).encode(),
        "code/inference.py": b"",
        **replaced,
    }


def test_an_artifact_tells_its_length_and_metrics() -> None:
    found = metadata(archive(members()), "m.tar.gz")

    assert found.length == 3
    assert found.metrics == {"f1": 0.99}


def test_names_may_begin_with_the_current_directory() -> None:
    prefixed = {f"./{name}": content for name, content in members().items()}

    assert metadata(archive(prefixed), "m.tar.gz").length == 3


@pytest.mark.parametrize("name", ["model.joblib", "metadata.json", "code/inference.py"])
def test_a_missing_member_is_named(name: str) -> None:
    incomplete = {key: content for key, content in members().items() if key != name}

    with pytest.raises(NrtiError, match=f"m.tar.gz does not hold {name}"):
        metadata(archive(incomplete), "m.tar.gz")


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", archive(members(), "w"), archive(members())[:100], archive(members())[:-20]],
    ids=["empty", "nonsense", "not compressed", "cut early", "cut late"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(NrtiError, match=r"m\.tar\.gz"):
        metadata(content, "m.tar.gz")


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"length": "x", "metrics": {}}'])
def test_metadata_of_another_kind_are_refused(content: bytes) -> None:
    with pytest.raises(NrtiError, match=r"metadata\.json is not nrti's"):
        metadata(archive(members(**{"metadata.json": content})), "m.tar.gz")
