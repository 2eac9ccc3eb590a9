"""The state is written only over the state that was read."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from nrti_cli.remote.alerts_function.rules import RULES_KEY
from nrti_cli.remote.alerts_function.store import ConflictError, Store
from tests.unit.remote.alerts.conftest import ClientOf, MemoryS3, rule


def test_before_the_first_evaluation_there_is_nothing(store: Store) -> None:
    assert (store.rules(), store.state()) == ([], ({}, ""))


def test_rules_of_a_later_release_are_read(store: Store, s3: MemoryS3) -> None:
    silence = rule("silence", seconds=300.0, sensor="a")
    s3.objects[RULES_KEY] = json.dumps({"rules": [silence.document() | {"new": 1}]}).encode()

    assert store.rules() == [silence]


@pytest.mark.parametrize("exists", [False, True])
def test_of_two_evaluations_at_once_one_counts(store: Store, s3: MemoryS3, exists: bool) -> None:
    if exists:
        s3.state = {"evaluated_at": 0}
    state, etag = store.state()
    store.put({"evaluated_at": 1}, etag)

    with pytest.raises(ConflictError):
        store.put({**state, "evaluated_at": 2}, etag)
    assert s3.state == {"evaluated_at": 1}


def test_a_change_is_made_again_on_what_another_one_wrote(store: Store, s3: MemoryS3) -> None:
    s3.state = {"a": 1}
    s3.meanwhile.append(lambda: setattr(s3, "state", {"a": 1, "b": 1}))

    store.change(lambda state: state.update(c=1))

    assert s3.state == {"a": 1, "b": 1, "c": 1}


def test_no_change_is_not_written(store: Store, s3: MemoryS3) -> None:
    s3.state = {"a": 1}

    assert store.change(lambda state: state["a"]) == 1
    assert s3.writes == 0


def test_other_errors_are_raised(client_of: ClientOf) -> None:
    client, stubber = client_of("s3")
    stubber.add_client_error("put_object", "SlowDown")
    stubber.add_client_error("get_object", "AccessDenied")
    store = Store(client, "artifacts")

    with pytest.raises(ClientError, match="SlowDown"):
        store.put({}, "e")
    with pytest.raises(ClientError, match="AccessDenied"):
        store.state()
