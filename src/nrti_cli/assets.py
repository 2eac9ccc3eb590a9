"""Finds the files that are deployed unchanged: templates, state machine, and the code that runs in AWS."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_assets"
_CHECKOUT = _PACKAGE.parent.parent

#: Code that runs in AWS: `inference_function/`, `labels_function/`, `transform_function/` and `sagemaker/`.
REMOTE = _PACKAGE / "remote"


def asset(relative: str) -> Path:
    """The path of a file of `cloudformation/`, `asl/` or `docs/`, in the wheel or the checkout."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root / relative
