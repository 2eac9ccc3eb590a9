"""Writes DuckDB's text of a function: the row of the table with the arguments in it."""

from __future__ import annotations

import re

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.types import Type
from nrti_local.athena.trino.zones import local

#: Functions of DuckDB that return another value each time.
_VOLATILE = re.compile(r"\b(RANDOM|UUID|trino_random)\(")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:\.(\d))?(?::([^}]*))?\}")


def fill(made: Call, template: str, result: Type) -> str:
    """Returns DuckDB's text with the arguments in it.

    Raises:
        RefusalError: an argument with another value each time would be computed twice.
    """
    names: dict[int, list[str]] = {}
    _check_volatile(made, template)

    def one(match: re.Match[str]) -> str:
        key, number, variables = match.groups()
        if variables is not None:
            return _name_variables(made, int(key), variables, names)
        if number is not None:
            return names[int(key)][int(number)]
        return _placeholder(made, key, result, names)

    text = _PLACEHOLDER.sub(one, template)
    extras = made.extras
    text = text.replace("(<", f"({extras.distinct}")
    return text.replace(">)", f"{extras.order}{extras.nulls}){extras.filter}{extras.over}")


def _check_volatile(made: Call, template: str) -> None:
    for index, value in enumerate(made.arguments):
        if value and _VOLATILE.search(value.sql) and template.count(f"{{{index}}}") > 1:
            raise absent(f"Function '{made.name}' of a random value", made.node)


def _name_variables(made: Call, index: int, variables: str, names: dict[int, list[str]]) -> str:
    """Names the variables of a lambda expression; returns DuckDB's list of them."""
    heads: dict[str, str] = {}
    names[index] = []
    for path in variables.split(","):
        head, dot, rest = path.strip().partition(".")
        heads.setdefault(head, made.scope.statement.unique("v"))
        names[index].append(heads[head] + dot + rest)
    return ", ".join(heads.values())


def _placeholder(made: Call, key: str, result: Type, names: dict[int, list[str]]) -> str:  # noqa: PLR0911 (one for each kind of type)
    if key == "all":
        return ", ".join(each.sql for each in made.arguments if each)
    if key == "result":
        return result.duckdb
    if key == "element":
        return result.inner[0].duckdb
    if key == "local":
        return local(made.arguments[0], made.node)
    if not key.isdigit():
        kind = made.found[key]
        return kind.duckdb if isinstance(kind, Type) else str(kind)
    index = int(key)
    value = made.arguments[index]
    if value is not None:
        return value.sql
    return made.body(index, *names[index])
