"""A named, declared, undoable change to a private name of ministack."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: The release that the patches were written for and tested against.
MINISTACK_VERSION = "1.5.33"


class PatchError(RuntimeError):
    """A patch's target has gone: ministack changed, and the patch must be looked at again."""


@dataclass(frozen=True)
class Patch:
    """One attribute of ministack, replaced.

    Attributes:
        module: where the attribute lives, such as `ministack.services.athena`.
        attribute: its path in the module, such as `_run_duckdb` or `Worker.invoke`; a step into a dictionary
            is the key.
        why: what is wrong without the patch, in a sentence.
        replace: makes the new value from the original.
    """

    module: str
    attribute: str
    why: str
    replace: Callable[[Any], Any]

    def apply(self) -> Callable[[], None]:
        """Puts the replacement in place and returns what undoes it.

        Raises:
            PatchError: the attribute does not exist.
        """
        *path, name = self.attribute.split(".")
        try:
            owner: Any = importlib.import_module(self.module)
            for step in path:
                owner = _read(owner, step)
            original = _read(owner, name)
        except (ImportError, AttributeError, KeyError) as error:
            raise PatchError(
                f"{self.module}.{self.attribute} has gone from ministack (written for {MINISTACK_VERSION})"
            ) from error
        _write(owner, name, self.replace(original))
        return lambda: _write(owner, name, original)


def _read(owner: Any, name: str) -> Any:
    return owner[name] if isinstance(owner, dict) else getattr(owner, name)


def _write(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)
