"""The rules of the house, read off the syntax trees: who imports whom, and how tests are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tests.plain_english import AVOIDED
from tests.unit import private_names

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "nrti_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: The embedded AWS, a program of its own.
EMBEDDED = sorted((ROOT / "src" / "nrti_local").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

#: What each part may import of the package. A part is a directory or a file of its top level.
_GROUND = {
    "characters", "counts", "errors", "console", "home", "assets", "events", "durations", "linefile",
    "percentiles", "sequences", "tables", "verdicts",
}  # fmt: skip
_AWS = _GROUND | {"aws"}
_NAMES = {"stack.names", "stack.outputs"}
ALLOWED: dict[str, set[str]] = {
    "characters": set(),
    "errors": {"characters"},
    "home": {"errors"},
    "embedded": {"errors", "home"},
    "streams": {"characters", "errors"},
    "system_errors": {"errors", "home"},
    "assets": set(),
    "durations": {"errors"},
    "counts": set(),
    "percentiles": set(),
    "sequences": set(),
    "tables": {"durations", "events", "errors", "tables"},
    "verdicts": set(),
    "console": {"characters", "durations", "errors"},
    "events": {"assets", "errors"},
    "linefile": {"errors"},
    "ledger": {"events", "errors", "linefile"},
    "aws": _AWS,
    "stack": _AWS | {"stack", "alerts.report"},
    # The rules are written here and read by the function.
    "alerts": _AWS | {"alerts", "remote.alerts_function.rules"} | _NAMES,
    # One file of what runs in AWS is pure arithmetic, and has to give the same figures in both places.
    "models": _AWS | {"models", "athena", "remote.sagemaker.channel", "remote.sagemaker.metrics"} | _NAMES,
    "producer": _AWS | {"producer", "ledger"} | _NAMES,
    "doctor": _AWS | {"doctor", "models.image", "embedded"},
    "logs": _AWS | {"logs"} | _NAMES,
    "connect": _AWS | {"connect", "models.default", "models.endpoint"} | _NAMES,
    "quality": _AWS | {"quality", "athena", "models", "remote.sagemaker.metrics"} | _NAMES,
    "tail": _AWS | {"tail"} | _NAMES,
    "athena": _AWS | {"athena"} | _NAMES,
    "dashboard": _AWS
    | {"alerts.report", "athena.literals", "athena.rows", "boundary", "dashboard", "drift", "entry"}
    | {"models.default", "models.documents", "models.endpoint", "models.naming"}
    | {"remote.alerts_function.counting"}
    | {"remote.alerts_function.drift"}
    | {"stack.health", "stack.stage", "streams", "tail"}
    | _NAMES,
    # The alerts' function judges drift by the same arithmetic, and training makes the same bins.
    "drift": _AWS
    | {"drift", "athena.rows", "models.documents", "models.endpoint", "models.naming"}
    | {f"remote.alerts_function.{name}" for name in ("counted", "counting", "drift")}
    | {"remote.sagemaker.bins"}
    | _NAMES,
    "deadletters": _AWS | {"deadletters"} | _NAMES,
    "labels": _AWS | {"labels", "athena"} | _NAMES,
    "verify": _AWS | {"verify", "ledger", "athena", "deadletters", "forgetting.records"} | _NAMES,
    "forgetting": _AWS | {"forgetting", "deadletters"} | _NAMES,
    "estimate": {"errors", "estimate"},
    "completion": _AWS | {"completion", "deadletters.reasons"} | _NAMES,
    "commands": _AWS
    | {
        "alerts",
        "commands",
        "completion",
        "dashboard",
        "drift",
        "remote.alerts_function.counting",
        "remote.alerts_function.drift",
        "stack",
        "models",
        "producer",
        "connect",
        "logs",
        "doctor",
        "tail",
        "athena",
        "quality",
        "deadletters",
        "verify",
        "forgetting",
        "ledger",
        "labels",
        "estimate",
        "embedded",
        "remote.alerts_function.rules",
        "streams",
    },
    "boundary": {"aws.errors", "characters", "console", "embedded", "errors", "system_errors"},
    "main": {"boundary", "commands", "errors", "streams"},
    "entry": {"main"},
    "__main__": {"entry"},
    "remote": set(),
}
#: The commands that start, show or end the embedded AWS; for all others it is an address.
KNOW_LOCAL = {"bootstrap.py", "demo.py", "doctor.py", "local.py", "status.py", "teardown.py"}


@cache
def _imports(path: Path) -> tuple[str, ...]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return tuple(names)


def _own_imports(path: Path) -> set[str]:
    return {name.removeprefix("nrti_cli.") for name in _imports(path) if name.startswith("nrti_cli.")}


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _within(name: str, allowed: set[str]) -> bool:
    """Whether a dotted name is one of the allowed ones, inside one, or a package on the way to one."""
    return any(name == a or name.startswith(f"{a}.") or a.startswith(f"{name}.") for a in allowed)


def _inside(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _breaking(paths: Iterable[Path], broken: Callable[[Path], object]) -> dict[str, object]:
    """The files that break a rule, and by what; one test for all files, as there are thousands of pairs."""
    return {_inside(path): found for path in paths if (found := broken(path))}


def test_imports_point_one_way() -> None:
    def strangers(path: Path) -> set[str]:
        part = _part(path)
        return {
            name for name in _own_imports(path) if part != "__init__" and not _within(name, ALLOWED[part])
        }

    assert _breaking(MODULES, strangers) == {}


def test_only_aws_makes_clients() -> None:
    """Others catch the SDK's exceptions; doctor passes a session on, and imports its type."""
    harmless = {"botocore.exceptions"}
    typed = {PACKAGE / "doctor" / "clients.py": {"botocore.session"}}
    outside = [path for path in MODULES if _part(path) not in {"aws", "remote"}]

    def of_the_sdk(path: Path) -> set[str]:
        imported = {name for name in _imports(path) if name.partition(".")[0] in {"boto3", "botocore"}}
        return {name for name in imported if not _within(name, harmless | typed.get(path, set()))}

    assert _breaking(outside, of_the_sdk) == {}


