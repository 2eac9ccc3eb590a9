"""One table in all the forms and spellings that are read, and what is said of those that are not."""

from __future__ import annotations

import gzip
import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.training.dataset import from_table
from nrti_cli.producer.reading import read_events
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables import intervals
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.numbers import matrix
from nrti_cli.tables.reader import opened
from nrti_cli.tables.schema import Schema

ROWS = [(1, 2.5, 0), (-3, 4e3, 1)]
CSV = "a,b,event\n1,2.5,0\n-3,4e3,1\n"
OBJECTS = [dict(zip(("a", "b", "event"), row, strict=True)) for row in ROWS]
LINES = "".join(json.dumps(each) + "\n" for each in OBJECTS)


def parquet(table: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file)
    return file.getvalue()


def packed(content: bytes) -> bytes:
    """Gzip without the time of day, so that the tests have the same names in every process."""
    return gzip.compress(content, mtime=0)


PARQUET = parquet({"a": [1, -3], "b": [2.5, 4e3], "event": [0, 1]})
FORMS: dict[str, bytes] = {
    "commas": CSV.encode(),
    "semicolons": CSV.replace(",", ";").encode(),
    "tabs": CSV.replace(",", "\t").encode(),
    "bars": CSV.replace(",", "|").encode(),
    "blanks": b" a   b event\n  1  2.5  0 \n -3 4e3 \t 1\n",
    "CRLF": CSV.replace("\n", "\r\n").encode(),
    "quotes": b'"a","b","event"\n"1","2.5","0"\n"-3","4e3","1"',
    "empty lines": b"\n\n" + CSV.replace("\n", "\n\n").encode(),
    "mark": CSV.encode("utf-8-sig"),
    "UTF-16": CSV.encode("utf-16"),
    "UTF-16, big-endian": b"\xfe\xff" + CSV.encode("utf-16-be"),
    "gzip": packed(CSV.encode()),
    "gzip in two parts": packed(CSV[:12].encode()) + packed(CSV[12:].encode()),
    "gzip of UTF-16": packed(CSV.encode("utf-16")),
    "JSON lines": LINES.encode(),
    "JSON array": json.dumps(OBJECTS, indent=2).encode(),
    "JSON array in a line": json.dumps(OBJECTS).encode("utf-8-sig"),
    "gzip of JSON": packed(LINES.encode()),
    "parquet": PARQUET,
    "gzip of parquet": packed(PARQUET),
}


def fed(path: Path, content: bytes, pause: threading.Event | None = None) -> str:
    """A FIFO that gets a content, all of it or first all but its last line."""
    os.mkfifo(path)
    cut = content.rstrip().rfind(b"\n") + 1 if pause else len(content)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            pipe.write(content[:cut])
            if pause:
                pause.wait(20)
                pipe.write(content[cut:])

    threading.Thread(target=write, daemon=True).start()
    return str(path)


def write(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "table").write_bytes(content)
    return str(tmp_path / "table")


def numbers(name: str) -> list[list[float]]:
    with opened(name) as table:
        assert table.names == ("a", "b", "event")
        return np.concatenate([matrix(block, table.names) for block in table.blocks]).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("piped", [False, True])
def test_a_table_is_the_same_in_all_forms_from_files_and_pipes(
    tmp_path: Path, form: str, *, piped: bool
) -> None:
    name = fed(tmp_path / "pipe", FORMS[form]) if piped else write(tmp_path, FORMS[form])

    assert numbers(name) == [list(row) for row in ROWS]


def test_standard_input_is_a_file_called_minus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(write(tmp_path, CSV.encode())).open() as file:
        monkeypatch.setattr("sys.stdin", file)

        assert numbers("-") == [list(row) for row in ROWS]


