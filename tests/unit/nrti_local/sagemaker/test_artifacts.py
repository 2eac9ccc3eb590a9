from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from nrti_local.sagemaker.artifacts import TransferError, extract


def _archive(directory: Path, name: str, **attributes: object) -> Path:
    """A `.tar.gz` with one member, whose attributes are changed."""
    path = directory / "made.tar.gz"
    member = tarfile.TarInfo(name)
    member.size = 4
    for attribute, value in attributes.items():
        setattr(member, attribute, value)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(b"text") if member.isreg() else None)
    return path


def test_files_and_links_within_are_extracted(tmp_path: Path) -> None:
    place = tmp_path / "place"
    extract(_archive(tmp_path, "code/train.py"), place)
    extract(_archive(tmp_path, "link", type=tarfile.SYMTYPE, linkname="code/train.py", size=0), place)

    assert (place / "link").read_text() == "text"


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("../out.py", {}),
        ("link", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd", "size": 0}),
        ("link", {"type": tarfile.SYMTYPE, "linkname": "../../out", "size": 0}),
        ("link", {"type": tarfile.LNKTYPE, "linkname": "../out", "size": 0}),
        ("pipe", {"type": tarfile.FIFOTYPE, "size": 0}),
    ],
)
def test_what_leads_out_or_is_no_file_is_refused(
    tmp_path: Path, name: str, attributes: dict[str, object]
) -> None:
    with pytest.raises(TransferError, match="cannot be extracted: "):
        extract(_archive(tmp_path, name, **attributes), tmp_path / "place")

    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("size", [0, 30, 60])
def test_half_an_archive_is_refused(tmp_path: Path, size: int) -> None:
    path = _archive(tmp_path, "code/train.py")
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(TransferError, match="cannot be extracted: "):
        extract(path, tmp_path / "place")
