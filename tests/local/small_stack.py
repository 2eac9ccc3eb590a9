"""A stack with a bit of everything that the patches touch, and a client for its API."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.target import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_s3.client import S3Client

_SECONDS = 15.0

CODE = """
import os, sys, time

def prediction(item):
    return {
        "id": {"S": item["sensor"]},
        "pid": {"N": str(os.getpid())},
        "data": {"L": [{"N": str(number)} for number in item.get("data", [1, 2, 3])]},
        "model": {"S": "model"},
        "probability": {"N": "0.25"},
        "predicted_at": {"N": str(int(time.time() * 1000))},
    }

def handler(event, context):
    for item in event["events"]:
        if item["sensor"] == "raises":
            raise LookupError("no such sensor")
        if item["sensor"] == "fails":
            return {"request_items": {"no-such-table": []}}
        if item["sensor"] == "dies":
            os._exit(3)
        if item["sensor"] == "slow":
            time.sleep(0.3)
    puts = [{"PutRequest": {"Item": prediction(item)}} for item in event["events"]]
    return {"request_items": {os.environ["TABLE"]: puts}, "pid": os.getpid()}
"""

MACHINE: dict[str, Any] = {
    "StartAt": "Infer",
    "States": {
        "Infer": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {
                "FunctionName": "${Function}",
                "Payload": {"events.$": "$.events", "request_id.$": "$.request_id", "at.$": "$.received_at"},
            },
            "Catch": [
                {"ErrorEquals": ["LookupError"], "ResultPath": "$.failure", "Next": "Park"},
                {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "ParkUnknown"},
            ],
            "Next": "Store",
        },
        "Store": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:batchWriteItem",
            "Parameters": {"RequestItems.$": "$.Payload.request_items"},
            "ResultSelector": {
                "left.$": "States.JsonToString($.UnprocessedItems)",
                "state.$": "$$.StateMachine.Name",
            },
            "End": True,
        },
        "Park": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {
                "QueueUrl": "${Queue}",
                "MessageBody": {"cause.$": "$.failure.Cause", "events.$": "$$.Execution.Input.events"},
                "MessageAttributes": {"error": {"DataType": "String", "StringValue.$": "$.failure.Error"}},
            },
            "End": True,
        },
        "ParkUnknown": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {
                "QueueUrl": "${Queue}",
                "MessageBody.$": "$.failure.Cause",
                "MessageAttributes": {"error": {"DataType": "String", "StringValue.$": "$.failure.Error"}},
            },
            "End": True,
        },
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": ["object", "array"],
    "properties": {"sensor": {"type": "string"}, "data": {"type": "array", "items": {"type": "number"}}},
    "required": ["sensor"],
    "additionalProperties": False,
    "items": {"$ref": "#/definitions/event"},
    "minItems": 1,
    "maxItems": 25,
    "definitions": {
        "event": {
            "type": "object",
            "properties": {
                "sensor": {"type": "string"},
                "data": {"type": "array", "items": {"type": "number"}},
            },
            "required": ["sensor"],
            "additionalProperties": False,
        }
    },
}

_QUOTED = "$util.escapeJavaScript($input.json('$')).replaceAll(\"\\\\'\",\"'\")"
_EVENTS = f'#if($input.json("$").startsWith("[")){_QUOTED}#else[{_QUOTED}]#end'
_REQUEST = (
    '{"stateMachineArn": "${Machine}", "input": "{\\"request_id\\": \\"$context.requestId\\", '
    '\\"received_at\\": $context.requestTimeEpoch, \\"events\\": ' + _EVENTS + '}"}'
)


def template(**changes: Any) -> dict[str, Any]:
    """The template; `changes` are merged into the table's properties."""
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    arn = "arn:aws:apigateway:${AWS::Region}:states:action/StartExecution"
    table = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        **changes,
    }
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "*"}}]}
    message = '{"message": "$context.error.validationErrorString"}'
    responses = [
        {
            "StatusCode": "202",
            "ResponseTemplates": {"application/json": '{"request_id": "$context.requestId"}'},
        },
        {
            "StatusCode": "400",
            "SelectionPattern": "4\\d{2}",
            "ResponseTemplates": {"application/json": '{"message": $input.json("$.message")}'},
        },
        {
            "StatusCode": "503",
            "SelectionPattern": "5\\d{2}",
            "ResponseTemplates": {"application/json": '{"message": "try again"}'},
        },
    ]
    api = {"Ref": "Api"}
    method = {
        "RestApiId": api,
        "HttpMethod": "POST",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": True,
        "RequestValidatorId": {"Ref": "Validator"},
        "RequestModels": {"application/json": {"Ref": "Model"}},
        "MethodResponses": [{"StatusCode": response["StatusCode"]} for response in responses],
    }
    integration = {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": {"Fn::Sub": arn},
        "Credentials": role,
        "PassthroughBehavior": "NEVER",
        "RequestTemplates": {"application/json": {"Fn::Sub": _REQUEST}},
        "IntegrationResponses": responses,
    }
    impatient = {
        **integration,
        "Uri": {"Fn::Sub": arn.replace("Start", "StartSync")},
        "TimeoutInMillis": 100,
    }
    resources: dict[str, Any] = {
        "Role": _resource("IAM::Role", AssumeRolePolicyDocument=trust),
        "Queue": _resource("SQS::Queue"),
        "Stream": _resource("Kinesis::Stream", ShardCount=1),
        "Logs": _resource("Logs::LogGroup", LogGroupName="/states/small"),
        "Table": _resource("DynamoDB::Table", **table),
        "Function": _resource(
            "Lambda::Function",
            Runtime="python3.12",
            Handler="index.handler",
            Role=role,
            Timeout=5,
            Code={"S3Bucket": "small-code", "S3Key": "code.zip"},
            Environment={"Variables": {"TABLE": {"Ref": "Table"}}},
        ),
        "Machine": _resource(
            "StepFunctions::StateMachine",
            StateMachineType="EXPRESS",
            RoleArn=role,
            DefinitionString=json.dumps(MACHINE),
            LoggingConfiguration={
                "Level": "ERROR",
                "IncludeExecutionData": True,
                "Destinations": [
                    {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}
                ],
            },
            DefinitionSubstitutions={
                "Function": {"Fn::GetAtt": ["Function", "Arn"]},
                "Queue": {"Ref": "Queue"},
            },
        ),
        "Api": _resource("ApiGateway::RestApi", Name="small"),
        "Path": _resource(
            "ApiGateway::Resource",
            RestApiId=api,
            ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            PathPart="events",
        ),
        "Model": _resource("ApiGateway::Model", RestApiId=api, ContentType="application/json", Schema=SCHEMA),
        "Validator": _resource("ApiGateway::RequestValidator", RestApiId=api, ValidateRequestBody=True),
        "BadBody": _resource(
            "ApiGateway::GatewayResponse",
            RestApiId=api,
            ResponseType="BAD_REQUEST_BODY",
            StatusCode="400",
            ResponseTemplates={"application/json": message},
        ),
        "Method": _resource(
            "ApiGateway::Method", ResourceId={"Ref": "Path"}, Integration=integration, **method
        ),
        "ImpatientPath": _resource(
            "ApiGateway::Resource",
            RestApiId=api,
            ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            PathPart="impatient",
        ),
        "Impatient": _resource(
            "ApiGateway::Method", ResourceId={"Ref": "ImpatientPath"}, Integration=impatient, **method
        ),
        "Deployment": {
            "DependsOn": ["Method", "Impatient", "BadBody"],
            **_resource("ApiGateway::Deployment", RestApiId=api),
        },
        "Stage": _resource(
            "ApiGateway::Stage", RestApiId=api, StageName="v1", DeploymentId={"Ref": "Deployment"}
        ),
        "Key": _resource("ApiGateway::ApiKey", Enabled=True),
        "Plan": _resource(
            "ApiGateway::UsagePlan",
            ApiStages=[{"ApiId": api, "Stage": {"Ref": "Stage"}}],
            Throttle={"RateLimit": 1000, "BurstLimit": 1000},
        ),
        "PlanKey": _resource(
            "ApiGateway::UsagePlanKey", KeyId={"Ref": "Key"}, KeyType="API_KEY", UsagePlanId={"Ref": "Plan"}
        ),
    }
    return {"Resources": resources}


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


