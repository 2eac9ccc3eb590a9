"""Finds the files that are deployed as they are: templates, state machine, code that runs in AWS."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_assets"
_CHECKOUT = _PACKAGE.parent.parent

#: Code that runs in AWS: `inference_function/`, `transform_function/` and `sagemaker/`.
REMOTE = _PACKAGE / "remote"


def asset(relative: str) -> Path:
    """A file of `cloudformation/`, `asl/` or `docs/` that the wheel has, from there or from the checkout."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root / relative
