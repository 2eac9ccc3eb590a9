"""What each role of the stack is for and what it must never do, as calls that can be judged one by one.

`nrti` is the stack; `nrti2` stands for another one in the same account, whose names even begin alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nrti_local.process import REGION
from tests.policies import Request, arn
from tests.rendered import Place

ACCOUNT = "000000000000"
PLACE = Place("nrti", REGION, ACCOUNT)
_LAKE = f"nrti-lake-{ACCOUNT}-{REGION}"
_ARTIFACTS = f"nrti-artifacts-{ACCOUNT}-{REGION}"


@dataclass(frozen=True)
class Call:
    """A call that a role makes, or must not be able to make.

    Attributes:
        role: the end of its name.
        action: as in a policy.
        resource: its ARN, or `*` for an action that has none.
        about: what the call is for, or what its denial protects.
        context: further condition keys of the request.
    """

    role: str
    action: str
    resource: str
    about: str
    context: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> Request:
        """What is decided on."""
        return Request(self.action, self.resource, self.context)

    def __str__(self) -> str:
        """As a test's name."""
        return f"{self.role}: {self.about} ({self.action})"


def _calls(role: str, *rows: tuple[str, str, str]) -> list[Call]:
    """Calls of a role from (actions of one service, resource, about)."""
    return [
        Call(role, f"{actions.partition(':')[0]}:{name}", arn(resource, PLACE), about)
        for actions, resource, about in rows
        for name in actions.partition(":")[2].split()
    ]


_TABLE, _STREAM = "dynamodb:table/nrti-predictions", "kinesis:stream/nrti-predictions"
_QUEUE, _MACHINE = "sqs:nrti-dead-letters", "states:stateMachine:nrti-inference"
_LABELS, _LABELS_MACHINE = "lambda:function:nrti-labels", "states:stateMachine:nrti-labels"
_LABELS_STREAM, _LABELS_LOG = (
    "firehose:deliverystream/nrti-labels",
    "logs:log-group:/aws/lambda/nrti-labels:log-stream:s",
)
_INFERENCE, _TRANSFORM = "lambda:function:nrti-inference", "lambda:function:nrti-transform"
_SHADOW, _SHADOWS = "lambda:function:nrti-shadow", "states:stateMachine:nrti-shadow"
_VIEW, _ROWS = "glue:table/nrti/predictions", "glue:table/nrti/predictions_raw"
_WORKGROUP, _ENDPOINT = "athena:workgroup/nrti", "sagemaker:endpoint/nrti-failure-v1"
_OTHER_MACHINE = "states:stateMachine:nrti2-inference"
_INFERENCE_LOG = "logs:log-group:/aws/lambda/nrti-inference:log-stream:s"
_TRANSFORM_LOG = "logs:log-group:/aws/lambda/nrti-transform:log-stream:s"
_OTHER_MODELS_LOG = "logs:log-group:/aws/sagemaker/Endpoints/nrti2-m:log-stream:s"
_ALERTS_LOG = "logs:log-group:/aws/lambda/nrti-alerts:log-stream:s"
_SECRET = "ssm:parameter/nrti/nrti/alerts/silence-1"
_TRAINING_LOG = "logs:log-group:/aws/sagemaker/TrainingJobs:log-stream:job/algo-1"
_DELIVERY_LOG = "logs:log-group:/aws/kinesisfirehose/nrti-predictions:log-stream:delivery"

