from __future__ import annotations

import duckdb
import pytest

from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.sql import joda_to_strftime, parse, to_duckdb


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selec * from t", "line 1:1: mismatched input 'selec'"),
        ("select from t", "line 1:8: mismatched input 'from'"),
        ("select a, from t", "line 1:11: mismatched input 'from'"),
        ("select * form t", "line 1:15: mismatched input 't'"),
        ("select *\nfrom t\nwhere", "line 3:6: mismatched input '<EOF>'"),
        ("select * from t group", "line 1:17: mismatched input 'group'"),
        ("select a\nfrom t order", "line 2:8: mismatched input 'order'"),
        ("select 'abc", "line 1:12: mismatched input '<EOF>'"),
        ("", "line 1:1: mismatched input '<EOF>'"),
        ("-- nothing", "line 1:11: mismatched input '<EOF>'"),
        ("select 1; select 2", "Only one sql statement is allowed. Got: select 1; select 2"),
        ("insert into t select 1", "Queries of this type are not supported"),
        ("create table x as select 1", "Queries of this type are not supported"),
    ],
)
def test_what_athena_refuses_at_once_is_refused_with_its_position(sql: str, message: str) -> None:
    with pytest.raises(MalformedQueryError) as refused:
        parse(sql)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "sql",
    [
        "copy predictions to '/tmp/x'",
        "attach '/tmp/x.db'",
        "pragma database_list",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1GB'",
        "from predictions",
        "summarize predictions",
        "pivot predictions on sensor",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/*')",
        "select * from query('select 1')",
        "with a as (select * from read_text('/etc/passwd')) select * from a",
        "select getenv('HOME')",
        "select current_setting('home_directory')",
        "select bar(1)",
    ],
)
def test_duckdbs_own_language_is_refused(sql: str) -> None:
    with pytest.raises(AthenaError):
        parse(sql)


def test_an_unknown_function_is_named_with_its_position() -> None:
    with pytest.raises(AthenaError, match=r"^FUNCTION_NOT_FOUND: line 2:2: Function 'foo' not registered$"):
        parse("select\n foo(a) from t")


@pytest.mark.parametrize(
    ("joda", "strftime"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "%Y-%m-%dT%H:%M:%S.%g"),
        ("d MMMM yy, h a", "%-d %B %y, %-I %p"),
        ("HH 'o''clock'", "%H o'clock"),
    ],
)
def test_jodas_patterns_are_rewritten(joda: str, strftime: str) -> None:
    assert joda_to_strftime(joda) == strftime


@pytest.mark.parametrize(
    ("call", "bin_"),
    [
        ("width_bucket(3.14, 0, 4, 3)", 3),
        ("width_bucket(2, 0, 4, 3)", 2),
        ("width_bucket(-1, 0, 3.2, 4)", 0),
        ("width_bucket(9, 0, 4, 3)", 4),
        ("width_bucket(3.14, array[0, 2, 4])", 2),
        ("width_bucket(2, array[0, 2, 4])", 2),
        ("width_bucket(-1e0, array[0e0])", 0),
        ("width_bucket(null, array[0, 2])", None),
    ],
)
def test_bins_are_those_of_trinos_documentation(call: str, bin_: int | None) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(to_duckdb(parse(f"select {call}"))).fetchone()

    assert found == (bin_,)
