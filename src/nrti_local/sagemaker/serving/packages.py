"""The packages of requirements.txt files, installed once for all models with the same requirements."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nrti_local.sagemaker import artifacts

#: Unused installations that are kept: a deleted or failed model is often deployed again.
_KEPT = 3
#: A requirement from a package index, not from the script's directory.
_OF_INDEX = re.compile(r"\s*([A-Za-z0-9][\w.\-]*(\[[^]]*])?\s*([=<>!~;,].*)?)?(#.*)?")


def provide(code: Path, place: Path, installed: Path, variables: Mapping[str, str]) -> None:
    """Installs the packages of a script if necessary, and links to them.

    Args:
        code: the script's directory; without a requirements.txt there is no link.
        place: the path of the link.
        installed: the directory of all installations.
        variables: the model's environment, which may configure pip.

    Raises:
        TransferError: pip fails.
    """
    requirements = code / "requirements.txt"
    if not requirements.is_file():
        return
    installed.mkdir(parents=True, exist_ok=True)
    there = installed / _identity(code, requirements.read_text(errors="replace", encoding="utf-8"))
    if not there.is_dir():
        with tempfile.TemporaryDirectory(dir=installed) as temporary:
            draft = Path(temporary) / "packages"
            draft.mkdir()
            artifacts.install_requirements(code, draft, variables)
            try:
                draft.rename(there)
            except OSError:
                if not there.is_dir():  # else another model has installed them
                    raise
    place.symlink_to(there)


def _identity(code: Path, requirements: str) -> str:
    digest = hashlib.sha256(f"{sys.version}\n{requirements}".encode())
    if not all(_OF_INDEX.fullmatch(line) for line in requirements.splitlines()):
        for path in sorted(code.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(code)).encode() + path.read_bytes())
    return digest.hexdigest()[:24]


def touch(place: Path) -> None:
    """Marks packages as recently used."""
    if place.exists():
        place.resolve().touch()


def prune(installed: Path, places: Iterable[Path]) -> None:
    """Deletes packages without a link, except for the most recently used ones."""
    used = {place.resolve().name for place in places if place.is_symlink()}
    unused = sorted(_unused(installed, used), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in unused[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _unused(installed: Path, used: set[str]) -> Iterator[Path]:
    return (path for path in installed.glob("[0-9a-f]" * 24) if path.name not in used)