ALLOWED = [
    *_calls(
        "api",
        ("states:StartExecution", _MACHINE, "start the workflow with a request"),
        ("states:StartSyncExecution", _MACHINE, "start it and wait for what comes of the request"),
        ("states:StartExecution", _LABELS_MACHINE, "start the workflow of labels"),
    ),
    *_calls(
        "workflow",
        ("lambda:InvokeFunction", _INFERENCE, "have events judged"),
        ("lambda:InvokeFunction", _LABELS, "have labels recorded"),
        ("lambda:InvokeFunction", _SHADOW, "have shadows judge them"),
        ("states:StartExecution", _SHADOWS, "start the workflow of the shadows"),
        ("dynamodb:BatchWriteItem", _TABLE, "store predictions"),
        ("sqs:SendMessage", _QUEUE, "park what cannot be judged or stored"),
        ("s3:PutObject", f"s3:{_ARTIFACTS}/unparked/e.json", "keep what the queue refuses"),
        (
            "logs:CreateLogDelivery GetLogDelivery UpdateLogDelivery ListLogDeliveries DescribeLogGroups",
            "*",
            "log failed executions",
        ),
    ),
    *_calls(
        "inference",
        ("sagemaker:InvokeEndpoint", _ENDPOINT, "ask a model"),
        ("sagemaker:DescribeEndpoint", _ENDPOINT, "know which version of a model is in service"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/signatures/nrti-failure-v1/1.json", "know how a model answers"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/shadows/failure-v1.json", "know the shadow of a model"),
        ("s3:ListBucket", f"s3:{_ARTIFACTS}", "know that a model has none"),
        ("dynamodb:BatchGetItem", _TABLE, "keep what a former version has said"),
        ("logs:CreateLogStream PutLogEvents", _INFERENCE_LOG, "log"),
    ),
    *_calls(
        "reader",
        ("athena:StartQueryExecution GetQueryExecution GetQueryResults", _WORKGROUP, "query"),
        ("glue:GetTable", _VIEW, "find the view"),
        ("glue:GetTable", _ROWS, "find the table behind it"),
        ("s3:GetObject", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "read rows"),
        ("s3:GetObject", f"s3:{_LAKE}/labels/month=2026-11/f", "read labels"),
        ("s3:ListBucket GetBucketLocation", f"s3:{_LAKE}", "find files"),
        ("s3:PutObject GetObject", f"s3:{_LAKE}/athena-results/f", "write and read a result"),
    ),
    *_calls(
        "transform",
        ("logs:CreateLogStream PutLogEvents", _TRANSFORM_LOG, "log"),
    ),
    *_calls(
        "labels",
        ("firehose:PutRecord", _LABELS_STREAM, "hand labels over"),
        ("logs:CreateLogStream PutLogEvents", _LABELS_LOG, "log"),
    ),
    *_calls(
        "alerts",
        ("dynamodb:Query", _TABLE, "count failures"),
        ("sqs:GetQueueAttributes", _QUEUE, "count dead letters"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/alerts/rules.json", "read the rules"),
        ("s3:GetObject PutObject", f"s3:{_ARTIFACTS}/alerts/state.json", "keep its state"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/references/nrti-m/1.json", "know what a model was trained on"),
        ("s3:ListBucket", f"s3:{_ARTIFACTS}", "know that there are no rules"),
        ("sagemaker:DescribeEndpoint", _ENDPOINT, "know which version of a model is in service"),
        ("ssm:GetParameter", _SECRET, "know the address of a webhook"),
        ("athena:StartQueryExecution GetQueryExecution GetQueryResults", _WORKGROUP, "query"),
        ("glue:GetTable", _VIEW, "find the view"),
        ("glue:GetTable", _ROWS, "find the table behind it"),
        ("s3:GetObject", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "read rows"),
        ("s3:GetObject", f"s3:{_LAKE}/labels/f", "read labels"),
        ("s3:ListBucket GetBucketLocation", f"s3:{_LAKE}", "find files"),
        ("s3:PutObject GetObject", f"s3:{_LAKE}/athena-results/f", "write and read a result"),
        ("logs:CreateLogStream PutLogEvents", _ALERTS_LOG, "log"),
    ),
    *_calls("alert-schedule", ("lambda:InvokeFunction", "lambda:function:nrti-alerts", "evaluate the rules")),
    *_calls(
        "delivery",
        ("kinesis:DescribeStream GetShardIterator GetRecords ListShards", _STREAM, "read the changes"),
        ("lambda:InvokeFunction GetFunctionConfiguration", _TRANSFORM, "make rows of them"),
        ("lambda:InvokeFunction", f"{_TRANSFORM}:$LATEST", "make rows of them"),
        ("glue:GetTable GetTableVersions", _ROWS, "read the lake's schema"),
        ("glue:GetTable", "glue:database/nrti", "read the lake's schema"),
        ("glue:GetTable", "glue:catalog", "read the lake's schema"),
        ("s3:PutObject AbortMultipartUpload", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "write rows"),
        ("s3:PutObject AbortMultipartUpload", f"s3:{_LAKE}/labels/month=2026-11/f", "write labels"),
        ("glue:GetTableVersions", "glue:table/nrti/labels", "read the schema of labels"),
        ("s3:PutObject", f"s3:{_LAKE}/errors/processing-failed/f", "write what failed"),
        ("s3:ListBucket GetBucketLocation", f"s3:{_LAKE}", "find the lake"),
        ("logs:PutLogEvents", _DELIVERY_LOG, "log"),
    ),
    *_calls(
        "sagemaker",
        ("s3:GetObject", f"s3:{_ARTIFACTS}/code/train.tar.gz", "load the training script"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/data/job/train.csv", "load a data set"),
        ("s3:GetObject PutObject", f"s3:{_ARTIFACTS}/models/job/output/model.tar.gz", "keep and load models"),
        ("s3:ListBucket", f"s3:{_ARTIFACTS}", "find data sets"),
        ("logs:CreateLogStream PutLogEvents DescribeLogStreams", _TRAINING_LOG, "log training"),
        ("logs:CreateLogGroup", "logs:log-group:/aws/sagemaker/Endpoints/nrti-failure-v1", "log serving"),
        ("ecr:GetAuthorizationToken", "*", "pull AWS's image"),
        ("ecr:BatchGetImage", "ecr:repository/sagemaker-scikit-learn", "pull AWS's image"),
        ("ecr:BatchGetImage", "ecr:repository/sagemaker-xgboost", "pull AWS's other image"),
        ("ecr:BatchGetImage", "ecr:repository/nrti-models", "pull an image of the user's"),
    ),
    Call(
        "sagemaker",
        "cloudwatch:PutMetricData",
        "*",
        "publish its metrics",
        {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"},
    ),
]

DENIED = [
    *_calls(
        "labels",
        ("firehose:PutRecord", "firehose:deliverystream/nrti-predictions", "predictions that no model made"),
        ("firehose:PutRecord", "firehose:deliverystream/nrti2-labels", "another stack's labels"),
        ("firehose:DeleteDeliveryStream UpdateDestination", _LABELS_STREAM, "the way to the lake"),
        ("s3:PutObject GetObject DeleteObject", f"s3:{_LAKE}/labels/month=2026-11/f", "labels of others"),
        ("dynamodb:PutItem Query", _TABLE, "the table"),
        ("sqs:SendMessage ReceiveMessage", _QUEUE, "what is parked"),
        ("sagemaker:InvokeEndpoint", _ENDPOINT, "models"),
    ),
    *_calls(
        "reader",
        ("glue:CreateTable DeleteTable UpdateTable", _VIEW, "tables from DROP and ALTER"),
        ("glue:DeleteTable", _ROWS, "the raw table from DROP"),
        ("glue:GetTable", "glue:table/nrti2/predictions", "another lake's schema"),
        ("s3:PutObject DeleteObject", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "rows from INSERT"),
        ("s3:PutObject DeleteObject", f"s3:{_LAKE}/labels/month=2026-11/f", "labels from INSERT"),
        ("s3:GetObject", f"s3:{_LAKE}/errors/f", "what could not be delivered"),
        ("s3:DeleteObject", f"s3:{_LAKE}/athena-results/f", "results of others"),
        ("s3:GetObject PutObject", f"s3:{_ARTIFACTS}/models/m", "models"),
        ("athena:StartQueryExecution", "athena:workgroup/primary", "workgroups without a limit"),
        ("athena:UpdateWorkGroup DeleteWorkGroup", _WORKGROUP, "the limit on what a query reads"),
        ("dynamodb:GetItem DeleteItem", _TABLE, "the table"),
    ),
    *_calls(
        "api",
        ("states:StartExecution StartSyncExecution", _OTHER_MACHINE, "another stack's workflow"),
        ("states:DescribeStateMachine", _MACHINE, "reading the workflow"),
        ("firehose:PutRecord", _LABELS_STREAM, "the labels' way past the workflow"),
        ("states:UpdateStateMachine DeleteStateMachine", _MACHINE, "the workflow itself"),
        ("dynamodb:PutItem", _TABLE, "predictions that no model made"),
        ("lambda:InvokeFunction", _INFERENCE, "the models' way past the workflow"),
        ("sqs:ReceiveMessage", _QUEUE, "other producers' events"),
    ),
    *_calls(
        "alerts",
        ("dynamodb:PutItem DeleteItem BatchWriteItem Scan DeleteTable", _TABLE, "what is stored"),
        ("dynamodb:Query", "dynamodb:table/nrti2-predictions", "another stack's table"),
        ("sqs:ReceiveMessage SendMessage DeleteMessage PurgeQueue", _QUEUE, "dead letters"),
        ("s3:PutObject DeleteObject", f"s3:{_ARTIFACTS}/alerts/rules.json", "the rules"),
        ("s3:DeleteObject", f"s3:{_ARTIFACTS}/alerts/state.json", "its state from deletion"),
        ("s3:GetObject PutObject", f"s3:{_ARTIFACTS}/models/m", "models"),
        ("s3:PutObject", f"s3:{_ARTIFACTS}/references/nrti-m/1.json", "references of models"),
        ("s3:PutObject DeleteObject", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "the lake"),
        ("s3:PutObject DeleteObject", f"s3:{_LAKE}/labels/f", "labels"),
        ("ssm:PutParameter DeleteParameter", _SECRET, "addresses of webhooks"),
        ("ssm:GetParameter", "ssm:parameter/nrti/nrti2/alerts/silence-1", "another stack's secrets"),
        ("ssm:GetParameter", "ssm:parameter/password", "other secrets"),
        ("sns:Publish", "sns:nrti-alarms", "the alarms' topic, unless the stack has an e-mail address"),
        ("scheduler:CreateSchedule", "scheduler:schedule/nrti-alerts/every-minute", "its schedule"),
        ("lambda:InvokeFunction", _INFERENCE, "the other functions"),
        ("sagemaker:InvokeEndpoint", _ENDPOINT, "models"),
        ("states:StartExecution", _MACHINE, "the workflow"),
        ("iam:PassRole", f"iam:role/nrti-{REGION}-sagemaker", "other roles"),
        ("logs:PutLogEvents", _INFERENCE_LOG, "others' logs"),
    ),
    *_calls(
        "alert-schedule",
        ("lambda:InvokeFunction", _INFERENCE, "the other functions"),
        ("lambda:UpdateFunctionCode DeleteFunction", "lambda:function:nrti-alerts", "its code"),
    ),
    *_calls(
        "workflow",
        ("lambda:InvokeFunction", "lambda:function:nrti2-inference", "another stack's function"),
        ("lambda:InvokeFunction", _TRANSFORM, "the other function"),
        ("states:StartExecution", _MACHINE, "the events' workflow, by itself"),
        ("states:StartExecution", "states:stateMachine:nrti2-shadow", "another stack's shadows"),
        ("lambda:UpdateFunctionCode DeleteFunction", _INFERENCE, "the function's code"),
        ("dynamodb:BatchWriteItem", "dynamodb:table/nrti2-predictions", "another table"),
        ("dynamodb:DeleteItem DeleteTable", _TABLE, "what is stored"),
        ("dynamodb:GetItem Query Scan", _TABLE, "reading what is stored"),
        ("sqs:SendMessage", "sqs:nrti2-dead-letters", "another queue"),
        ("sqs:ReceiveMessage DeleteMessage PurgeQueue", _QUEUE, "what is parked"),
        ("s3:GetObject DeleteObject", f"s3:{_ARTIFACTS}/unparked/e.json", "what the queue has refused"),
        ("s3:PutObject", f"s3:{_ARTIFACTS}/code/f.zip", "the functions' code"),
        ("sagemaker:InvokeEndpoint", _ENDPOINT, "models, but through the function"),
        ("logs:DeleteLogGroup", "logs:log-group:/aws/vendedlogs/states/nrti-inference", "its own traces"),
        ("iam:PassRole", f"iam:role/nrti-{REGION}-sagemaker", "other roles"),
    ),
    *_calls(
        "inference",
        ("s3:PutObject DeleteObject", f"s3:{_ARTIFACTS}/shadows/failure-v1.json", "which model is a shadow"),
        ("s3:GetObject", f"s3:{_ARTIFACTS}/models/m", "models"),
    ),
    *_calls(
        "delivery",
        ("kinesis:GetRecords", "kinesis:stream/nrti2-predictions", "another stack's stream"),
        ("kinesis:PutRecord DeleteStream", _STREAM, "the stream"),
        ("lambda:InvokeFunction", _INFERENCE, "the other function"),
        ("s3:DeleteObject", f"s3:{_LAKE}/predictions/day=2026-11-22/f", "rows of the lake"),
        ("s3:PutObject GetObject", f"s3:{_LAKE}/athena-results/f", "other people's query results"),
        ("s3:PutObject GetObject", f"s3:{_ARTIFACTS}/models/m", "models"),
        ("s3:PutObject", f"s3:nrti2-lake-{ACCOUNT}-{REGION}/predictions/f", "another lake"),
        ("s3:PutBucketPolicy DeleteBucket", f"s3:{_LAKE}", "the bucket"),
        ("glue:UpdateTable DeleteTable", _VIEW, "the lake's schema"),
        ("glue:GetTable", "glue:table/nrti2/predictions", "another lake's schema"),
        ("logs:PutLogEvents", _TRANSFORM_LOG, "others' logs"),
    ),
    *_calls(
        "sagemaker",
        ("s3:PutObject DeleteObject", f"s3:{_ARTIFACTS}/code/f.zip", "the functions' code"),
        ("s3:PutObject GetObject", f"s3:{_ARTIFACTS}/asl/f.json", "the workflow's definition"),
        ("s3:PutObject", f"s3:{_ARTIFACTS}/data/job/train.csv", "the data it trains on"),
        ("s3:DeleteObject", f"s3:{_ARTIFACTS}/models/m", "models that serve"),
        ("s3:GetObject", f"s3:{_LAKE}/predictions/f", "the lake"),
        ("s3:GetObject", f"s3:nrti2-artifacts-{ACCOUNT}-{REGION}/models/m", "another stack's models"),
        ("s3:DeleteBucket PutBucketPolicy", f"s3:{_ARTIFACTS}", "the bucket"),
        ("sagemaker:CreateEndpoint DeleteEndpoint", _ENDPOINT, "endpoints"),
        ("sagemaker:InvokeEndpoint", _ENDPOINT, "other models' answers"),
        ("logs:CreateLogStream", _OTHER_MODELS_LOG, "others' logs"),
        ("logs:DeleteLogGroup", "logs:log-group:/aws/sagemaker/TrainingJobs", "its own traces"),
        ("ecr:PutImage DeleteRepository", "ecr:repository/sagemaker-scikit-learn", "images"),
        ("ecr:BatchGetImage", "ecr:repository/another-teams", "other images"),
        ("iam:PassRole", f"iam:role/nrti-{REGION}-sagemaker", "other roles"),
        ("dynamodb:Scan", _TABLE, "the table"),
    ),
    Call(
        "sagemaker",
        "cloudwatch:PutMetricData",
        "*",
        "figures that alarms look at",
        {"cloudwatch:namespace": "AWS/ApiGateway"},
    ),
]
