"""Which private names of ministack a file of nrti_local uses and declares, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_PACKAGE = "ministack"
#: What a method may use the private attributes of.
_OWN = {"self", "cls"}
#: Functions that take the name of an attribute.
_BY_NAME = {"getattr", "setattr", "hasattr", "delattr"}
#: Public, in spite of their underscores: of a named tuple, and `os._exit`.
_PUBLIC = {"_replace", "_asdict", "_fields", "_exit"}


@dataclass
class Names:
    """The private names of a file.

    Attributes:
        used: of ministack, such as `ministack.services.dynamodb._tables`.
        declared: by `private`, likewise.
        imported: of ministack by an import of theirs, which fails before any check can name it.
        foreign: private attributes of other objects, with their lines.
        declares: whether the file assigns `PRIVATE`.
        patches: whether the file assigns `PATCHES`.
    """

    used: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    declares: bool = False
    patches: bool = False


@cache
def read(path: Path) -> Names:
    """Reads the names of a file."""
    return names(path.read_text())


def names(source: str) -> Names:
    """Reads the names of a file's text."""
    tree, found = ast.parse(source), Names()
    bound = dict(_bound(tree))
    found.imported = {whole for whole in bound.values() if _is_private(whole.rpartition(".")[2])}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            _note(node, bound, found)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BY_NAME:
            named = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
            found.foreign |= {f"line {node.lineno}: {name}" for name in named if _is_private(name)}
    assigned = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    found.declares, found.patches = "PRIVATE" in assigned, "PATCHES" in assigned
    if found.declares:
        texts = {name: value.value for name, value in assigned.items() if isinstance(value, ast.Constant)}
        found.declared = set(_declared(assigned["PRIVATE"], texts))
    return found


def _bound(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that imports of ministack bind, and what each stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _PACKAGE:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == _PACKAGE:
                    yield (alias.asname, alias.name) if alias.asname else (_PACKAGE, _PACKAGE)


def _note(node: ast.Attribute, bound: dict[str, str], found: Names) -> None:
    """Notes the private parts of a chain of attributes such as `dynamodb._tables._data.values`."""
    steps, root = [node.attr], node.value
    while isinstance(root, ast.Attribute):
        steps.insert(0, root.attr)
        root = root.value
    while steps and not _is_private(steps[-1]):
        steps.pop()
    if not steps:
        return
    if isinstance(root, ast.Name) and root.id in bound:
        found.used.add(".".join([bound[root.id], *steps]))
    elif not (isinstance(root, ast.Name) and root.id in _OWN and len(steps) == 1):
        found.foreign.add(f"line {node.lineno}: {steps[-1]}")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in _PUBLIC


def _declared(value: ast.AST, texts: Mapping[str, object]) -> Iterator[str]:
    for call in ast.walk(value):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "private":
            module, *attributes = (_text(argument, texts) for argument in call.args)
            yield from (f"{module}.{attribute}" for attribute in attributes)


def _text(node: ast.AST, texts: Mapping[str, object]) -> str:
    return str(texts[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node))
