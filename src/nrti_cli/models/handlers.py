"""Finds the serving functions of an inference script, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nrti_cli.errors import NrtiError

_NAMES = frozenset({"model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn"})


@dataclass(frozen=True)
class Handlers:
    """The functions with which a container loads and invokes a script's model.

    Attributes:
        names: those that it defines, or all of them if it imports everything from another module.
    """

    names: frozenset[str]

    @classmethod
    def of(cls, script: bytes, origin: str) -> Handlers:
        """Parses a script.

        Raises:
            NrtiError: it is not valid Python.
        """
        try:
            defined = set(_defined(ast.parse(script)))
        except (SyntaxError, ValueError) as error:
            raise NrtiError(f"{origin} is not valid Python: {error}", hint="correct the script") from error
        return cls(_NAMES if "*" in defined else _NAMES & defined)

    @property
    def take_a_bare_list(self) -> bool:
        """Whether the container itself parses requests: as JSON it accepts only the list of rows."""
        return not self.names & {"input_fn", "transform_fn"}


def _defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
