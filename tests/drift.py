"""What another release of ministack changes of what nrti_local uses. `make drift` runs it.

    python -m tests.drift ENVIRONMENT

ENVIRONMENT is a virtual environment with that release. Exits with 1 if a name is gone or a test fails there.
"""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ministack

from nrti_local.ministack.patch import MINISTACK_VERSION, Name
from tests.local.crossings import measure

#: The tests of the patches, and of the pipeline that needs them.
_TESTS = [
    f"tests/local/test_{name}.py"
    for name in ("batch_write", "crossings", "packed_*", "patches_*", "pipeline")
]
_PINNED = Path(ministack.__file__).parents[1]
#: Run in the other environment: its version, the directory of its packages, and which of the names are gone.
_ASK = """
import importlib.metadata, json, pathlib, sys, ministack
from nrti_local.ministack.patch import Name
gone = [text for text in sys.argv[1:] if not Name(*text.split(":", 1)).exists()]
packages = str(pathlib.Path(ministack.__file__).parents[1])
print(json.dumps([importlib.metadata.version("ministack"), packages, gone]))
"""


@dataclass(frozen=True)
class Other:
    """The other release.

    Attributes:
        version: such as `1.5.34`.
        packages: the directory that holds it.
        gone: the names that it does not have.
    """

    version: str
    packages: Path
    gone: frozenset[Name]


def main(environment: str) -> int:
    """Prints the report and returns the exit code."""
    logging.getLogger("kms").setLevel(logging.ERROR)  # it warns of a missing library that nothing here needs
    from nrti_local.ministack.catalogue import NAMES, PATCHES

    python = str(Path(environment, "bin", "python"))
    names = sorted(NAMES, key=str)
    other = _ask(python, names)
    with tempfile.TemporaryDirectory() as state:
        crossings = sum(measure(Path(state)).values())
    print(f"ministack {MINISTACK_VERSION}")
    print(f"patches    {len(PATCHES)}")
    print(f"names      {len(names)}, {len(names) - len({patch.target for patch in PATCHES})} not replaced")
    print(f"crossings  {crossings:.0f} an event")
    print(f"ministack {other.version}")
    _print("gone", map(str, sorted(other.gone, key=str)))
    kept = [name for name in names if name not in other.gone]
    _print("changed", (str(n) for n in kept if definition(_PINNED, n) != definition(other.packages, n)))
    failed = _failed_tests(python)
    _print("failed", failed)
    return 1 if other.gone or failed else 0


def _ask(python: str, names: Iterable[Name]) -> Other:
    texts = {f"{name.module}:{name.attribute}": name for name in names}
    asked = subprocess.run([python, "-c", _ASK, *texts], capture_output=True, text=True, check=True)
    version, packages, gone = json.loads(asked.stdout)
    return Other(version, Path(packages), frozenset(texts[text] for text in gone))


def _print(what: str, lines: Iterable[str]) -> None:
    found = list(lines)
    print(f"{what:<10} {len(found)}")
    for line in found:
        print(f"  {line}")


def definition(packages: Path, name: Name) -> str:
    """The source of a name without comments, docstrings and layout; empty if it is not found.

    A path that leads into a value, such as `_tables._data`, stands for the definition of the value.
    """
    file = packages.joinpath(*name.module.split("."))
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    body: list[ast.stmt] = ast.parse(file.read_text()).body if file.is_file() else []
    found = ""
    for step in name.attribute.split("."):
        node = next((each for each in body if step in _defined(each)), None)
        if isinstance(node, ast.ImportFrom):
            original = next(each.name for each in node.names if step in {each.name, each.asname})
            return definition(packages, Name(_absolute(name.module, file, node), original))
        if node is None:
            break
        found = ast.unparse(_without_docstring(node))
        body = node.body if isinstance(node, ast.ClassDef) else []
    return found


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _absolute(module: str, file: Path, node: ast.ImportFrom) -> str:
    """The module that an import is from."""
    if not node.level:
        return node.module or ""
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    parts = package[: len(package) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _without_docstring(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
        node.body = node.body[1:] or [ast.Pass()]
    return node


def _failed_tests(python: str) -> list[str]:
    """The tests that fail in the other environment; what pytest wrote if it failed itself."""
    files = [str(file) for pattern in _TESTS for file in sorted(Path().glob(pattern))]
    pytest = [python, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile"]
    run = subprocess.run(
        [*pytest, "-q", "-rfE", "--tb=no", *files], capture_output=True, text=True, check=False
    )
    lines = [line for line in run.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    cases = Counter(line.split(" - ")[0].partition(" ")[2].partition("[")[0] for line in lines)
    failed = [f"{test}{f' ({count} cases)' * (count > 1)}" for test, count in cases.items()]
    return failed or ([run.stdout + run.stderr] if run.returncode else [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
