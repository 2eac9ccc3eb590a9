"""Why a training job failed, in AWS's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nrti_local.sagemaker import image

_CHARACTERS = 1024


def algorithm_error(text: str, status: int = 1) -> str:
    """The FailureReason of a container; in script mode its status is 1, whatever the script's is."""
    return f"AlgorithmError: {text[:_CHARACTERS]}, exit code: {status}"


def of_script(written: Path, status: int, words: Sequence[str], lines: Iterable[str]) -> str:
    """The FailureReason of a script: its own words if it left any, else the last line that it printed.

    Args:
        written: the file in which a script may say why.
        status: its exit status.
        words: its command.
        lines: the last ones that it printed.
    """
    told = _text(written)
    if told is None:
        last = _last(lines)
        command = " ".join(["python", *words[1:]])  # unquoted, as AWS tells it
        told = f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{last}"\nCommand "{command}"'
    return _advised(algorithm_error(told), lines)


def of_container(written: Path, status: int, lines: Iterable[str]) -> str:
    """The FailureReason of a job with an entry point of its own; the arguments are those of `of_script`."""
    return _advised(algorithm_error(_text(written) or "", status), lines)


def _text(written: Path) -> str | None:
    return written.read_text(errors="replace") if written.is_file() else None


def _last(lines: Iterable[str]) -> str:
    return next((line for line in reversed(list(lines)) if line.strip()), "")


def _advised(reason: str, lines: Iterable[str]) -> str:
    advice = image.lacking("\n".join(lines))
    return f"{reason}. {advice}" if advice else reason
