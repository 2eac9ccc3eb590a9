"""Athena's access to S3 and Glue through ministack's APIs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ministack.core.responses import request_scope
from ministack.services import glue, s3

from nrti_local.athena.catalog import store
from nrti_local.athena.catalog.store import AwsStore
from nrti_local.athena.errors import AthenaError
from nrti_local.server.shared.ask import ask, ask_json

_KEYS = ["t/day=1/a", "t/day=1/b & <c> \"d\" 'e' ü", "t/day=2/a", "t/top", "u/a"]


@pytest.fixture(autouse=True)
def aws() -> Iterator[AwsStore]:
    with request_scope("000000000000", "eu-central-2"):
        ask(s3, "PUT", "/stored")
        for key in _KEYS:
            ask(s3, "PUT", f"/stored/{key}", key.encode())
        yield AwsStore()
        s3.reset()
        glue.reset()


def test_objects_have_their_keys_and_sizes(aws: AwsStore) -> None:
    assert aws.objects("stored", "t/") == sorted((key, len(key.encode())) for key in _KEYS[:4])
    assert aws.objects("missing", "t/") == []


def test_a_listing_of_several_pages_is_complete(aws: AwsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PAGE", 1)

    assert [key for key, _ in aws.objects("stored", "t/")] == sorted(_KEYS[:4])
    assert aws.folders("stored", "t/") == ["t/day=1/", "t/day=2/"]


def test_folders_end_at_the_next_slash(aws: AwsStore) -> None:
    assert aws.folders("stored", "t/day=") == ["t/day=1/", "t/day=2/"]
    assert aws.folders("stored", "") == ["t/", "u/"]


def test_contents_are_read_by_key(aws: AwsStore) -> None:
    assert aws.content("stored", _KEYS[1]) == _KEYS[1].encode()
    assert aws.content("stored", "missing") is None


def test_no_file_outside_of_the_bucket_is_an_object(aws: AwsStore) -> None:
    assert aws.file("stored", "../other/key") is None


def test_the_catalog_is_read_and_changed(aws: AwsStore) -> None:
    ask_json(glue, "AWSGlue.CreateDatabase", {"DatabaseInput": {"Name": "d"}})
    aws.create_table("d", {"Name": "t", "PartitionKeys": []})

    assert aws.has_database("d")
    assert not aws.has_database("e")
    assert (aws.databases(), aws.tables("d")) == (["d"], ["t"])
    table = aws.table("d", "t")
    assert table
    assert table["Name"] == "t"
    with pytest.raises(AthenaError, match="already exists"):
        aws.create_table("d", {"Name": "t"})
    aws.drop_table("d", "t")
    assert aws.table("d", "t") is None
