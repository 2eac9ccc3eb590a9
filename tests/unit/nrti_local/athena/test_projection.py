from __future__ import annotations

from datetime import datetime

import pytest

from nrti_local.athena.catalog.projection import declared
from nrti_local.athena.catalog.tables import GlueTable
from nrti_local.athena.errors import AthenaError

_NOW = datetime(2026, 11, 28, 7, 30)


def _table(**projections: dict[str, str]) -> GlueTable:
    parameters = {
        f"projection.{key}.{name.replace('_', '.')}": value
        for key, properties in projections.items()
        for name, value in properties.items()
    }
    keys = [{"Name": key, "Type": "string"} for key in projections]
    return GlueTable({"DatabaseName": "d", "Name": "t", "PartitionKeys": keys, "Parameters": parameters})


_DAYS = {"type": "date", "format": "yyyy-MM-dd", "range": "2026-01-01,NOW+1DAY"}
_HOURS = {"type": "date", "format": "yyyy/MM/dd/HH", "interval": "6", "interval_unit": "HOURS"}
_MONTHS = {"type": "date", "format": "yyyy-MM", "range": "2026-01,NOW"}


@pytest.mark.parametrize(
    ("projection", "inside", "outside"),
    [
        ({"type": " Enum ", "values": "A,B, C"}, ["A", "B", " C"], ["C", "a", ""]),
        ({"type": "integer", "range": "1,12"}, ["1", "12"], ["0", "13", "01", "x", "1.0"]),
        ({"type": "integer", "range": "1,12", "digits": "2"}, ["01", "12"], ["1", "001", "13"]),
        ({"type": "integer", "range": "0,100", "interval": "25"}, ["0", "25", "100"], ["1", "24"]),
        ({"type": "integer", "range": "-5,5"}, ["-5", "0"], ["-6"]),
        (_DAYS, ["2026-01-01", "2026-11-29"], ["2025-12-31", "2026-11-30", "2026-1-1", "today"]),
        ({**_DAYS, "interval": "7"}, ["2026-01-01", "2026-01-08"], ["2026-01-02"]),
        ({**_DAYS, "range": "NOW-3YEARS,NOW"}, ["2023-11-28", "2026-11-28"], ["2023-11-27", "2026-11-29"]),
        ({**_DAYS, "range": "NOW-1WEEK,NOW"}, ["2026-11-21"], ["2026-11-20"]),
        (_MONTHS, ["2026-01", "2026-11"], ["2025-12", "2026-12", "2026-11-28"]),
        ({**_MONTHS, "interval": "3", "interval_unit": "MONTHS"}, ["2026-04", "2026-10"], ["2026-05"]),
        ({**_MONTHS, "range": "2020-06,NOW", "interval_unit": "YEARS"}, ["2020-06", "2026-06"], ["2026-01"]),
        (
            {**_HOURS, "range": "2026/11/01/00,NOW"},
            ["2026/11/01/00", "2026/11/28/06"],
            ["2026/11/01/01", "2026/11/28/12"],
        ),
        ({"type": "injected"}, ["anything"], [""]),
    ],
)  # fmt: skip
def test_values_are_those_that_the_table_declares(
    projection: dict[str, str], inside: list[str], outside: list[str]
) -> None:
    found = declared(_table(key=projection), _NOW)({(value,) for value in [*inside, *outside]})

    assert found == {(value,) for value in inside}


def test_each_key_has_its_own_projection() -> None:
    chosen = declared(_table(site={"type": "enum", "values": "a,b"}, day=_DAYS), _NOW)

    assert chosen({("a", "2026-11-28"), ("c", "2026-11-28"), ("b", "2020-01-01")}) == {("a", "2026-11-28")}


@pytest.mark.parametrize(
    ("projection", "said"),
    [
        ({"type": "uuid"}, "type 'uuid' is unknown"),
        ({"type": "enum"}, r"Must provide a comma-separated .* column! \(property: projection.key.values\)$"),
        ({"type": "enum", "values": ""}, "Must provide a comma-separated enumeration"),
        ({"type": "integer"}, "property 'range' is missing"),
        ({"type": "integer", "range": "1"}, "property 'range' needs two values"),
        ({"type": "integer", "range": "1-12"}, 'For input string: "1-12"$'),
        ({"type": "integer", "range": "0,NOW"}, 'For input string: "NOW"$'),
        ({"type": "integer", "range": "1,9", "interval": "0"}, "property 'interval' must be 1 or more"),
        ({"type": "date", "range": "NOW,NOW"}, "property 'format' is missing"),
        ({**_DAYS, "format": "bb"}, "property 'format' has"),
        ({**_DAYS, "range": "2026,NOW"}, "'2026'"),
        ({**_DAYS, "range": "NOW-1CENTURY,NOW"}, "unit 'CENTURY' is unknown"),
        ({**_DAYS, "interval_unit": "CENTURIES"}, "unit 'CENTURIES' is unknown"),
        (
            {"type": "date", "format": "yyyy-MM-dd HH", "range": "NOW,NOW"},
            "property 'interval.unit' is missing",
        ),
    ],
)
def test_a_wrong_projection_fails(projection: dict[str, str], said: str) -> None:
    with pytest.raises(AthenaError, match="^INVALID_TABLE_PROPERTY: .*" + said):
        declared(_table(key=projection), _NOW)


def test_each_key_needs_a_projection() -> None:
    text = r"^HIVE_METASTORE_ERROR: Table d.t is configured .* configuration: \[key\] \(table d.t\)$"

    with pytest.raises(AthenaError, match=text):
        declared(_table(key={}), _NOW)


def test_the_template_has_all_keys() -> None:
    table = _table(site={"type": "enum", "values": "a"}, day=_DAYS)
    table.parameters.update(
        {"projection.enabled": "true", "storage.location.template": "s3://b/${day}/site/"}
    )

    with pytest.raises(
        AthenaError, match=r"^INVALID_TABLE_PROPERTY: The 'storage\.location\.template' table"
    ):
        declared(table, _NOW)
