from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event, defect
from nrti_cli.producer.reading import check, read_events
from nrti_cli.producer.sources import Defaults, random_events
from nrti_cli.tables.formats.inputs import is_live

DEFAULTS = Defaults(model="failure-v1", length=3, sensors=("s",), seed=5)

TWO_MEGABYTES = f'{{"data": [1, 2, 3], "event_id": "{"x" * 100}"}}\n' * 15_000


def write(path: Path, text: str) -> str:
    (path / "events").write_text(text)
    return str(path / "events")


def read(path: Path, text: str, defaults: Defaults = DEFAULTS) -> list[Event]:
    return list(read_events(write(path, text), defaults))


def test_random_events_follow_the_schema_and_the_seed() -> None:
    defaults = Defaults("m", 8, ("a", "b"), 5)
    events = list(islice(random_events(defaults), 500))
    assert not any(map(defect, events))
    assert {event["sensor"] for event in events} == {"a", "b"}
    assert {number for event in events for number in event["data"]} == set(range(100))
    assert events == list(islice(random_events(defaults), 500))
    assert "event_id" not in events[0]


def test_input_without_rows_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match=r"events has no events: use a file of JSON lines, CSV or parquet"):
        read(tmp_path, "a,b,c\n")


def test_a_table_with_a_column_too_many_says_how_to_choose(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match=r"4 numbers, .* takes 3: correct the file, or choose .* --features"):
        read(tmp_path, "a,b,c,d\n1,2,3,4\n")
    with pytest.raises(NrtiError, match=r"4 numbers, but the model failure-v1 takes 3: correct the file$"):
        read(tmp_path, '{"data": [1, 2, 3, 4]}\n')


def test_json_lines_keep_what_they_say_and_get_what_they_lack(tmp_path: Path) -> None:
    text = (
        '{"data": [1, 2.5, 3]}\n\n'
        '{"sensor": "x", "model": "other", "data": [1], "event_id": "e", "timestamp": 7}\n'
    )
    assert read(tmp_path, text) == [
        {"sensor": "s", "model": "failure-v1", "data": [1, 2.5, 3]},
        {"sensor": "x", "model": "other", "data": [1], "event_id": "e", "timestamp": 7},
    ]


def test_csv_columns_go_to_their_fields_and_the_others_are_the_sequence(tmp_path: Path) -> None:
    text = (
        "\ufeffid,timestamp,t0,t1,t2,event\r\n"
        "a,1700000000123,1,2.5,-3e2,1\r\n"
        "b,2014-01-02 03:04:05,4,5,6,0\r\n"
        "c,2014-01-02T03:04:05.250+01:00,7,8,9,0\r\n"
    )
    assert read(tmp_path, text) == [
        {
            "event_id": "a",
            "timestamp": 1700000000123,
            "data": [1, 2.5, -300.0],
            "sensor": "s",
            "model": "failure-v1",
        },
        {
            "event_id": "b",
            "timestamp": 1388631845000,
            "data": [4, 5, 6],
            "sensor": "s",
            "model": "failure-v1",
        },
        {
            "event_id": "c",
            "timestamp": 1388628245250,
            "data": [7, 8, 9],
            "sensor": "s",
            "model": "failure-v1",
        },
    ]


def test_csv_may_name_sensors_and_models(tmp_path: Path) -> None:
    assert read(tmp_path, "sensor,model,a\npump,other,1\n") == [
        {"sensor": "pump", "model": "other", "data": [1]}
    ]


