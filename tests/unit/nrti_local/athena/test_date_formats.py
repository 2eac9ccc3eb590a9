"""Date patterns in DuckDB's notation; what DuckDB has nothing for is refused."""

from __future__ import annotations

import pytest

from nrti_local.athena.trino.date_formats import PatternError, UnsupportedPatternError, joda, mysql


@pytest.mark.parametrize(
    ("pattern", "strftime"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "%Y-%m-%dT%H:%M:%S.%g"),
        ("d MMMM yy, h a", "%-d %B %y, %-I %p"),
        ("HH 'o''clock'", "%H o'clock"),
        ("100%", "100%%"),
    ],
)
def test_jodas_patterns_are_rewritten(pattern: str, strftime: str) -> None:
    assert "".join(joda(pattern)) == strftime


@pytest.mark.parametrize("pattern", ["yyyy-bb", "'open", "dd.MM.yyyy t"])
def test_letters_without_a_meaning_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        joda(pattern)


def test_what_duckdb_lacks_is_not_left_out() -> None:
    with pytest.raises(UnsupportedPatternError, match="SS"):
        joda("ss.SS")
    with pytest.raises(PatternError, match="%D not supported"):
        mysql("%D")