def test_only_a_few_commands_know_of_the_embedded_aws() -> None:
    knowing = {
        path.name
        for path in (PACKAGE / "commands").glob("*.py")
        if any(name.startswith("nrti_local") for name in _imports(path))
    }

    assert knowing == KNOW_LOCAL


def test_the_command_line_knows_of_the_embedded_aws_how_to_start_and_find_it() -> None:
    def unknown(path: Path) -> set[str]:
        known = {name for name in _imports(path) if name.startswith("nrti_local.")}
        return {name for name in known if not _within(name, {"nrti_local.process"})}

    assert _breaking(MODULES, unknown) == {}


def test_the_embedded_aws_imports_nothing_of_the_command_line() -> None:
    def of_the_command_line(path: Path) -> list[str]:
        return [name for name in _imports(path) if name.split(".")[0] == "nrti_cli"]

    assert _breaking(EMBEDDED, of_the_command_line) == {}


def test_private_names_of_ministack_are_declared_where_they_are_used() -> None:
    def undeclared(path: Path) -> list[str]:
        names, text = private_names.read(path), path.read_text()
        suppressed = "# ruff: noqa: SLF001" in text
        found = {
            f"used, or declared, and not both: {names.used ^ names.declared}": names.used != names.declared,
            f"import the module, and declare by private(): {names.imported}": names.imported,
            f"of an object whose module is unknown: {names.foreign}": names.foreign,
            "files with PRIVATE begin with ruff: noqa: SLF001, no others": suppressed != names.declares,
            "noqa: SLF001 elsewhere": text.count("noqa: SLF001") != suppressed,
        }
        return [reason for reason, holds in found.items() if holds]

    assert _breaking(EMBEDDED, undeclared) == {}


def test_the_rule_finds_each_way_to_use_a_private_name() -> None:
    names = private_names.names(
        "from ministack.services import dynamodb as d\n"
        "from ministack.app import _state\n"
        "import ministack.core.router\n"
        "_M = 'ministack.services.s3'\n"
        "PRIVATE = (*private('ministack.services.dynamodb', '_a'), *private(_M, '_b'))\n"
        "def use(worker):\n"
        "    d._tables._data.values(), ministack.core.router._x(), worker._proc, d.public, self._own\n"
        "    getattr(d, '_hidden')\n"
    )

    assert names.used == {"ministack.services.dynamodb._tables._data", "ministack.core.router._x"}
    assert names.declared == {"ministack.services.dynamodb._a", "ministack.services.s3._b"}
    assert names.imported == {"ministack.app._state"}
    assert names.foreign == {"line 7: _proc", "line 8: _hidden"}


