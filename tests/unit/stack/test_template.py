from __future__ import annotations

import json

from nrti_cli.assets import asset
from nrti_cli.stack.template import parse, references, with_dependents, without

TEMPLATE = parse("""
AWSTemplateFormatVersion: 2010-09-09
Parameters: {Rate: {Type: Number}}
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !Ref Rate}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: items
      KinesisStreamSpecification: {StreamArn: !GetAtt Stream.Arn}
  Function: {Type: AWS::Lambda::Function, Properties: {Name: !Sub "${Stream.Arn}-${!Table}-${AWS::Region}"}}
  Role: {Type: AWS::IAM::Role, DependsOn: Function, Properties: {}}
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  StreamName: {Value: !Ref Stream}
  QueueUrl: {Value: !Ref Queue}
""")


def test_intrinsic_functions_are_read_in_their_long_form() -> None:
    assert TEMPLATE["Resources"]["Stream"]["Properties"] == {"ShardCount": {"Ref": "Rate"}}
    assert TEMPLATE["Resources"]["Table"]["Properties"]["KinesisStreamSpecification"] == {
        "StreamArn": {"Fn::GetAtt": ["Stream", "Arn"]}
    }
    assert TEMPLATE["AWSTemplateFormatVersion"] == "2010-09-09"


def test_every_way_to_refer_is_seen() -> None:
    assert set(references(TEMPLATE["Resources"]["Function"])) == {"Stream"}
    assert set(references(TEMPLATE["Resources"]["Role"])) == {"Function"}
    assert set(references({"Fn::Sub": ["${A}-${B.Arn}", {"A": {"Ref": "C"}}]})) == {"B", "C"}
    assert set(references({"Fn::GetAtt": "A.B.C", "DependsOn": ["D", "E"]})) == {"A", "D", "E"}


def test_dependents_are_found_through_dependents() -> None:
    assert with_dependents(TEMPLATE, {"Stream"}, keep=set()) == {"Stream", "Table", "Function", "Role"}
    assert with_dependents(TEMPLATE, {"Stream"}, keep={"Table"}) == {"Stream", "Function", "Role"}
    assert with_dependents(TEMPLATE, {"Queue"}, keep=set()) == {"Queue"}


def test_what_is_kept_loses_what_refers_to_the_rest() -> None:
    remainder = json.loads(without(TEMPLATE, {"Stream", "Function"}))

    assert remainder["Resources"] == {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "items"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
    }
    assert remainder["Outputs"] == {"QueueUrl": {"Value": {"Ref": "Queue"}}}


def test_the_pipeline_can_lose_its_stream_without_its_table() -> None:
    pipeline = parse(asset("cloudformation/pipeline.yaml").read_text())
    gone = with_dependents(pipeline, {"Stream"}, keep={"Table", "LakeBucket", "DeadLetterQueue"})

    remainder = json.loads(without(pipeline, gone))

    assert "Table" in remainder["Resources"]
    assert "DeliveryStream" not in remainder["Resources"]
    known = {"AWS", *remainder["Parameters"], *remainder["Resources"]}
    assert {name for name in references(remainder) if not name.startswith("AWS::")} <= known
