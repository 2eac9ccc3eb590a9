"""The pipeline's template: what no linter knows, such as that two files say the same."""

from __future__ import annotations

import hashlib
import json
import re
from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest
import sqlglot

from nrti_cli.assets import REMOTE, asset
from nrti_cli.labels.batch import SCHEMA
from nrti_cli.labels.recording import object_key
from nrti_cli.remote.inference_function.answers import Verdict
from nrti_cli.remote.inference_function.endpoints import Judgement
from nrti_cli.remote.inference_function.records import item
from nrti_cli.remote.labels_function.handler import row as label_row
from nrti_cli.remote.transform_function.handler import row
from nrti_cli.stack.names import function_log_groups
from nrti_cli.stack.outputs import Outputs, output_key
from nrti_cli.stack.template import compact, parse
from tests.unit.remote.conftest import judged
from tests.unit.workflow import RESERVED_BYTES

TEMPLATE = parse(asset("cloudformation/pipeline.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
GRANTS = sorted(name for name, each in RESOURCES.items() if each["Type"].startswith("AWS::IAM::"))
#: Actions that AWS does not restrict to a resource.
WIDE_ACTIONS = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
#: Resources of the API that take effect at once; the others wait for a deployment.
NOT_DEPLOYED = {"Account", "ApiKey", "Deployment", "Stage", "UsagePlan", "UsagePlanKey"}


def properties(logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[logical_id]["Properties"]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(grant: str) -> list[dict[str, Any]]:
    """What a role's own policies say, or what a policy says."""
    policies = properties(grant).get("Policies", [properties(grant)])
    return [each for policy in policies for each in policy.get("PolicyDocument", {}).get("Statement", [])]


def test_cloudformation_reads_it_from_s3() -> None:
    assert len(compact(TEMPLATE).encode()) <= 1_000_000


def _documents(value: Any) -> Any:
    """The value with the JSON documents in its texts as what they say, however they are laid out."""
    if isinstance(value, dict):
        return {name: _documents(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(_documents, value))
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def test_what_cloudformation_takes_is_what_is_written() -> None:
    comments = {"Metadata"}
    resources = {
        name: {k: v for k, v in each.items() if k not in comments} for name, each in RESOURCES.items()
    }

    assert _documents(parse(compact(TEMPLATE))) == _documents({**TEMPLATE, "Resources": resources})
    assert {key for each in RESOURCES.values() for key in each.get("Metadata", {})} == {"checkov"}


def _traced() -> list[tuple[str, str]]:
    """The resources that send traces, each with the role that it sends them with."""
    found = []
    for name, each in RESOURCES.items():
        own = each["Properties"]
        if "TracingConfig" in own or "TracingConfiguration" in own:
            role = own.get("Role") or own.get("RoleArn")
            found.append((name, role["Fn::GetAtt"][0]))
    return found


@pytest.mark.parametrize(("resource", "role"), _traced())
def test_what_is_traced_has_the_permission_before_it_is_made(resource: str, role: str) -> None:
    # Lambda checks it when tracing becomes active; a policy beside the role may come later.
    condition, policies, _ = properties(role)["ManagedPolicyArns"]["Fn::If"]

    assert condition == "Traced", resource
    assert [each["Fn::Sub"].rpartition("/")[2] for each in policies] == ["AWSXRayDaemonWriteAccess"]


def test_the_api_checks_events_by_the_schema_file() -> None:
    assert properties("RequestModel")["Schema"] == asset("cloudformation/event.schema.json").read_text()


def test_the_api_checks_labels_by_the_schema_file() -> None:
    assert properties("LabelsModel")["Schema"] == asset("cloudformation/label.schema.json").read_text()


def test_a_label_is_about_what_an_event_may_have() -> None:
    event, label = (
        json.loads(asset(f"cloudformation/{name}.schema.json").read_text())["definitions"]
        for name in ("event", "label")
    )

    for name, field in (("text", "event_id"), ("text", "sensor"), ("time", "timestamp")):
        rules = [{**rule, "description": ""} for rule in (label[name], event[field])]
        assert rules[0] == rules[1]


@pytest.mark.parametrize("model", ["RequestModel", "LabelsModel"])
def test_a_single_object_and_one_of_an_array_are_checked_alike(model: str) -> None:
    # The root has the keywords for objects beside those for arrays, instead of `oneOf`, because then the
    # message names the field that is wrong.
    schema = json.loads(properties(model)["Schema"])
    one = schema["definitions"].get("event", schema["items"])

    assert {name: schema[name] for name in one if name != "type"} == {
        name: one[name] for name in one if name != "type"
    }
    assert schema["type"] == ["object", "array"]


def test_both_routes_take_the_same_and_refuse_the_same() -> None:
    events, predictions = map(deepcopy, (properties("PostEvents"), properties("PostPredictions")))
    ways = [method["Integration"] for method in (events, predictions)]

    assert [way.pop("Uri")["Fn::Sub"].rpartition("/")[2] for way in ways] == [
        "StartExecution",
        "StartSyncExecution",
    ]
    assert [way["IntegrationResponses"].pop(0)["StatusCode"] for way in ways] == ["202", "200"]
    differing = {"ResourceId", "MethodResponses"}
    assert {name: value for name, value in events.items() if name not in differing} == {
        name: value for name, value in predictions.items() if name not in differing
    }


def test_labels_are_accepted_as_events_are() -> None:
    text = json.dumps(properties("PostEvents")).replace("events", "labels")
    text = text.replace("{StateMachine}", "{LabelsStateMachine}").replace("EventsResource", "LabelsResource")

    assert json.loads(text.replace('"RequestModel"', '"LabelsModel"')) == properties("PostLabels")


def test_the_input_of_a_workflow_leaves_room_for_what_the_workflow_adds() -> None:
    for method in ("PostEvents", "PostLabels"):
        text, values = properties(method)["Integration"]["RequestTemplates"]["application/json"]["Fn::Sub"]

        assert values["Blanks"].isspace()
        assert len(values["Blanks"]) * text.count("${Blanks}") == RESERVED_BYTES


def test_nothing_names_a_partition() -> None:
    """China and GovCloud have partitions of their own."""
    files = [*asset("asl").glob("*.json"), *asset("cloudformation").glob("*.yaml")]

    assert files
    assert not [file.name for file in files if "arn:aws:" in file.read_text()]


def test_a_change_of_the_api_is_a_new_deployment() -> None:
    api = {
        name: resource
        for name, resource in RESOURCES.items()
        if resource["Type"].startswith("AWS::ApiGateway::")
        and resource["Type"].rpartition("::")[2] not in NOT_DEPLOYED
    }
    digest = hashlib.sha256(json.dumps(api, sort_keys=True).encode()).hexdigest()[:8].upper()
    (deployment,) = [name for name in RESOURCES if name.startswith("ApiDeployment")]

    assert deployment == f"ApiDeployment{digest}", "rename the deployment, and the stage's reference to it"
    assert properties("ApiStage")["DeploymentId"] == {"Ref": deployment}
    resources = {"EventsResource", "LabelsResource", "PredictionsResource"}
    implied = {"Api", "RequestModel", "LabelsModel", "BodyValidator", *resources}
    assert set(api) - implied == set(RESOURCES[deployment]["DependsOn"])


def test_the_lake_has_the_columns_of_the_transform_functions_rows() -> None:
    event = {"sensor": "s", "model": "m", "data": [[1, 2]], "timestamp": 5, "event_id": "e", "rescore": True}
    made = row(item(event, Judgement("nrti-m", "v", Verdict(1, 0.75, 3.5, "broken")), 5, 5))
    columns = properties("RawTable")["TableInput"]["StorageDescriptor"]["Columns"]

    assert [column["Name"] for column in columns] == list(made)
    kinds = {
        "string": str, "timestamp": str, "int": int, "double": float, "array<double>": list, "boolean": bool,
    }  # fmt: skip
    assert [kinds[column["Type"]] for column in columns] == [type(value) for value in made.values()]


def test_firehose_writes_where_the_table_looks() -> None:
    table = properties("RawTable")["TableInput"]
    prefix = properties("DeliveryStream")["ExtendedS3DestinationConfiguration"]["Prefix"]

    assert prefix == "predictions/day=!{timestamp:yyyy-MM-dd}/"
    assert table["StorageDescriptor"]["Location"] == {"Fn::Sub": "s3://${LakeBucket}/predictions/"}
    assert table["Parameters"]["projection.day.format"] == "yyyy-MM-dd"
    assert table["Parameters"]["storage.location.template"] == {
        "Fn::Sub": "s3://${LakeBucket}/predictions/day=${!day}/"
    }


def test_the_view_has_the_columns_of_the_raw_table_in_both_of_its_descriptions() -> None:
    view, raw = (properties(name)["TableInput"] for name in ("LakeTable", "RawTable"))
    begin, definition, end = view["ViewOriginalText"]["Fn::Join"][1]
    reply = json.loads(definition["Fn::Base64"]["Fn::Sub"])
    select = sqlglot.parse_one(reply["originalSql"], read="athena", into=sqlglot.exp.Select)
    selected = [each.alias_or_name for each in select.selects]
    trino = {
        "string": "varchar",
        "int": "integer",
        "timestamp": "timestamp(3)",
        "array<double>": "array(double)",
    }

    assert (begin, end) == ("/* Presto View: ", " */")
    assert reply["schema"] == "${Database}"
    columns = view["StorageDescriptor"]["Columns"]
    assert columns == [*raw["StorageDescriptor"]["Columns"], *raw["PartitionKeys"]]
    assert selected == [column["Name"] for column in columns]
    assert reply["columns"] == [
        {"name": column["Name"], "type": trino.get(column["Type"], column["Type"])} for column in columns
    ]


def test_the_outcomes_are_the_predictions_and_their_truth() -> None:
    predictions, view = (properties(name)["TableInput"] for name in ("LakeTable", "OutcomesView"))
    definitions = [json.loads(each["ViewOriginalText"]["Fn::Join"][1][1]["Fn::Base64"]["Fn::Sub"])
                   for each in (predictions, view)]  # fmt: skip
    partitions = [
        each.args["partition_by"]
        for definition in definitions
        for each in sqlglot.parse_one(definition["originalSql"], read="athena").find_all(sqlglot.exp.Window)
    ]
    columns = view["StorageDescriptor"]["Columns"]
    selected = sqlglot.parse_one(
        definitions[1]["originalSql"], read="athena", into=sqlglot.exp.Select
    ).selects

    assert columns[:-2] == predictions["StorageDescriptor"]["Columns"]
    assert columns[-2:] == [{"Name": "truth", "Type": "int"}, {"Name": "labelled_time", "Type": "timestamp"}]
    assert [each.alias_or_name for each in selected] == [column["Name"] for column in columns]
    assert definitions[1]["columns"][:-2] == definitions[0]["columns"]
    assert [each["type"] for each in definitions[1]["columns"][-2:]] == ["integer", "timestamp(3)"]
    # Both remove copies alike; the view of the outcomes names the table of each column.
    one, other = ([re.sub(r"\bp\.", "", each.sql()) for each in partition] for partition in partitions)
    assert one == other


def test_labels_are_written_where_their_table_looks() -> None:
    table = properties("LabelsTable")["TableInput"]
    delivery = properties("LabelsDeliveryStream")["ExtendedS3DestinationConfiguration"]
    now = 1_795_000_000_000_000_000

    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        (name, {"int32": "int", "int64": "bigint", "timestamp[ms]": "timestamp"}.get(str(kind), str(kind)))
        for name, kind in zip(SCHEMA.names, SCHEMA.types, strict=True)
    ]
    assert delivery["Prefix"] == "labels/month=!{timestamp:yyyy-MM}/"
    assert object_key(now).startswith("labels/month=2026-11/")
    assert table["Parameters"]["projection.month.format"] == "yyyy-MM"
    assert table["Parameters"]["storage.location.template"] == {
        "Fn::Sub": "s3://${LakeBucket}/labels/month=${!month}/"
    }


def test_the_lake_has_the_columns_of_the_labels_functions_rows() -> None:
    made = label_row({"sensor": "s", "timestamp": 5, "label": 1}, 7, 0)

    assert list(made) == SCHEMA.names


def test_the_table_has_the_key_of_the_items() -> None:
    made = item(
        {"sensor": "s", "model": "m", "data": [1], "timestamp": 5, "event_id": "e"},
        judged("m", 1, 0.75),
        5,
        5,
    )

    for key in properties("Table")["AttributeDefinitions"]:
        assert key["AttributeType"] in made[key["AttributeName"]]


def test_the_outputs_are_those_that_the_commands_read_and_the_address_for_people() -> None:
    read = {output_key(field.name) for field in fields(Outputs)}

    assert set(TEMPLATE["Outputs"]) == read | {"ApiEndpoint"}


@pytest.mark.parametrize("grant", GRANTS)
def test_no_role_may_do_more_than_aws_makes_it(grant: str) -> None:
    for statement in statements(grant):
        actions = as_list(statement["Action"])
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions if "*" in action]
        if "*" in as_list(statement["Resource"]):
            assert set(actions) <= WIDE_ACTIONS


def test_only_the_role_that_the_account_shares_and_those_that_trace_have_a_policy_of_aws() -> None:
    tracing = {role for _, role in _traced()}

    assert {name for name in GRANTS if "ManagedPolicyArns" in properties(name)} == {"ApiLogRole"} | tracing


def test_the_inference_function_may_only_invoke_the_endpoints_of_its_stack() -> None:
    (endpoints,) = [s for s in statements("InferenceRole") if "sagemaker:InvokeEndpoint" in s["Action"]]
    (signatures,) = [s for s in statements("InferenceRole") if s["Action"] == "s3:GetObject"]

    assert endpoints["Resource"]["Fn::Sub"].endswith(":endpoint/${AWS::StackName}-*")
    ends = [resource["Fn::Sub"].partition(":::")[2] for resource in signatures["Resource"]]
    bucket = "${ArtifactsBucket}"
    assert ends == [f"{bucket}/signatures/${{AWS::StackName}}-*", f"{bucket}/shadows/*"]


def test_the_alert_function_publishes_to_the_alarm_topic_if_there_is_one() -> None:
    policy = RESOURCES["AlertPublishPolicy"]

    assert policy["Condition"] == RESOURCES["AlarmTopic"]["Condition"]
    assert policy["Properties"]["Roles"] == [{"Ref": "AlertRole"}]
    assert [(each["Action"], each["Resource"]) for each in statements("AlertPublishPolicy")] == [
        ("sns:Publish", {"Ref": "AlarmTopic"}),
        (["kms:Decrypt", "kms:GenerateDataKey"], {"Fn::GetAtt": ["AlarmKey", "Arn"]}),
    ]
    topic = properties("AlertFunction")["Environment"]["Variables"]["TOPIC"]
    assert topic == {"Fn::If": ["Emailed", {"Ref": "AlarmTopic"}, ""]}


def test_everything_that_has_a_name_is_named_after_the_stack() -> None:
    own_keys = {
        "AWS::ApiGateway::ApiKey": "Name",
        "AWS::ApiGateway::RestApi": "Name",
        "AWS::ApiGateway::UsagePlan": "UsagePlanName",
        "AWS::Athena::WorkGroup": "Name",
        "AWS::CloudWatch::Alarm": "AlarmName",
        "AWS::CloudWatch::Dashboard": "DashboardName",
        "AWS::DynamoDB::Table": "TableName",
        "AWS::IAM::Role": "RoleName",
        "AWS::Kinesis::Stream": "Name",
        "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::S3::Bucket": "BucketName",
        "AWS::Scheduler::ScheduleGroup": "Name",
        "AWS::SNS::Topic": "TopicName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::StepFunctions::StateMachine": "StateMachineName",
    }
    for resource in RESOURCES.values():
        if resource["Type"] in own_keys:
            assert "AWS::StackName" in json.dumps(resource["Properties"][own_keys[resource["Type"]]])


def test_a_teardown_looks_for_the_log_group_of_each_function() -> None:
    functions = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::Lambda::Function"]
    groups = [properties(each["LoggingConfig"]["LogGroup"]["Ref"])["LogGroupName"] for each in functions]

    assert {group["Fn::Sub"] for group in groups} == set(function_log_groups("${AWS::StackName}"))


def test_what_holds_data_says_what_becomes_of_it() -> None:
    for resource in RESOURCES.values():
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"}:
            assert resource["DeletionPolicy"] == "Delete"
            assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_functions_are_where_their_handlers_say() -> None:
    for function in ("InferenceFunction", "LabelsFunction", "TransformFunction", "AlertFunction"):
        package, module, _ = properties(function)["Handler"].split(".")
        assert (REMOTE / package / f"{module}.py").is_file()
