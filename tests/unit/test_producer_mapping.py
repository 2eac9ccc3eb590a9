"""What is sent of a file is what its model was trained on: by name, whatever else the file holds."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event
from nrti_cli.models.training.dataset import from_table
from nrti_cli.producer.reading import read_events
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables.formats.form import Form
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.reader import opened
from nrti_cli.tables.schema import Schema

DEFAULTS = Defaults("m", None, ("s", "t"), None)


def _sent(tmp_path: Path, text: str, layout: Layout, *remarks: str) -> list[Event]:
    (tmp_path / "d").write_text(text)
    said: list[str] = []
    found = list(read_events(str(tmp_path / "d"), DEFAULTS, layout=layout, remark=said.append))
    assert said == list(remarks)
    return found


def _takes(*features: str, label: str = "event") -> Layout:
    return Layout(schema=Schema(features=features, label=label))


@pytest.mark.parametrize(
    "text", ["a,b,c,event\n1,2,3,1\n", "event;c;a;b\n1;3;1;2\n", '{"c": 3, "event": 1, "b": 2, "a": 1}\n']
)
def test_the_order_is_the_models(tmp_path: Path, text: str) -> None:
    (event,) = _sent(tmp_path, text, _takes("c", "b", "a"))

    assert event["data"] == [3, 2, 1]


def test_the_label_is_left_out_by_its_name_and_event_may_be_a_value(tmp_path: Path) -> None:
    (event,) = _sent(tmp_path, "a,event,failed\n1,2,3\n", _takes("a", "event", label="failed"))

    assert event["data"] == [1, 2]


def test_a_field_of_events_may_be_a_value(tmp_path: Path) -> None:
    (event,) = _sent(tmp_path, "sensor,a\n6,1\n", _takes("sensor", "a"))

    assert (event["data"], event["sensor"]) == ([6, 1], "s")


def test_other_columns_are_left_out_and_named(tmp_path: Path) -> None:
    said = "skipped 'x', which the model does not take"
    (event,) = _sent(tmp_path, "x,id,a,event\n0,e,1,0\n", _takes("a"), said)

    assert (event["data"], event["event_id"]) == ([1], "e")


def test_the_index_that_pandas_writes_has_a_name_and_can_be_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{row},{row % 3},{row % 2}\n" for row in range(40))
    (tmp_path / "d").write_text(f",a,event\n{rows}")
    with opened(str(tmp_path / "d")) as table:
        dataset = from_table(table, Schema(exclude=("Unnamed: 0",)))
    assert dataset.features == ("a",)
    assert dataset.schema

    said = "skipped 'Unnamed: 0', which the model does not take"
    events = _sent(tmp_path, f",a,event\n{rows}", Layout(schema=dataset.schema), said)

    assert [event["data"] for event in events] == dataset.values.tolist()


def test_columns_that_are_missing_are_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match=r"d has no column 'b', 'c', it has 'a', 'event': the model takes"):
        _sent(tmp_path, "a,event\n1,0\n", _takes("a", "b", "c"))


def test_without_names_columns_count_by_their_places(tmp_path: Path) -> None:
    bare = Form(header=False)

    (first, second) = _sent(tmp_path, "1,2\n3,4\n", Layout(bare, Schema(features=("a", "b"))))
    assert [first["data"], second["data"]] == [[1, 2], [3, 4]]
    (event,) = _sent(tmp_path, "5 6 7\n", Layout(bare, Schema(features=("3", "1"), label="2")))
    assert event["data"] == [7, 5]
    with pytest.raises(NrtiError, match="has no column 'a', 'b', it has '1'"):
        _sent(tmp_path, "1,2,3\n", Layout(bare, Schema(features=("a", "b"))))
    with pytest.raises(
        NrtiError, match=r"it has values instead of names: '1', '2': write .* or add --no-header"
    ):
        _sent(tmp_path, "1,2\n3,4\n", _takes("1", "2"))
    with pytest.raises(NrtiError, match="is JSON lines, which names its values: leave out"):
        _sent(tmp_path, '{"a": 1}\n', Layout(bare))


def test_group_and_time_become_sensor_and_timestamp(tmp_path: Path) -> None:
    schema = Schema(features=("a",), group="unit", time="at", time_format="%d.%m.%Y")
    for text in ("unit,at,a\n7,02.01.1970,1\n", '{"unit": 7, "at": "02.01.1970", "data": [1]}\n'):
        (event,) = _sent(tmp_path, text, Layout(schema=schema))

        assert (event["sensor"], event["timestamp"], event["data"]) == ("7", 86_400_000, [1])


def test_a_row_needs_no_time_or_group_though_the_training_had_them(tmp_path: Path) -> None:
    layout = Layout(schema=Schema(features=("a",), group="unit", time="at"))

    assert "timestamp" not in _sent(tmp_path, "a\n1\n", layout)[0]
    with pytest.raises(NrtiError, match="has no column 'at'"):
        _sent(tmp_path, "a\n1\n", Layout(schema=layout.schema, named=("at",)))


def test_rows_that_name_their_models_have_all_their_columns(tmp_path: Path) -> None:
    (event,) = _sent(tmp_path, "model,x,y\nother,1,2\n", _takes("a"))

    assert event["data"] == [1, 2]


def test_an_object_with_data_is_an_event_as_it_is_whatever_the_model_takes(tmp_path: Path) -> None:
    layout = Layout(schema=Schema(features=("a", "b"), window=2, label="failed"))
    text = '{"data": [[1, 2], [3, 4]], "failed": 1, "event_id": "e", "timestamp": 7}\n'

    (event,) = _sent(tmp_path, text, layout)

    assert event == {"data": [[1, 2], [3, 4]], "event_id": "e", "timestamp": 7, "sensor": "s", "model": "m"}


#: Rows of two engines, a second apart, with a gap.
SIGNAL = "unit;at;a;b\n" + "".join(
    f"{unit};{second + (100 if second > 4 else 0)};{second};{unit}\n"
    for second in range(8)
    for unit in (1, 2)
)
WINDOWS = Schema(features=("a", "b"), group="unit", time="at", window=3, hop=1, max_gap=5)
SAID = "8 windows of 3 rows, one every 1; none spans the 2 gaps of more than 5.0 s"


def test_windows_have_the_time_of_their_last_row_and_ids_that_stay(tmp_path: Path) -> None:
    events = _sent(tmp_path, SIGNAL, Layout(schema=WINDOWS), SAID)

    assert events[0] == {
        "sensor": "1",
        "timestamp": 2_000,
        "event_id": "1-2000",
        "data": [[0, 1], [1, 1], [2, 1]],
        "model": "m",
    }
    assert [event["event_id"] for event in events] == [
        f"{unit}-{second}000" for unit in (1, 2) for second in (2, 3, 4, 107)
    ]
    assert _sent(tmp_path, SIGNAL, Layout(schema=WINDOWS), SAID) == events


def test_windows_of_one_channel_are_flat_and_rows_of_one_time_have_ids_of_their_own(tmp_path: Path) -> None:
    layout = Layout(schema=Schema(features=("a",), time="at", window=2, hop=1))

    events = _sent(
        tmp_path, "at,a\n1,1\n1,2\n1,3\n", layout,
        "2 windows of 2 rows, one every 1",
    )  # fmt: skip

    assert [(event["data"], event["event_id"]) for event in events] == [
        ([1, 2], "s-1000"),
        ([2, 3], "s-1000-1"),
    ]


def test_windows_without_times_are_cut_in_the_order_of_the_file(tmp_path: Path) -> None:
    layout = Layout(schema=Schema(features=("a",), window=2, hop=2))

    events = _sent(tmp_path, "a\n1\n2\n3\n4\n5\n", layout, "2 windows of 2 rows, one every 2")

    assert [(event["data"], event["event_id"]) for event in events] == [
        ([1, 2], "s-row-2"),
        ([3, 4], "s-row-4"),
    ]


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (SIGNAL, Layout(schema=WINDOWS)),
        (SIGNAL, Layout(schema=replace(WINDOWS, hop=2))),
        (SIGNAL.replace(";2;2;", ";2;;"), Layout(schema=replace(WINDOWS, missing="keep"))),
        (SIGNAL.replace(";2;2;", ";2;;"), Layout(schema=replace(WINDOWS, missing="drop"))),
        ("a\n1\n2\n3\n4\n", Layout(schema=Schema(features=("a",), window=2, hop=1))),
        ("at,a\n1,1\n1,2\n1,3\n", Layout(schema=Schema(features=("a",), time="at", window=2, hop=1))),
    ],
)
def test_the_windows_of_a_pipe_are_those_of_a_file(tmp_path: Path, text: str, layout: Layout) -> None:
    (tmp_path / "d").write_text(text)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text(text))
    writer.start()

    piped = list(read_events(str(tmp_path / "pipe"), DEFAULTS, layout=layout))

    writer.join()
    filed = list(read_events(str(tmp_path / "d"), DEFAULTS, layout=layout))
    # The file has its groups one after the other.
    assert sorted(piped, key=lambda event: event["sensor"]) == filed
    assert filed


def test_the_windows_before_a_fault_in_a_pipe_come_before_its_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    text = "a\n1\n2\n3\nx\n"
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text(text))
    writer.start()
    layout = Layout(schema=Schema(features=("a",), window=2, hop=1))

    events = read_events(str(tmp_path / "pipe"), DEFAULTS, layout=layout)

    assert [next(events)["data"], next(events)["data"]] == [[1, 2], [2, 3]]
    with pytest.raises(NrtiError, match="line 5, column 'a': 'x' is not a number"):
        next(events)
    writer.join()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit;at;a\n1;0;1\n", "has no column 'b'"),
        ("unit;a;b\n1;0;1\n", "has no column 'at'"),
        ("unit;at;a;b\n1;0;1;1\n1;1;1;1\n", "has no window of 3 rows; at most 2 are consecutive"),
        ("unit;at;a;b\n1;0;1;1\n1;1;x;1\n", "line 3, column 'a': 'x' is not a number"),
    ],
)
def test_a_file_of_which_no_windows_can_be_cut(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(NrtiError) as refused:
        _sent(tmp_path, text, Layout(schema=WINDOWS))

    assert said in str(refused.value)


def test_the_schema_of_a_model_is_what_its_document_says() -> None:
    assert Schema.of(json.loads(json.dumps(WINDOWS.document())) | {"shape": [3, 2]}) == WINDOWS
    for wrong in ({"features": "a"}, {"window": "3"}, {"missing": "maybe"}, {"time": 3}):
        with pytest.raises(ValueError, match="are not valid"):
            Schema.of(wrong)
