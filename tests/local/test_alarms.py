"""An alarm on a queue goes off with its first message, says why, and sends a message of its own."""

from __future__ import annotations

import json
from typing import Any

from nrti_cli.aws.target import Target
from tests.waiting import eventually


def _alarm(target: Target, name: str, queue: str, topic: str) -> None:
    target.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )


def test_the_alarm_of_the_queue_that_holds_something_goes_off(embedded: Target) -> None:
    sqs, sns, cloudwatch = (embedded.client(service) for service in ("sqs", "sns", "cloudwatch"))
    url, reply = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("watched", "reply"))
    arn = sqs.get_queue_attributes(QueueUrl=reply, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sqs.send_message(QueueUrl=url, MessageBody="a dead letter")
    _alarm(embedded, "full", "watched", topic)
    _alarm(embedded, "empty", "no-such-queue", topic)

    def alarms() -> dict[str, Any]:
        found = cloudwatch.describe_alarms(AlarmNames=["full", "empty"])["MetricAlarms"]
        return {alarm["AlarmName"]: alarm for alarm in found}

    seen = eventually(alarms, lambda now: now["full"]["StateValue"] == "ALARM")

    assert seen["full"]["StateReason"].startswith("Threshold Crossed: 1 datapoint [1.0 (")
    assert seen["empty"]["StateValue"] == "OK"
    history = cloudwatch.describe_alarm_history(AlarmName="full", HistoryItemType="StateUpdate")
    assert history["AlarmHistoryItems"][0]["HistorySummary"].endswith("to ALARM")
    (message,) = sqs.receive_message(QueueUrl=reply, WaitTimeSeconds=5)["Messages"]
    notified = json.loads(json.loads(message["Body"])["Message"])
    assert (notified["AlarmName"], notified["NewStateValue"]) == ("full", "ALARM")
