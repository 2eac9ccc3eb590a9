"""Which of the serving container's functions an inference script has, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nrti_cli.errors import NrtiError

_NAMES = frozenset({"model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn"})


@dataclass(frozen=True)
class Handlers:
    """The functions of a script by which a container loads and asks its model.

    Attributes:
        names: those that it has, or all of them if it takes everything from another module.
    """

    names: frozenset[str]

    @classmethod
    def of(cls, script: bytes, origin: str) -> Handlers:
        """Reads a script.

        Raises:
            NrtiError: it is no Python.
        """
        try:
            defined = set(_defined(ast.parse(script)))
        except (SyntaxError, ValueError) as error:
            raise NrtiError(f"{origin} is no Python: {error}", hint="correct the script") from error
        return cls(_NAMES if "*" in defined else _NAMES & defined)

    @property
    def take_a_bare_list(self) -> bool:
        """Whether the container itself reads requests: of JSON it takes the list of rows alone."""
        return not self.names & {"input_fn", "transform_fn"}


def _defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module has, wherever they come from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