@dataclass(frozen=True)
class SmallStack:
    """The stack, deployed.

    Attributes:
        target: where it is.
        ids: physical ids by logical ids.
        key: the value of the API key.
    """

    target: Target
    ids: dict[str, str]
    key: str

    def post(self, body: bytes | Any, path: str = "/events", **headers: str) -> tuple[int, Any]:
        """Posts a body, JSON unless it is bytes; returns status and the answer's JSON.

        A header's underscores stand for hyphens; an empty one is left out.
        """
        sent = {"x-api-key": self.key, "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(  # noqa: S310 - the address is our own
            f"{self.target.invoke_url(self.ids['Api'], 'v1')}{path}",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={name: value for name, value in sent.items() if value},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def sensors(self) -> set[str]:
        """The sensors whose items are stored."""
        pages = self.target.client("dynamodb").get_paginator("scan").paginate(TableName=self.ids["Table"])
        return {item["id"]["S"] for page in pages for item in page["Items"]}

    def parked(self) -> dict[str, Any]:
        """The next message of the dead-letter queue, awaited."""
        sqs = self.target.client("sqs")
        found = sqs.receive_message(
            QueueUrl=self.ids["Queue"], MessageAttributeNames=["All"], WaitTimeSeconds=int(_SECONDS)
        )
        message: dict[str, Any] = found["Messages"][0]
        sqs.delete_message(QueueUrl=self.ids["Queue"], ReceiptHandle=message["ReceiptHandle"])
        return message


def deploy(target: Target, **table: Any) -> SmallStack:
    """Deploys the template, with more properties of its table."""
    s3: S3Client = target.client("s3")
    make_bucket(target, "small-code")
    s3.put_object(Bucket="small-code", Key="code.zip", Body=zipped(CODE))
    cloudformation: CloudFormationClient = target.client("cloudformation")
    cloudformation.create_stack(
        StackName="small", TemplateBody=json.dumps(template(**table)), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="small", WaiterConfig={"Delay": 1})
    return of(target)


def zipped(code: str) -> bytes:
    """The code of a function, as Lambda takes it."""
    archived = io.BytesIO()
    with zipfile.ZipFile(archived, "w") as archive:
        archive.writestr("index.py", code)
    return archived.getvalue()


def make_bucket(target: Target, name: str) -> None:
    """Makes a bucket in the target's region."""
    s3: S3Client = target.client("s3")
    where: Any = {"LocationConstraint": target.region_name}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)


def of(target: Target) -> SmallStack:
    """The stack that is deployed already."""
    pages = target.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName="small")
    ids = {
        found["LogicalResourceId"]: found["PhysicalResourceId"]
        for page in pages
        for found in page["StackResourceSummaries"]
    }
    key = target.client("apigateway").get_api_key(apiKey=ids["Key"], includeValue=True)["value"]
    return SmallStack(target, ids, key)
