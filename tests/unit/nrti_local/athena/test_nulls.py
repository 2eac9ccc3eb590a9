"""A function of an argument that is NULL is NULL in Trino, wherever DuckDB would have another result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nrti_local.athena.trino import functions
from nrti_local.athena.trino.functions import Function
from nrti_local.athena.trino.types import Type
from tests.unit.nrti_local.athena.answering import Answering

#: A value of each type.
SAMPLES = {
    "varchar": "'a'", "bigint": "2", "integer": "2", "double": "1.5e0", "boolean": "true", "json": "json '1'",
    "varbinary": "x'61'", "date": "date '2024-01-01'", "timestamp": "timestamp '2024-01-01 00:00:00.000'",
    "timestamp with time zone": "timestamp '2024-01-01 00:00:00.000 UTC'", "time": "time '01:00:00.000'",
    "decimal": "decimal '1.5'", "F": "1.5e0",
}  # fmt: skip
#: Those to which NULL means something, or whose arguments must have certain types.
OTHERS = {
    "codepoint", "coalesce", "concat", "concat_ws", "current_timestamp", "format", "grouping",
    "localtimestamp", "map_from_entries", "multimap_from_entries", "nullif", "repeat", "row", "try",
    "typeof", "zip",
}  # fmt: skip
#: Arguments that must be literals, by the form.
LITERALS = {
    "@date_trunc": {0: "'hour'"}, "@date_add": {0: "'hour'"}, "@date_diff": {0: "'hour'"},
    "@date_format": {1: "'%Y'"}, "@date_parse": {1: "'%Y'"}, "@format_datetime": {1: "'yyyy'"},
    "@parse_datetime": {1: "'yyyy'"}, "@json_extract": {1: "'$'"}, "@json_extract_scalar": {1: "'$'"},
    "@json_size": {1: "'$'"}, "@zoned": {1: "'UTC'"}, "@with_timezone": {1: "'UTC'"},
    "@from_unixtime": {1: "'UTC'"}, "@from_unixtime_offset": {1: "1", 2: "1"}, "@regexp_replace": {2: "'b'"},
}  # fmt: skip


def _sample(kind: Type) -> str:
    inner = [_sample(each) for each in kind.inner]
    if kind.name == "array":
        return f"array[{inner[0]}]"
    if kind.name == "map":
        return f"map(array[{inner[0]}], array[{inner[1]}])"
    return SAMPLES.get(kind.name, "1")


def _type(kind: Type) -> str:
    if kind.inner:
        return f"{kind.name}({', '.join(map(_type, kind.inner))})"
    if len(kind.name) == 1:
        return "double" if kind.name == "F" else "integer"
    if kind.name == "decimal":
        return "decimal(2, 1)"
    return str(Type(kind.name, (3,))) if kind.name.startswith("time") else kind.name


def _calls(row: Function) -> Iterator[str]:
    """Calls with one argument that is NULL."""
    kinds, literals = row.signature.parameters, dict(LITERALS.get(row.duckdb, {}))
    if "hour" in literals.get(0, "") and kinds[-1].name == "date":
        literals[0] = "'day'"
    for position in range(len(kinds)):
        if position not in literals:
            arguments = [
                f"cast(null as {_type(kind)})" if at == position else literals.get(at) or _sample(kind)
                for at, kind in enumerate(kinds)
            ]
            yield f"{row.signature.names[0]}({', '.join(arguments)})"


def _is_testable(row: Function) -> bool:
    kinds = str([str(kind) for kind in row.signature.parameters])
    special = (
        row.is_aggregate or row.signature.names[0] in OTHERS or "function" in kinds or "interval" in kinds
    )
    return not special and kinds.count("decimal") != 1


CALLS = [call for row in functions.table() if _is_testable(row) for call in _calls(row)]


@pytest.fixture(scope="module")
def answering() -> Iterator[Answering]:
    found = Answering()
    yield found
    found.close()


def test_a_null_makes_it_null(answering: Answering) -> None:
    answers = {call: answering.of(call) for call in CALLS}

    assert len(answers) > 300
    assert {call: answer for call, answer in answers.items() if answer != "null"} == {}
