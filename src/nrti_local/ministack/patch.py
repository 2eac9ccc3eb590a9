"""What nrti_local uses of ministack's private names: replacements of them, and the names that it only reads.

ministack may rename a private name in any release, so each one is declared: a replaced name is the target of
a `Patch`, one that is read or called is declared by `private`. `catalogue` checks all of them at start.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: The release that the patches were written for and tested against.
MINISTACK_VERSION = "1.5.33"


class PatchError(RuntimeError):
    """A private name is gone: ministack changed, and the code that uses the name needs a review."""


@dataclass(frozen=True)
class Name:
    """An attribute of a module of ministack.

    Attributes:
        module: where the attribute is defined, such as `ministack.services.athena`.
        attribute: its path in the module, such as `_run_duckdb` or `Worker.invoke`; a step into a dictionary
            is the key.
    """

    module: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.module}.{self.attribute}"

    def exists(self) -> bool:
        """Whether the installed ministack has the name."""
        try:
            self.resolve()
        except PatchError:
            return False
        return True

    def resolve(self) -> tuple[Any, str, Any]:
        """The object that holds the attribute, the attribute's own name there, and its value.

        Raises:
            PatchError: the attribute does not exist.
        """
        *path, last = self.attribute.split(".")
        try:
            owner: Any = importlib.import_module(self.module)
            for step in path:
                owner = _read(owner, step)
            return owner, last, _read(owner, last)
        except (ImportError, AttributeError, KeyError) as error:
            raise PatchError(f"{self} is gone from ministack (written for {MINISTACK_VERSION})") from error


def private(module: str, *attributes: str) -> tuple[Name, ...]:
    """Declares private names of one module of ministack; a file assigns all that it uses to `PRIVATE`.

    Args:
        module: such as `ministack.services.dynamodb`.
        attributes: their paths in the module, such as `_tables` or `_tables._data`.
    """
    return tuple(Name(module, attribute) for attribute in attributes)


@dataclass(frozen=True)
class Patch:
    """One attribute of ministack, replaced.

    Attributes:
        module: where the attribute is defined, such as `ministack.services.athena`.
        attribute: its path in the module, as in `Name`.
        why: what is wrong without the patch, in a sentence.
        replace: makes the new value from the original.
    """

    module: str
    attribute: str
    why: str
    replace: Callable[[Any], Any]

    @property
    def target(self) -> Name:
        """The name that is replaced."""
        return Name(self.module, self.attribute)

    def apply(self) -> Callable[[], None]:
        """Puts the replacement in place and returns a function that undoes it.

        Raises:
            PatchError: the attribute does not exist.
        """
        owner, name, original = self.target.resolve()
        _write(owner, name, self.replace(original))
        return lambda: _write(owner, name, original)


def _read(owner: Any, name: str) -> Any:
    return owner[name] if isinstance(owner, dict) else getattr(owner, name)


def _write(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)
