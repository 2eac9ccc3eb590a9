"""Which sensors are silent, with as few reads as possible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nrti_cli.remote.alerts_function.readings import Reading
from nrti_cli.remote.alerts_function.silence import silence
from nrti_cli.remote.alerts_function.table import Table, time_key
from tests.unit.remote.alerts.conftest import MINUTE, NOW, ClientOf, rule, stored

FIVE = rule("silence", seconds=300)


def test_a_sensor_that_was_heard_is_not_asked_for(client_of: ClientOf) -> None:
    client, _ = client_of("dynamodb")
    kept = {"heard": {"a": NOW - MINUTE}}

    assert not silence(FIVE, kept, ["a"], Table(client, "t"), NOW).active


def test_a_silent_sensor_is_named_with_its_last_event(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    stubber.add_response("query", {"Items": [stored(NOW - 7 * MINUTE)]})
    stubber.add_response("query", {"Items": [stored(NOW - 7 * MINUTE)]})
    kept = {"heard": {"a": NOW - 9 * MINUTE, "b": NOW}}

    reading = silence(FIVE, kept, ["a", "b"], Table(client, "t"), NOW)

    assert reading.active == {"a": "no event for 7m, since 2026-11-22 12:23:00 UTC"}
    assert reading.note == "1 of 2 silent"
    assert kept["heard"]["a"] == NOW - 7 * MINUTE


def test_a_sensor_that_sends_again_is_no_longer_silent(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    stubber.add_response("query", {"Items": [stored(NOW - 10_000)]})

    reading = silence(FIVE, {"heard": {"a": NOW - 9 * MINUTE}}, ["a"], Table(client, "t"), NOW)

    assert reading == Reading(note="an event in the last minute")


def test_a_sensor_that_never_sent_is_silent_since_the_rule_was_added(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    for _ in range(2):
        stubber.add_response("query", {"Items": []})

    reading = silence(FIVE, {}, ["a"], Table(client, "t"), NOW)

    assert reading.active == {"a": "no event for 1h, since 2026-11-22 11:30:00 UTC"}


def test_a_sensor_that_never_sent_was_not_heard_in_the_last_minute(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    for _ in range(2):
        stubber.add_response("query", {"Items": []})
    new = replace(FIVE, added_at=NOW - 10_000)

    reading = silence(new, {}, ["a"], Table(client, "t"), NOW)

    assert reading == Reading(note="no event since the rule was added")


def test_one_event_from_the_future_does_not_make_its_sensor_silent(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    years_ahead = {**stored(NOW + 10**11), "predicted_at": {"N": f"{NOW - 60 * MINUTE}"}}
    query: dict[str, Any] = {
        "TableName": "t",
        "KeyConditionExpression": "sensor = :sensor AND event_key <= :until",
        "ProjectionExpression": "predicted_at",
        "ScanIndexForward": False,
        "Limit": 1,
    }
    for item, until in ((years_ahead, "~"), (stored(NOW - 1000), time_key(NOW + 10 * MINUTE))):
        values = {":sensor": {"S": "a"}, ":until": {"S": until}}
        stubber.add_response("query", {"Items": [item]}, {**query, "ExpressionAttributeValues": values})

    assert not silence(FIVE, {}, ["a"], Table(client, "t"), NOW).active


def test_sensors_that_are_not_watched_any_more_are_forgotten(client_of: ClientOf) -> None:
    client, _ = client_of("dynamodb")
    kept = {"heard": {"a": NOW, "b": NOW}}

    silence(FIVE, kept, ["b"], Table(client, "t"), NOW)

    assert kept["heard"] == {"b": NOW}


def test_without_sensors_nothing_is_silent(client_of: ClientOf) -> None:
    client, _ = client_of("dynamodb")

    assert silence(FIVE, {}, [], Table(client, "t"), NOW) == Reading(note="no sensor is known yet")


def test_a_sensor_is_silent_since_its_last_event_although_the_rule_is_new(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    for _ in range(2):
        stubber.add_response("query", {"Items": [stored(NOW - 90 * MINUTE)]})

    reading = silence(FIVE, {}, ["a"], Table(client, "t"), NOW)

    assert reading.active == {"a": "no event for 1h30m, since 2026-11-22 11:00:00 UTC"}
