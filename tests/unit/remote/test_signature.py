from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.signature import CSV, JSON_LINES, Signature

ROWS: list[Any] = [[1, 2.5], [3, 4]]
CHANNELS: list[Any] = [[[1, 2], [3, 4], [5, 6]]]


@pytest.mark.parametrize(
    ("signature", "rows", "body"),
    [
        (Signature(), ROWS, b'{"instances": [[1, 2.5], [3, 4]]}'),
        (Signature(), CHANNELS, b'{"instances": [[[1, 2], [3, 4], [5, 6]]]}'),
        (Signature(content_type=CSV), ROWS, b"1,2.5\n3,4\n"),
        (Signature(content_type=CSV), CHANNELS, b"1,2,3,4,5,6\n"),
        (Signature(content_template="$records"), ROWS, b"[[1, 2.5], [3, 4]]"),
        (
            Signature(record_template='{"features": $features}'),
            ROWS,
            b'{"instances": [{"features": [1, 2.5]}, {"features": [3, 4]}]}',
        ),
        (
            Signature(content_type=JSON_LINES, record_template='{"x": $features}'),
            ROWS,
            b'{"x": [1, 2.5]}\n{"x": [3, 4]}\n',
        ),
        (
            Signature(content_template='{"inputs": [{"name": "x", "shape": $shape, "data": $records}]}'),
            CHANNELS,
            b'{"inputs": [{"name": "x", "shape": [1, 3, 2], "data": [[[1, 2], [3, 4], [5, 6]]]}]}',
        ),
    ],
)
def test_rows_are_asked_about_in_the_declared_form(
    signature: Signature, rows: list[Any], body: bytes
) -> None:
    assert signature.request(rows) == body


def test_a_document_gives_the_signature_and_may_say_more() -> None:
    document = {"content_type": CSV, "failure_labels": ["-1"], "inputs": {"names": ["a"]}}

    assert Signature.of(json.loads(json.dumps(document))) == Signature(
        content_type=CSV, failure_labels=("-1",)
    )