@pytest.mark.parametrize("form", ["commas", "JSON lines", "JSON array", "mark"])
def test_the_rows_of_a_pipe_are_there_as_soon_as_their_lines_are(tmp_path: Path, form: str) -> None:
    content = {"JSON array": b'[{"a": 1},\n{"a": 2}]\n'}.get(form, FORMS[form])
    more = threading.Event()
    events = read_events(fed(tmp_path / "pipe", content, more), Defaults("m", None, ("s",), None))

    assert next(events)["data"][0] == 1
    more.set()
    assert len(list(events)) == 1


def test_lists_of_parquet_lie_side_by_side(tmp_path: Path) -> None:
    name = write(tmp_path, parquet({"id": ["x", "y"], "data": [[1, 2], [3, 4]], "c": [5, 6]}))
    with opened(name) as table:
        (block,) = table.blocks

    assert matrix(block, ["data", "c"]).tolist() == [[1, 2, 5], [3, 4, 6]]


@pytest.mark.parametrize("length", [1, 50, 200_000])
def test_a_value_in_quotes_may_hold_separators_and_line_breaks(tmp_path: Path, length: int) -> None:
    text = "x,\n" * length
    name = write(tmp_path, f'id,a\n"{text}",1\n"y",2\n'.encode())
    with opened(name) as table:
        ids = [value for block in table.blocks for value in block.columns["id"].to_pylist()]

    assert ids == [text, "y"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: use a file"),
        (b" \n\n", "is empty: use a file"),
        (b"\xef\xbb\xbf", "is empty: use a file"),
        (packed(b""), "is empty: use a file"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0docProps/app.xml", "is an Excel workbook: save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook: save it as CSV"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0data.csv", "is a zip archive: unpack it"),
        (
            b"PK\x03\x04\x14\0\x06\0\x08\0data.npy",
            "is an archive of NumPy: save its arrays as parquet or CSV",
        ),
        (b"BZh91AY&SY", "is compressed by bzip2"),
        (b"\x28\xb5\x2f\xfd\x04", "is compressed by zstd"),
        (CSV.encode("utf-16-le"), "is not text (it has NUL bytes)"),
        (packed(CSV.encode())[:-9], "is compressed by gzip and truncated"),
        (packed(CSV.encode())[:-8] + b"damage!!", "is compressed by gzip and damaged"),
        (b"\xff\xfe\x00\xd8\x00\x00", "has the mark of UTF-16, but is not"),
        (b"PAR1 and nonsense", "is a damaged parquet file"),
        (PARQUET[:-60], "is a damaged parquet file"),
        (b"a,\xb0C\n1,2\n", "line 1: it is not UTF-8 text: convert it"),
        (b"a,b\n1,2\n1,\xb0\n", "line 3: it is not UTF-8 text: convert it"),
        (b"1,95,12\n20,20,20\n", "line 1: it has values instead of names: '1', '95', '12'"),
        (b"2026-01-01,a\n2026-01-02,b\n", "line 1: it has values instead of names"),
        (b"pump-1,12,80,9\npump-2,3,4,5\n", "line 1: it has values instead of names"),
        (b"a,,\n1,2,3\n", "line 1: two columns have no name"),
        (b"a,b,a\n1,2,3\n", "line 1: two columns are called 'a'"),
        (b"a,b\n1,2\n\n1\n", "line 4: 1 values under 2 columns"),
        (b'a,b\n1,2\n1,"2\n3\n', "line 3: a quotation mark is not closed"),
        (b'{"a": 1}\n{"a": 2\n', "line 2: not JSON (Expecting ',' delimiter at character 8)"),
        (b'{"a": 1}\n[1]\n', "line 2: it is not a JSON object"),
        (b'{"a": 1}\n{"a": \xb0}\n', "line 2: it is not UTF-8 text"),
        (b'{"a": NaN}\n', "line 1: not JSON (NaN is not a finite number)"),
        (b'{"a": ' + b"[" * 100_000, "line 1: not JSON ("),
        (b'{"a": ' + b"9" * 5_000 + b"}", "line 1: not JSON ("),
        (b'[{"a": 1},\n {"a": }]', "line 2: not JSON (Expecting value at character 8)"),
        (b'[{"a": 1},\n 2]', "line 2: '2' instead of an object"),
        (b'[{"a": 1},\n {"a": 1}', "line 2: the array does not end"),
        (b'[{"a": 1}]\n[{"a": 1}]', "line 2: '[' instead of an object"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    name = write(tmp_path, content)

    with pytest.raises(NrtiError) as refused, opened(name) as table:
        list(table.blocks)

    assert said in str(refused.value)
    assert str(refused.value).startswith(name)


@pytest.mark.parametrize(
    "header",
    [
        "id,0,1,2,event",
        ",0,1,2",
        "1100.5,1102.5,kind",
        "a,b,c,d",
        "0,1,2,3",
    ],
)
def test_a_first_line_of_names(tmp_path: Path, header: str) -> None:
    values = ["4.5" if name else "0" for name in header.split(",")]
    refused = header == "0,1,2,3"  # these might be values just as well
    try:
        with opened(write(tmp_path, f"{header}\n{','.join(values)}\n".encode())) as table:
            assert table.names == tuple(name or "Unnamed: 0" for name in header.split(","))
    except NrtiError:
        assert refused
    else:
        assert not refused


@pytest.mark.parametrize("name", ["absent.csv", ".", "", "a" * 500])
def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NrtiError, match="cannot be read"), opened(name) as table:
        list(table.blocks)


@pytest.mark.parametrize("name", ["s3://bucket/key.csv", "s3:/bucket/key.csv", "S3:/b"])
def test_an_address_in_s3_is_no_file(name: str) -> None:
    with (
        pytest.raises(NrtiError, match=f"^{name} is not a file on this machine: copy it from S3"),
        opened(name),
    ):
        pass


def _long(length: int) -> Iterator[str]:
    word = "x" * length
    yield f"{word},b\n1,2\n"
    yield ",".join(f"{word}{n}" for n in range(9)) + "\n" + ",".join("1" * 9) + "\n"
    yield f"a,event\n{word},1\n"
    yield f"a,event\n1,{word}\n"
    yield f"a,timestamp,event\n1,{word},1\n"
    yield f"a,timestamp,event\n1,{'9' * length},1\n"
    yield f'{{"{word}": "{word}"}}\n'
    yield f'{{"data": [1], "{word}": "{word}"}}\n'
    yield f'{{"data": ["{word}"], "event": 1}}\n'
    yield f"{word}\nx\n"
    yield ",".join("1" * length) + "\n"


@pytest.mark.parametrize("text", list(_long(7_000)), ids=range(11))
def test_a_message_is_short_however_much_the_file_holds(tmp_path: Path, text: str) -> None:
    (tmp_path / "d").write_text(text)
    name = str(tmp_path / "d")
    word = "y" * 7_000
    asking = Schema(features=tuple(f"{word}{n}" for n in range(99)), group=word, time=word)
    asked = Layout(schema=asking, named=(word,))
    for read in (
        lambda: list(read_events(name, Defaults("m", 3, ("s",), None))),
        lambda: list(read_events(name, Defaults("m", 3, ("s",), None), layout=asked)),
        lambda: _dataset(name),
        lambda: _dataset(name, Schema(positive=(word,), missing="drop")),
        lambda: _dataset(name, Schema(time="a", time_format=word)),
        lambda: _dataset(name, Schema(window=2, label="b", features=("a",))),
        lambda: intervals.read_intervals(name, Schema()),
    ):
        with pytest.raises(NrtiError) as refused:
            read()
        assert len(str(refused.value).removeprefix(name)) <= 290


def _dataset(name: str, schema: Schema = Schema()) -> None:  # noqa: B008 (it cannot be changed)
    with opened(name) as table:
        from_table(table, schema)
