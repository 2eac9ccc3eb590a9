"""Patches to what ministack keeps: `nrti_local.durability.saved` saves the state of its services instead."""

from __future__ import annotations

from nrti_local.durability.saved import blobs, numbers
from nrti_local.durability.saved.items import CHANGES
from nrti_local.ministack.patch import Patch

_LAMBDA = "ministack.services.lambda_svc"
_DYNAMODB = "ministack.services.dynamodb"


PATCHES = (
    Patch(
        _LAMBDA,
        "_write_code_blob",
        "Code is a file beside the state, which a snapshot that fails would leave without it.",
        lambda _: blobs.write,
    ),
    Patch(
        _LAMBDA,
        "_read_code_blob",
        "As _write_code_blob; and code that is missing is taken for empty.",
        lambda _: blobs.read,
    ),
    Patch(
        _LAMBDA,
        "_prune_orphan_code_blobs",
        "As _write_code_blob.",
        lambda _: blobs.keep_only,
    ),
    Patch(
        _DYNAMODB,
        "_set_item",
        "Nothing tells which items changed, so that every snapshot would write all of them.",
        CHANGES.recording,
    ),
    Patch(
        _DYNAMODB,
        "_remove_item",
        "As _set_item.",
        CHANGES.recording,
    ),
    Patch(
        _DYNAMODB,
        "_items_replaced",
        "As _set_item.",
        CHANGES.recording_whole,
    ),
    Patch(
        "ministack.services.kinesis",
        "_next_sequence_number",
        "A clock that is set back makes numbers that are lower than those before.",
        lambda _: numbers.KINESIS.next,
    ),
    Patch(
        _DYNAMODB,
        "_next_stream_seq",
        "As kinesis._next_sequence_number.",
        lambda _: numbers.TABLES.next,
    ),
)