def test_events_without_a_sensor_take_turns_so_that_a_file_has_the_same_keys_again(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("id,timestamp,a,b,c\n" + "".join(f"e{n},1763820000000,1,2,{n}\n" for n in range(4)))
    defaults = replace(DEFAULTS, sensors=("x", "y"), seed=None)

    once, again = (list(read_events(str(file), defaults)) for _ in range(2))

    assert [event["sensor"] for event in once] == ["x", "y", "x", "y"]
    assert once == again


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"data": [1, 2, 3]}\n{"data": [1, 2]\n', "line 2: not JSON"),
        ('{"data": [1, 2, "3"]}\n', "line 1: event.data[2] must be number"),
        ('{"data": [1, 2, 1e999]}\n', "line 1: event.data[2] must be smaller"),
        ('{"data": [1, 2]}\n', "line 1: 2 numbers, but the model failure-v1 takes 3"),
        ('{"data": [1]}\n', "line 1: 1 number, but the model failure-v1 takes 3"),
        ('{"data": [1, 2, 3], "sensr": "x"}\n', "line 1: event must not contain {'sensr'}"),
        ('{"data": [1, 2, 3], "timestamp": "noon"}\n', "line 1, column 'timestamp': 'noon' is neither"),
        ("a,b,c\n1,2,3\n\n1,2\n", "line 4: 2 values under 3 columns"),
        ("a,b,c\n1,2,three\n", "line 2, column 'c': 'three' is not a number"),
        ("a,b,c\n1,2,nan\n", "line 2, column 'c': the value is missing"),
        ("a,b,c\n1,2,\n", "line 2, column 'c': the value is missing"),
        ("a,b,c,timestamp\n1,2,3,noon\n", "line 2, column 'timestamp': 'noon' is neither"),
        ("a,b\n1,2\n", "line 2: 2 numbers, but the model failure-v1 takes 3"),
        ("id,event\n1,2\n", "has no column with numbers of the sequence, only 'id', 'event'"),
    ],
)
def test_a_line_that_is_no_event_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(NrtiError) as error:
        read(tmp_path, text)
    assert problem in str(error.value)


def test_an_event_without_a_model_needs_one_to_choose(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match=r"line 1: event must contain \['model'\]"):
        read(tmp_path, '{"data": [1]}\n', Defaults(None, None, ("s",), None))


@pytest.mark.parametrize("text", ["", "a,b,c\n"])
def test_a_file_without_events_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(NrtiError, match=r"has no events|is empty"):
        check(write(tmp_path, text), DEFAULTS)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n" + "1,2,3\n" * 50 + "1,2,x\n" + "1,2,3\n",
        "a,b,c\n" + "1,2,3\n" * 50 + "1,2\n" + "1,2,3\n",
        '{"data": [1, 2, 3]}\n' * 50 + "oops\n",
        '{"data": [1, 2, 3]}\n' * 50 + '{"data": [1]}\n',
        '{"a": 1, "b": 2, "c": 3}\n' * 50 + '{"a": 1}\n',
        "[" + '{"data": [1, 2, 3]},\n' * 50 + "oops",
    ],
)
def test_the_events_before_a_fault_come_before_its_error(tmp_path: Path, text: str) -> None:
    events = read_events(write(tmp_path, text), DEFAULTS)

    assert [event["data"] for event in islice(events, 50)] == [[1, 2, 3]] * 50
    with pytest.raises(NrtiError, match=r"line 5[012]"):
        next(events)


def test_a_training_file_can_be_sent_whichever_form_it_has(tmp_path: Path) -> None:
    for text in (
        "id,a,b,c,event\nx,1,2.5,3,1\n",
        "id;a;b;c;event\nx;1;2.5;3;1\n",
        '{"id": "x", "a": 1, "b": 2.5, "c": 3, "event": 1}\n',
        '[{"id": "x", "data": [1, 2.5, 3], "event": 1}]',
    ):
        (event,) = read(tmp_path, text)
        assert (event["event_id"], event["data"]) == ("x", [1, 2.5, 3])


def test_a_huge_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    events = read_events(write(tmp_path, TWO_MEGABYTES + "broken"), DEFAULTS)
    assert len(list(islice(events, 10))) == 10


def test_the_share_that_was_read_grows_to_the_whole(tmp_path: Path) -> None:
    shares: list[float | None] = []
    assert check(write(tmp_path, TWO_MEGABYTES), DEFAULTS, shares.append) == 15_000
    assert shares == sorted(shares, key=lambda share: share or 0)
    assert len(shares) > 2
    assert shares[-1] == 1


def test_only_files_can_be_checked_beforehand(tmp_path: Path) -> None:
    assert is_live("-")
    assert not is_live(write(tmp_path, ""))
    assert not is_live(str(tmp_path / "missing"))
