"""DuckDB's macros for functions of Trino that DuckDB lacks, from `macros.sql`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("macros.sql")
#: Macros for Trino's TRY are `quiet_…`; they fail in a way that DuckDB's TRY accepts, which ERROR() is not.
_NAME = re.compile(r"\b(?:trino|quiet)_\w+(?=\()")
_QUIET_FAILURE = (
    "CREATE MACRO quiet_fail(code, message) AS CASE WHEN CAST(message AS INTEGER) > 0 THEN NULL END"
)


def quiet(sql: str) -> str:
    """Returns DuckDB's text of an expression with macros that TRY can stand around."""
    return sql.replace("trino_", "quiet_")


def needed(sql: str) -> list[str]:
    """Returns the statements that create the macros of a query, in an order in which they can run."""
    ordered: dict[str, str] = {}
    for name in dict.fromkeys(_NAME.findall(sql)):
        _add(name, ordered)
    return list(ordered.values())


def _add(name: str, ordered: dict[str, str]) -> None:
    if name in ordered:
        return
    statement = _statement(name)
    for other in dict.fromkeys(_NAME.findall(statement)):
        if other != name:
            _add(other, ordered)
    ordered[name] = statement


def _statement(name: str) -> str:
    if name == "quiet_fail":
        return _replacing(_QUIET_FAILURE)
    if name.startswith("quiet_"):
        return quiet(_statements()[name.replace("quiet_", "trino_", 1)])
    return _statements()[name]


def _replacing(statement: str) -> str:
    return statement.replace("CREATE MACRO", "CREATE OR REPLACE TEMP MACRO", 1)


@cache
def _statements() -> dict[str, str]:
    text = re.sub(r"^--.*$", "", _FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = [each.strip() for each in re.split(r";\n", text) if each.strip()]
    return {_NAME.findall(each)[0]: _replacing(each) for each in found}
