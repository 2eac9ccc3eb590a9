"""The view `outcomes`, as the template has it, beside a plain loop over all labels."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from pyarrow import parquet

from nrti_cli.assets import asset
from nrti_cli.labels.batch import SCHEMA, Form, batch
from nrti_cli.labels.lake import BUCKETS, WIDTH, matches
from nrti_cli.stack.template import parse
from nrti_local.athena.engine import Engine
from nrti_local.athena.executions.results import csv_row, page
from nrti_local.athena.sql import parse as parse_sql
from nrti_local.firehose.parquet import schema
from tests.unit.nrti_local.athena.memory_store import BUCKET, MemoryStore

TABLES = ("RawTable", "LakeTable", "LabelsTable", "OutcomesView")


@cache
def _tables() -> dict[str, dict[str, Any]]:
    """The tables of the template, as Glue has them."""
    resources = parse(asset("cloudformation/pipeline.yaml").read_text())["Resources"]
    return {name: _filled(resources[name]["Properties"]["TableInput"]) for name in TABLES}


def _filled(value: Any) -> Any:
    """A value with the intrinsic functions that tables use."""
    if isinstance(value, list):
        return list(map(_filled, value))
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::Sub": str(text)}:
            names = {
                "LakeBucket": BUCKET,
                "Database": "nrti",
                "RawTable": "predictions_raw",
                "LabelsTable": "labels",
            }
            for name, content in names.items():
                text = text.replace(f"${{{name}}}", content)
            return text.replace("${!", "${")
        case {"Fn::Join": [str(by), list(parts)]}:
            return by.join(map(_filled, parts))
        case {"Fn::Base64": text}:
            return base64.b64encode(_filled(text).encode()).decode()
    return {name: _filled(each) for name, each in value.items()}


@dataclass(frozen=True)
class Lake:
    """Predictions and labels in memory.

    Attributes:
        scratch: an empty directory.
        store: the objects and the catalog.
    """

    scratch: Path
    store: MemoryStore

    def predict(self, day: str, *predictions: dict[str, Any]) -> None:
        """Puts a file of predictions into a day."""
        columns = schema(_tables()["RawTable"]["StorageDescriptor"]["Columns"])
        rows = [{"model": "m", "prediction": 0, **each} for each in predictions]
        self._write(f"predictions/day={day}", pa.Table.from_pylist(rows, columns))

    def label(self, *labels: dict[str, Any]) -> None:
        """Puts a file of labels into the lake."""
        self._write("labels/month=2026-11", pa.Table.from_pylist(list(labels), SCHEMA))

    def _write(self, folder: str, table: pa.Table) -> None:
        file = io.BytesIO()
        parquet.write_table(table, file)
        self.store.contents[f"{folder}/{len(self.store.contents)}.parquet"] = file.getvalue()

    def query(self, sql: str) -> list[list[str | None]]:
        """The rows of a query."""
        return self.run(sql)[0]

    def run(self, sql: str) -> tuple[list[list[str | None]], int]:
        """The rows of a query, and the bytes that it read."""
        scratch = self.scratch / str(len(list(self.scratch.iterdir())))
        scratch.mkdir()
        engine = Engine(sql, "nrti", self.store, scratch)
        try:
            result = engine.run(parse_sql(sql))
            return page(result.rows.read_bytes(), csv_row, 0, 100_000)[0], result.scanned
        finally:
            engine.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, MemoryStore(*_tables().values()))


def at(second: float) -> datetime:
    return datetime.fromtimestamp(1_795_000_000 + second, UTC).replace(tzinfo=None)


def event(name: str, sensor: str = "r", second: float = 0, **more: Any) -> dict[str, Any]:
    return {"event_id": name, "sensor": sensor, "event_time": at(second), **more}


def about(
    label: int, recorded: int, event_id: str | None = None, sensor: str = "r", *span: float
) -> dict[str, Any]:
    times = dict(zip(("start_time", "end_time"), map(at, (span[0], span[-1])), strict=True)) if span else {}
    return {
        "event_id": event_id,
        "sensor": None if event_id else sensor,
        "label": label,
        "recorded": recorded * 1_000_000,
        "labelled_time": datetime.fromtimestamp(recorded / 1000, UTC).replace(tzinfo=None),
        **times,
    }


TRUTHS = "select event_id, truth, labelled_time from outcomes order by 1"


def test_without_labels_every_prediction_is_there_without_a_truth(lake: Lake) -> None:
    lake.predict("2026-11-22", event("a"), event("b"))

    assert lake.query(TRUTHS) == [["a", None, None], ["b", None, None]]


def test_the_last_word_wins_whatever_the_labels_are_about(lake: Lake) -> None:
    lake.predict("2026-11-22", *(event(name, second=second) for second, name in enumerate("abcd")))
    lake.label(about(1, 10, "a"), about(0, 20, "a"), about(1, 40, "c"))
    lake.label(about(0, 30, None, "r", 1), about(1, 35, None, "r", 1, 2), about(0, 36, None, "other", 0, 9))

    assert lake.query(TRUTHS) == [
        ["a", "0", "1970-01-01 00:00:00.020"],
        ["b", "1", "1970-01-01 00:00:00.035"],
        ["c", "1", "1970-01-01 00:00:00.040"],
        ["d", None, None],
    ]


def test_an_interval_includes_both_ends(lake: Lake) -> None:
    lake.predict("2026-11-22", *(event(str(number), second=number / 1000) for number in range(5)))
    lake.label(about(1, 10, None, "r", 0.001, 0.003))

    assert [row[1] for row in lake.query(TRUTHS)] == [None, "1", "1", "1", None]


def test_a_delivered_copy_and_many_labels_are_one_outcome(lake: Lake) -> None:
    lake.predict("2026-11-22", event("a"), event("a"), event("a", shadow=False), event("a", model="n"))
    lake.label(*(about(number % 2, number, None, "r", -number, number) for number in range(1, 30)))

    found = lake.query("select event_id, model, truth from outcomes order by 2")

    assert found == [["a", "m", "1"], ["a", "n", "1"]]


def test_the_columns_are_those_of_the_predictions_and_two_more(lake: Lake) -> None:
    lake.predict("2026-11-22", event("a", data=[1.0, 2.0], version="v", probability=0.5))

    (row,) = lake.query("select * from outcomes")
    (prediction,) = lake.query("select * from predictions")

    assert row == [*prediction, None, None]


def test_a_condition_on_the_day_leaves_the_other_days_unread(lake: Lake) -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        lake.predict(day, event(f"of {day}"))
    lake.label(about(1, 10, "of 2026-11-21"))
    sizes = {key: len(content) for key, content in lake.store.contents.items()}

    rows, scanned = lake.run("select event_id, truth from outcomes where day >= '2026-11-21' order by 1")

    assert rows == [["of 2026-11-21", "1"], ["of 2026-11-22", None]]
    assert scanned == sum(size for key, size in sizes.items() if "day=2026-11-20" not in key)


def test_random_labels_give_what_a_loop_over_them_gives(lake: Lake) -> None:
    random = Random(4)  # noqa: S311 (no secret)
    events = [event(f"e{n}", random.choice("rst"), random.randrange(3_000) / 10) for n in range(600)]
    labels = []
    for number in range(400):
        start = random.randrange(3_000) / 10
        length = random.choice([0, 0, 0.1, 3, 40, 10_000_000])
        of_event = about(0, number, random.choice(events)["event_id"])
        of_sensor = about(0, number, None, random.choice("rstu"), start, start + length)
        labels.append({**random.choice([of_event, of_sensor]), "label": random.randrange(2)})
    random.shuffle(labels)
    lake.predict("2026-11-22", *events[:300])
    lake.predict("2026-11-23", *events[300:])
    for some in range(0, 400, 50):
        lake.label(*labels[some : some + 50])

    found = {name: truth for name, truth, _ in lake.query(TRUTHS)}

    assert found == {each["event_id"]: _truth(each, labels) for each in events}


def _truth(prediction: dict[str, Any], labels: list[dict[str, Any]]) -> str | None:
    fitting = [
        (label["recorded"], label["label"])
        for label in labels
        if label["event_id"] == prediction["event_id"]
        or (
            label["sensor"] == prediction["sensor"]
            and label["start_time"] <= prediction["event_time"] <= label["end_time"]
        )
    ]
    return str(max(fitting)[1]) if fitting else None


def _view() -> str:
    text = _tables()["OutcomesView"]["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    sql: str = json.loads(base64.b64decode(text))["originalSql"]
    return sql


def test_the_view_is_in_trinos_grammar() -> None:
    assert sqlglot.parse_one(_view(), read="athena").sql("athena")


def test_labels_are_counted_by_the_buckets_of_the_view() -> None:
    assert WIDTH in _view()
    assert BUCKETS in _view()


@pytest.mark.parametrize("form", ["event", "time", "interval"])
def test_the_labels_that_match_are_those_that_the_view_shows(lake: Lake, form: Form) -> None:
    lake.predict("2026-11-22", *(event(f"e{second}", second=second) for second in range(10)))
    first, numbers = 1_795_000_000_000_000_000, range(3, 17)
    columns: dict[Form, dict[str, list[Any]]] = {
        "event": {"event_id": [f"e{number}" for number in numbers]},
        "time": {
            "start_time": [at(number) for number in numbers],
            "end_time": [at(number) for number in numbers],
        },
        "interval": {
            "start_time": [at(number) for number in numbers],
            "end_time": [at(number + 10.0 ** (number - 6)) for number in numbers],
        },
    }
    if form != "event":
        columns[form]["sensor"] = ["r"] * 12 + ["s", "t"]
    given = batch(form, dict(columns[form]), pa.array([1] * 14))
    file = io.BytesIO()
    parquet.write_table(given.numbered(first), file)
    lake.store.contents["labels/month=2026-11/l.parquet"] = file.getvalue()

    assert lake.query("select count(truth) from outcomes") == [["7"]]
    assert lake.query(matches(given, first)) == [["7", "0" if form == "event" else "2"]]
