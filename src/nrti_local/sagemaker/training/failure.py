"""The FailureReason of training jobs; the texts are AWS's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nrti_local.sagemaker import image

_CHARACTERS = 1024


def algorithm_error(text: str, status: int = 1) -> str:
    """Returns the FailureReason of a container; in script mode its exit status is always 1."""
    return f"AlgorithmError: {text[:_CHARACTERS]}, exit code: {status}"


def of_script(written: Path, status: int, words: Sequence[str], lines: Iterable[str]) -> str:
    """Returns the FailureReason of a script: the text that it wrote, or else the last line of its output.

    Args:
        written: the file in which a script may write a reason.
        status: the script's exit status.
        words: the command.
        lines: the last lines of its output.
    """
    reason = _text(written)
    if reason is None:
        last = _last(lines)
        command = " ".join(["python", *words[1:]])  # unquoted, as on AWS
        reason = f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{last}"\nCommand "{command}"'
    return _advised(algorithm_error(reason), lines)


def of_container(written: Path, status: int, lines: Iterable[str]) -> str:
    """Returns the FailureReason of a job with an entry point; the arguments are as in `of_script`."""
    return _advised(algorithm_error(_text(written) or "", status), lines)


def _text(written: Path) -> str | None:
    return written.read_text(errors="replace", encoding="utf-8") if written.is_file() else None


def _last(lines: Iterable[str]) -> str:
    return next((line for line in reversed(list(lines)) if line.strip()), "")


def _advised(reason: str, lines: Iterable[str]) -> str:
    advice = image.lacking("\n".join(lines))
    return f"{reason}. {advice}" if advice else reason
