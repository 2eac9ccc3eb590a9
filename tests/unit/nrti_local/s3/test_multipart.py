"""The end of an upload in parts."""

from __future__ import annotations

import pytest

from nrti_local.s3 import multipart
from tests.unit.nrti_local.asgi import Answer, Fake, ask

MIB = 1024 * 1024


def _ended(numbers: list[int], sizes: dict[int, int]) -> tuple[Answer, Fake]:
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>e</ETag><Size>{size}</Size></Part>"
        for number, size in sizes.items()
    )
    ministack = Fake(200, f"<List><IsTruncated>false</IsTruncated>{parts}</List>".encode())
    body = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>e</ETag></Part>" for n in numbers).encode()
    answer = ask(multipart.before(ministack), "s3", path="/bucket/key", query="uploadId=u%2F1", body=body)
    assert ministack.asked[0][0]["query_string"] == b"uploadId=u%2F1&part-number-marker=0"
    return answer, ministack


@pytest.mark.parametrize(
    ("numbers", "sizes", "code"),
    [
        ([1, 2], {1: 5 * MIB, 2: 1}, None),
        ([1], {1: 1}, None),
        ([], {1: 1}, "MalformedXML"),
        ([3, 7], {3: 5 * MIB, 7: 5 * MIB}, None),
        ([2, 1], {1: 5 * MIB, 2: 5 * MIB}, "InvalidPartOrder"),
        ([1, 1], {1: 5 * MIB}, "InvalidPartOrder"),
        ([1, 2], {1: 5 * MIB - 1, 2: 5 * MIB}, "EntityTooSmall"),
        ([1, 2], {2: 1}, None),  # ministack says that a part was never sent
        ([1, 2, 9], {1: 5 * MIB, 2: 1}, None),
    ],
)
def test_parts(numbers: list[int], sizes: dict[int, int], code: str | None) -> None:
    answer, ministack = _ended(numbers, sizes)

    assert answer.status == (400 if code else 200)
    assert len(ministack.asked) == (1 if code else 2)
    if code:
        assert f"<Code>{code}</Code>".encode() in answer.body


def test_other_requests_pass() -> None:
    ministack = Fake()

    ask(multipart.before(ministack), "s3", method="PUT", path="/bucket/key", query="partNumber=1&uploadId=u")

    assert len(ministack.asked) == 1
