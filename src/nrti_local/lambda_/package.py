"""A function's code and layers, unpacked into a directory that its worker processes share."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from pathlib import Path

from nrti_local.lambda_.functions import Function, layers, read_layer

#: How the names of the directories begin.
PREFIX = "lambda-"


class Package:
    """The directory; unpacked when it is made, which takes a while.

    Args:
        function: has the code.
    """

    def __init__(self, function: Function) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{function.name.name}-"))
        _unpack(function.read_code(), self.code)
        # A layer hides the files of those before it, as in /opt.
        for arn in layers(function.configuration):
            _unpack(read_layer(arn), self.layers)

    @property
    def code(self) -> Path:
        """What is /var/task on AWS."""
        return self.directory / "task"

    @property
    def layers(self) -> Path:
        """What is /opt on AWS; there are none if it does not exist."""
        return self.directory / "opt"

    def remove(self) -> None:
        """Deletes the directory."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _unpack(content: bytes, to: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        to.mkdir(exist_ok=True)
        for member in archive.infolist():
            path = Path(archive.extract(member, to))
            mode = member.external_attr >> 16 & 0o777
            if mode and path.is_file():
                path.chmod(mode | 0o600)
