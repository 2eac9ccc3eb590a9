"""What batch transform makes of records: payloads, filters, joins."""

from __future__ import annotations

import io
from typing import Any

import pytest

from nrti_local.sagemaker.batch.jsonpath import FilterError, compiled
from nrti_local.sagemaker.batch.processing import Processing
from nrti_local.sagemaker.batch.records import RecordError, payloads

RECORD = {"id": 7, "features": [1, 2, 3], "deep": {"er": "x"}}
CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"


def processing(content_type: str, accept: str = "", **asked: str) -> Processing:
    job = {
        "TransformInput": {"ContentType": content_type},
        "TransformOutput": {"Accept": accept or content_type},
    }
    found = Processing.of({**job, "DataProcessing": asked})
    found.check()
    return found


def cut(body: bytes, **how: Any) -> list[list[bytes]]:
    return list(payloads(io.BytesIO(body), **{"lines": True, "many": True, "limit": 100, **how}))


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("$", RECORD),
        ("$.features", [1, 2, 3]),
        ("$['features']", [1, 2, 3]),
        ("$.features[0]", 1),
        ("$.features[-1]", 3),
        ("$.features[0, 2]", [1, 3]),
        ("$.features[1:]", [2, 3]),
        ("$.features[:-1]", [1, 2]),
        ("$.features[*]", [1, 2, 3]),
        ("$.deep.*", ["x"]),
        ("$['id','deep']", {"id": 7, "deep": {"er": "x"}}),
    ],
)
def test_a_filter_takes_its_part(expression: str, taken: Any) -> None:
    assert compiled(expression)(RECORD) == taken


@pytest.mark.parametrize("expression", ["", "features", "$features", "$.", "$[?(@.a)]", "$[a]", "$.a["])
def test_what_is_no_filter_is_refused(expression: str) -> None:
    with pytest.raises(FilterError):
        compiled(expression)


@pytest.mark.parametrize("expression", ["$.none", "$[0]", "$.features[9]", "$.id[0]", "$.id.x"])
def test_a_filter_that_finds_nothing_says_so(expression: str) -> None:
    with pytest.raises(FilterError, match="finds nothing in a record"):
        compiled(expression)(RECORD)


def test_a_payload_has_as_many_lines_as_fit() -> None:
    assert cut(b"aa\nbb\ncc\n", limit=6) == [[b"aa", b"bb"], [b"cc"]]
    assert cut(b"aa\nbb\ncc", limit=0) == [[b"aa", b"bb", b"cc"]]
    assert cut(b"aa\nbb", many=False) == [[b"aa"], [b"bb"]]
    assert cut(b"aa\nbb\n", lines=False) == [[b"aa\nbb\n"]]
    assert cut(b"") == []


def test_a_record_that_is_too_large_is_refused() -> None:
    with pytest.raises(RecordError, match="Too much data for max payload size"):
        cut(b"aa\nbbbb\n", limit=3)


def test_lines_of_csv_are_filtered_and_joined() -> None:
    found = processing(CSV, InputFilter="$[1:]", JoinSource="Input", OutputFilter="$[0,-1]")
    records = [b'7,"a, b",2', b"8,c,4"]
    assert [found.model_input(record) for record in records] == [b'"a, b",2', b"c,4"]
    assert found.assemble(records, b"0\n1\n") == b"7,0\n8,1"


def test_lines_of_json_are_joined_under_the_members_that_aws_names() -> None:
    found = processing(LINES, InputFilter="$.features", JoinSource="Input")
    assert found.model_input(b'{"id": 7, "features": [1, 2]}') == b"[1,2]"
    records = [b'{"id":7}', b"[1,2]"]
    joined = b'{"id":7,"SageMakerOutput":0}\n{"SageMakerInput":[1,2],"SageMakerOutput":1}'
    assert found.assemble(records, b"0\n1\n") == joined


def test_an_answer_is_filtered_without_the_input() -> None:
    found = processing(CSV, JSON, OutputFilter="$['predictions']")
    assert found.assemble([b"1"], b'{"predictions": [1], "more": 2}') == b"[1]"


def test_another_number_of_results_cannot_be_joined() -> None:
    with pytest.raises(RecordError, match="cannot join 2 records and 1 results"):
        processing(CSV, JoinSource="Input").assemble([b"1", b"2"], b"0\n")


@pytest.mark.parametrize(("content_type", "record"), [(CSV, b"\xff"), (JSON, b"{"), (LINES, b""), (CSV, b"")])
def test_a_record_of_another_format_is_named(content_type: str, record: bytes) -> None:
    with pytest.raises(RecordError, match="not"):
        processing(content_type, InputFilter="$[0]").model_input(record)


@pytest.mark.parametrize(
    ("content_type", "accept", "asked", "text"),
    [
        (CSV, JSON, {"JoinSource": "Input"}, "ContentType and Accept differ"),
        ("image/png", CSV, {"InputFilter": "$[0]"}, "the job has image/png"),
        ("", CSV, {"InputFilter": "$[0]"}, "the job has no content type"),
        (CSV, CSV, {"OutputFilter": "[0]"}, "does not begin with"),
    ],
)
def test_a_filter_that_cannot_work_is_refused_at_once(
    content_type: str, accept: str, asked: dict[str, str], text: str
) -> None:
    with pytest.raises(FilterError, match=text):
        processing(content_type, accept, **asked)