def test_the_catalogue_has_every_file_with_patches_or_declared_names() -> None:
    catalogue = ROOT / "src/nrti_local/ministack/catalogue.py"
    imported = set(_imports(catalogue))
    for path in set(EMBEDDED) - {catalogue}:
        names = private_names.read(path)
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        if names.declares or names.patches:
            assert module in imported, f"{module} is missing in catalogue.py"


def test_every_module_is_imported() -> None:
    # Commands, what runs in AWS, and these programs of the embedded AWS are found by their names.
    by_name = {"__init__.py", "__main__.py", "launch.py", "run.py", "worker.py", "xgboost_container.py"}
    apart = [PACKAGE / "commands", PACKAGE / "remote"]
    files = [*MODULES, *EMBEDDED]
    imported = {name for path in files for name in _imports(path)}

    def unused(path: Path) -> bool:
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        found_by_name = path.name in by_name or any(path.is_relative_to(place) for place in apart)
        return not found_by_name and module not in imported

    assert _breaking(files, unused) == {}


def test_threads_that_use_sqlite_prevent_forks() -> None:
    # SageMaker is a process without forks, and what is saved is written by the child itself.
    apart = ("src/nrti_local/sagemaker/", "src/nrti_local/durability/saved/")
    forked = [path for path in EMBEDDED if not _inside(path).startswith(apart)]

    def unguarded(path: Path) -> bool:
        imported = set(_imports(path))
        return "sqlite3" in imported and "nrti_local.durability.forks.SQLITE" not in imported

    assert _breaking(forked, unguarded) == {}


def test_the_sdk_for_image_uris_is_imported_where_it_is_used() -> None:
    at_module_level = re.compile(r"^(?:import|from) sagemaker", re.MULTILINE)

    assert not [path for path in MODULES if at_module_level.search(path.read_text())]


def test_texts_are_read_and_written_as_utf8() -> None:
    """Python's default is that of the locale, which is ASCII in some containers."""
    texts = {path: path.read_text() for path in [*MODULES, *EMBEDDED]}
    assert not [
        f"{path}:{call.lineno}"
        for path, text in texts.items()
        if "_text(" in text  # to parse all files takes half a second
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"read_text", "write_text"}
        and "encoding" not in {keyword.arg for keyword in call.keywords}
    ]


def test_archives_are_extracted_in_one_place() -> None:
    """The filter that keeps members in their directory is not in every Python that nrti supports."""
    extracting = {
        path.name
        for path in [*MODULES, *EMBEDDED, *TESTS]
        if {"extractall", "unpack_archive"} & set(re.findall(r"\.(\w+)", path.read_text()))
    }

    assert extracting == {"artifacts.py"}


def test_nothing_is_patched_in_tests() -> None:
    def mocks(path: Path) -> set[str]:
        return {"unittest.mock", "mock"} & {name.removesuffix(".patch") for name in _imports(path)}

    assert _breaking(TESTS, mocks) == {}


def test_no_file_is_too_long_to_read() -> None:
    def length(path: Path) -> int:
        return len(path.read_text().splitlines())

    assert _breaking([*MODULES, *EMBEDDED], lambda path: length(path) > 400) == {}


#: A count before a plural that ends in s, unless it is a part of several.
_PLURAL = re.compile(r"(?<!of )(?<!least )(?<!first )\{[^{}]*:,\} (?:[a-z]+ )?[a-z]+s\b")
#: These may not import `counts`, or never count one.
_NOT_COUNTING = ("aws", "remote", "tables")


def test_counts_of_things_have_a_singular() -> None:
    """`show_count` formats them."""
    texts = [path for path in MODULES if _part(path) not in _NOT_COUNTING]

    assert _breaking(texts, lambda path: _PLURAL.findall(path.read_text(encoding="utf-8"))) == {}


def test_texts_are_in_plain_technical_english() -> None:
    """Messages, help texts, docstrings, comments and the names of tests."""

    def found(path: Path) -> list[str]:
        return AVOIDED.findall(re.sub(r"[_\W]+", " ", path.read_text()))

    assert _breaking([*MODULES, *EMBEDDED, *TESTS], found) == {}
