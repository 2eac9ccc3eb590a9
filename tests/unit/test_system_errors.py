"""What the operating system refuses, in one line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from nrti_cli.errors import ExitStatus
from nrti_cli.system_errors import explain


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/rows.csv"),
            "/data/rows.csv: No space left on device: free some disk space",
        ),
        (
            PermissionError(errno.EACCES, os.strerror(errno.EACCES), b"/data/rows.csv"),
            "/data/rows.csv: Permission denied: check its owner and permissions",
        ),
        (
            OSError(errno.EROFS, os.strerror(errno.EROFS), "/data"),
            "/data: Read-only file system: use a writable place",
        ),
        (IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), "/data"), "/data: Is a directory"),
        (
            OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
            "the system refuses: Too many open files: raise the limit with ulimit -n",
        ),
    ],
    ids=str,
)
def test_a_refusal_names_the_file_and_what_to_do(error: OSError, line: str) -> None:
    assert str(explain(error)) == line


def test_a_refusal_in_the_home_directory_says_how_to_choose_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "local" / "lock"))

    assert str(explain(refused)).endswith("/local/lock: Permission denied: set NRTI_HOME to another place")


def test_a_number_that_is_too_large_is_a_wrong_command_line() -> None:
    explained = explain(OverflowError("Python int too large to convert to C long"))

    assert explained
    assert explained.exit_status == ExitStatus.USAGE
    assert "C long" not in str(explained)


def test_a_fault_of_ours_stays_one() -> None:
    assert explain(KeyError("name")) is None
