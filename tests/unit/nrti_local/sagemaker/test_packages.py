"""Packages that several models share."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from nrti_local.sagemaker.artifacts import TransferError
from nrti_local.sagemaker.serving.packages import provide, prune, touch

NO_INDEX = {"PIP_NO_INDEX": "1"}


def wheel(word: str) -> bytes:
    """The smallest wheel that pip installs: one module."""
    stream = io.BytesIO()
    about = "tiny-1.0.dist-info"
    files = {
        "tiny.py": f"WORD = {word!r}",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # without the time of writing
    return stream.getvalue()


def code_of(directory: Path, name: str, word: str) -> Path:
    code = directory / name
    code.mkdir()
    (code / "tiny-1.0-py3-none-any.whl").write_bytes(wheel(word))
    (code / "requirements.txt").write_text("./tiny-1.0-py3-none-any.whl\n")
    return code


def test_models_with_the_same_requirements_share_them(tmp_path: Path) -> None:
    installed, links = tmp_path / "packages", [tmp_path / name for name in "abc"]
    for link, word in zip(links, ("one", "one", "two"), strict=True):
        provide(code_of(tmp_path, f"code-{link.name}", word), link, installed, NO_INDEX)

    first, again, other = (link.resolve() for link in links)
    assert first == again != other
    assert "one" in (first / "tiny.py").read_text()


def test_a_script_without_requirements_has_none(tmp_path: Path) -> None:
    provide(tmp_path, tmp_path / "link", tmp_path / "packages", {})

    assert not (tmp_path / "link").is_symlink()


def test_a_requirement_that_cannot_be_had_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("there-is-no-such-package-as-this==1.0\n")

    with pytest.raises(TransferError, match="No matching distribution found for there-is-no-such-package"):
        provide(tmp_path, tmp_path / "link", tmp_path / "packages", NO_INDEX)

    assert not list((tmp_path / "packages").iterdir())


def test_those_that_were_used_last_stay(tmp_path: Path) -> None:
    places = [tmp_path / f"{number:024x}" for number in range(6)]
    for age, place in enumerate(places):
        place.mkdir()
        os.utime(place, (age, age))
    (tmp_path / "link").symlink_to(places[0])
    touch(tmp_path / "link")

    prune(tmp_path, [tmp_path / "link", tmp_path / "absent"])

    assert [place.is_dir() for place in places] == [True, False, False, True, True, True]
