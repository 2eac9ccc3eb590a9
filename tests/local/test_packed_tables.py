"""A table whose items and stream are packed answers as a stock one does, whatever it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ministack.services import dynamodb

from nrti_local.durability.packed.items import Items
from tests.local import patched
from tests.local.packed_tables import TABLE, Step, changes, item, key, puts, tables

ONE: Step = ("PutItem", {"TableName": "table", "Item": item("h", "1", g={"S": "g"}, l={"L": [{"N": "1"}]})})
OTHER: Step = ("PutItem", {"TableName": "table", "Item": item("h", "2", m={"M": {"a": {"S": "b"}}})})
ALL: list[Step] = [
    ("Scan", {"TableName": "table"}),
    ("Scan", {"TableName": "table", "IndexName": "by-g"}),
]


def _both(steps: list[Step]) -> None:
    """Both give the same answers, count the same items, and their streams have the same changes."""
    found = []
    for packed in (False, True):
        with tables(packed=packed) as ask:
            answers = [ask(step) for step in steps]
            table = dynamodb._tables["table"]
            assert isinstance(table["items"], Items) == packed
            found.append((answers, table["ItemCount"], changes()))
    assert found[0] == found[1]


def _update(expression: str, values: dict[str, Any] | None = None, **more: Any) -> Step:
    request = {"TableName": "table", "Key": key("h", "1"), "UpdateExpression": expression, **more}
    return "UpdateItem", request | ({"ExpressionAttributeValues": values} if values else {})


@pytest.mark.parametrize("returned", ["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_updates(returned: str) -> None:
    updates = [
        _update("SET n = n + :one, l[1] = :one", {":one": {"N": "1"}}, ReturnValues=returned),
        _update("ADD s :s REMOVE l[0]", {":s": {"SS": ["a", "b"]}}, ReturnValues=returned),
        _update("SET g = :g", {":g": {"S": "other"}}, ReturnValues=returned),
        _update("DELETE s :s", {":s": {"SS": ["a"]}}, ReturnValues=returned),
        _update("SET r = :r", {":r": {"S": "key"}}, ReturnValues=returned),
        _update("SET n = :n", {":n": {"N": "x"}}, ReturnValues=returned),
        _update("SET h1 = nothing", ReturnValues=returned),
        _update("SET n = :n", {":n": {"N": "9"}}, ConditionExpression="attribute_not_exists(h)"),
        _update("SET n = :n", {":n": {"N": "9"}}, Key=key("h", "new"), ReturnValues=returned),
    ]
    _both([ONE, OTHER, *updates, *ALL])


def test_conditions_and_deletes() -> None:
    absent = {
        "ConditionExpression": "attribute_not_exists(h)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    _both(
        [
            ONE,
            ("PutItem", {**ONE[1], **absent}),
            ("PutItem", {**OTHER[1], **absent}),
            ("PutItem", {**ONE[1], "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "INDEXES"}),
            ("GetItem", {"TableName": "table", "Key": key("h", "1"), "ProjectionExpression": "l[0], g"}),
            ("DeleteItem", {"TableName": "table", "Key": key("h", "1"), **absent}),
            ("DeleteItem", {"TableName": "table", "Key": key("h", "1"), "ReturnValues": "ALL_OLD"}),
            ("DeleteItem", {"TableName": "table", "Key": key("h", "1"), "ReturnValues": "ALL_OLD"}),
            ("BatchGetItem", {"RequestItems": {"table": {"Keys": [key("h", "1"), key("h", "2")]}}}),
            ("BatchWriteItem", {"RequestItems": {"table": [{"DeleteRequest": {"Key": key("h", "2")}}]}}),
            *ALL,
        ]
    )


def test_transactions_write_all_or_nothing() -> None:
    def write(*last: dict[str, Any]) -> Step:
        put = {"Put": {"TableName": "table", "Item": item("h", "3")}}
        update = {
            "Update": {
                "TableName": "table",
                "Key": key("h", "1"),
                "UpdateExpression": "SET n = n + :n",
                "ExpressionAttributeValues": {":n": {"N": "5"}},
            }
        }
        return "TransactWriteItems", {"TransactItems": [put, update, *last]}

    delete = {"Delete": {"TableName": "table", "Key": key("h", "2")}}
    check = {
        "ConditionCheck": {
            "TableName": "table",
            "Key": key("h", "2"),
            "ConditionExpression": "attribute_not_exists(h)",
        }
    }
    get = {"Get": {"TableName": "table", "Key": key("h", "1")}}
    _both(
        [ONE, OTHER, write(check), *ALL, write(delete), *ALL, ("TransactGetItems", {"TransactItems": [get]})]
    )


def test_partiql() -> None:
    def say(statement: str, *parameters: dict[str, Any]) -> Step:
        request: dict[str, Any] = {"Statement": statement}
        return "ExecuteStatement", request | ({"Parameters": list(parameters)} if parameters else {})

    insert = "INSERT INTO \"table\" VALUE {'h': 'h', 'r': '3', 'n': 3, 'l': [1, 2]}"
    update = "UPDATE \"table\" SET n = 7 WHERE h = 'h' AND r = '1' RETURNING ALL NEW *"
    _both(
        [
            ONE,
            OTHER,
            say(insert),
            say(insert),
            say(update),
            say("SELECT n, m.a FROM \"table\" WHERE h = 'h' ORDER BY r DESC"),
            say('SELECT * FROM "table" WHERE h = ? AND n > ?', {"S": "h"}, {"N": "2"}),
            say('SELECT * FROM "table"."by-g" WHERE g = ?', {"S": "g"}),
            say("DELETE FROM \"table\" WHERE h = 'h' AND r = '2' RETURNING ALL OLD *"),
            ("BatchExecuteStatement", {"Statements": [{"Statement": insert}, {"Statement": update}]}),
            ("ExecuteTransaction", {"TransactStatements": [{"Statement": update}, {"Statement": insert}]}),
            ONE,
            *ALL,
        ]
    )


def test_indexes_filters_and_projections() -> None:
    values = {":g": {"S": "g1"}, ":low": {"S": "100"}}
    _both(
        [
            *(puts(f"h{h}", range(25), 50) for h in range(6)),
            (
                "Query",
                {
                    "TableName": "table",
                    "IndexName": "by-g",
                    "KeyConditionExpression": "g = :g",
                    "FilterExpression": "r > :low",
                    "ProjectionExpression": "h, r",
                    "ExpressionAttributeValues": values,
                },
            ),
            (
                "Scan",
                {
                    "TableName": "table",
                    "FilterExpression": "contains(g, :g) AND r > :low",
                    "ExpressionAttributeValues": values,
                    "Select": "COUNT",
                    "ReturnConsumedCapacity": "TOTAL",
                },
            ),
            (
                "Query",
                {
                    "TableName": "table",
                    "KeyConditions": {
                        "h": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "h0"}]},
                        "r": {"ComparisonOperator": "LT", "AttributeValueList": [{"S": "003"}]},
                    },
                },
            ),
            ("Scan", {"TableName": "table", "Limit": 0}),
            ("Scan", {"TableName": "table", "ExclusiveStartKey": {"h": {"S": "h0"}}}),
            ("Scan", {"TableName": "table", "Segment": 3, "TotalSegments": 2}),
            ("Scan", {"TableName": "nothing"}),
            ("Query", {"TableName": "table", "KeyConditionExpression": "r = :g"}),
        ]
    )


def test_a_backup_is_restored_and_written_to() -> None:
    with tables(packed=True) as ask:
        ask(ONE)
        _, made = ask(("CreateBackup", {"TableName": "table", "BackupName": "backup"}))
        ask(("DeleteItem", {"TableName": "table", "Key": key("h", "1")}))
        arn = made["BackupDetails"]["BackupArn"]
        ask(("RestoreTableFromBackup", {"TargetTableName": "restored", "BackupArn": arn}))
        ask(("PutItem", OTHER[1] | {"TableName": "restored"}))

        _, found = ask(("Scan", {"TableName": "restored"}))

        assert found["Items"] == [ONE[1]["Item"], OTHER[1]["Item"]]
        assert isinstance(dynamodb._tables["restored"]["items"], Items)


def test_items_records_and_backups_outlive_a_restart(tmp_path: Path) -> None:
    items = [item("h", f"{number:03d}") for number in range(300)]
    with patched.start(tmp_path) as running:
        client = running.target.client("dynamodb")
        arn = client.create_table(**TABLE)["TableDescription"]["LatestStreamArn"]
        for each in items:
            client.put_item(TableName="table", Item=each)
        backup = client.create_backup(TableName="table", BackupName="backup")["BackupDetails"]["BackupArn"]
        client.delete_item(TableName="table", Key=key("h", "000"))

    with patched.start(tmp_path) as running:
        client = running.target.client("dynamodb")
        client.put_item(TableName="table", Item=item("h", "300"))
        assert client.scan(TableName="table")["Items"] == [*items[1:], item("h", "300")]
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
        assert client.scan(TableName="restored")["Items"] == items
        streams = running.target.client("dynamodbstreams")
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        begin = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records = streams.get_records(ShardIterator=begin["ShardIterator"])["Records"]
        assert [record["dynamodb"]["Keys"]["r"]["S"] for record in records] == [
            *(each["r"]["S"] for each in items),
            "000",
            "300",
        ]
