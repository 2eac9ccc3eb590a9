"""The resources of a template as CloudFormation makes them in an account, with values instead of functions.

It knows the functions that the templates use, and fails at others.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nrti_cli.stack.template import Template, references

_SUBSTITUTION = re.compile(r"\$\{([\w:.]+)\}")
_FIELD = re.compile(r"\{(\w+)\}")
_NOTHING = object()
#: Where the name of a resource is among its properties, and its ARN without `arn:PARTITION:`, of its name,
#: other properties and the place. An id that AWS makes is here the logical one.
_KINDS: Mapping[str, tuple[str, str]] = {
    "AWS::ApiGateway::ApiKey": ("", "apigateway:{region}::/apikeys/{name}"),
    "AWS::ApiGateway::RestApi": ("", "apigateway:{region}::/restapis/{name}"),
    "AWS::ApiGateway::UsagePlan": ("", "apigateway:{region}::/usageplans/{name}"),
    "AWS::Athena::WorkGroup": ("Name", "athena:{region}:{account}:workgroup/{name}"),
    "AWS::CloudWatch::Alarm": ("AlarmName", "cloudwatch:{region}:{account}:alarm:{name}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "cloudwatch::{account}:dashboard/{name}"),
    "AWS::DynamoDB::Table": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::Glue::Database": ("DatabaseInput.Name", "glue:{region}:{account}:database/{name}"),
    "AWS::Glue::Table": ("TableInput.Name", "glue:{region}:{account}:table/{DatabaseName}/{name}"),
    "AWS::IAM::Role": ("RoleName", "iam::{account}:role/{name}"),
    "AWS::KMS::Key": ("", "kms:{region}:{account}:key/{name}"),
    "AWS::Kinesis::Stream": ("Name", "kinesis:{region}:{account}:stream/{name}"),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamName",
        "firehose:{region}:{account}:deliverystream/{name}",
    ),
    "AWS::Lambda::Function": ("FunctionName", "lambda:{region}:{account}:function:{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs:{region}:{account}:log-group:{name}:*"),
    "AWS::Logs::LogStream": (
        "LogStreamName",
        "logs:{region}:{account}:log-group:{LogGroupName}:log-stream:{name}",
    ),
    "AWS::QuickSight::Dashboard": ("DashboardId", "quicksight:{region}:{account}:dashboard/{name}"),
    "AWS::QuickSight::DataSet": ("DataSetId", "quicksight:{region}:{account}:dataset/{name}"),
    "AWS::QuickSight::DataSource": ("DataSourceId", "quicksight:{region}:{account}:datasource/{name}"),
    "AWS::QuickSight::RefreshSchedule": (
        "Schedule.ScheduleId",
        "quicksight:{region}:{account}:dataset/{DataSetId}/refresh-schedule/{name}",
    ),
    "AWS::S3::Bucket": ("BucketName", "s3:::{name}"),
    "AWS::SNS::Topic": ("TopicName", "sns:{region}:{account}:{name}"),
    "AWS::SQS::Queue": ("QueueName", "sqs:{region}:{account}:{name}"),
    "AWS::Scheduler::ScheduleGroup": ("Name", "scheduler:{region}:{account}:schedule-group/{name}"),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        "states:{region}:{account}:stateMachine:{name}",
    ),
}
#: `Ref` gives their ARN; of other resources, it gives the name.
_REFERRED_BY_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}


@dataclass(frozen=True)
class Place:
    """Where a stack is: the pseudo parameters."""

    stack: str
    region: str
    account: str
    partition: str = "aws"


@dataclass(frozen=True)
class Resource:
    """A resource without functions.

    Attributes:
        type: its type.
        properties: all that have a value.
        arn: empty if the type has none.
        refers: what it refers to: logical ids, parameters and pseudo parameters.
    """

    type: str
    properties: dict[str, Any]
    arn: str
    refers: frozenset[str]


class Rendering:
    """A template with parameters in a place."""

    def __init__(self, template: Template, place: Place, parameters: Mapping[str, str]) -> None:
        """Takes the defaults of parameters that are not given."""
        self._template = template
        self._place = place
        defaults = {
            name: str(each.get("Default", "")) for name, each in template.get("Parameters", {}).items()
        }
        self._values = {
            **defaults,
            **parameters,
            "AWS::StackName": place.stack,
            "AWS::Region": place.region,
            "AWS::AccountId": place.account,
            "AWS::Partition": place.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def resources(self) -> dict[str, Resource]:
        """The resources whose condition holds, by their logical ids."""
        return {name: self.resource(name) for name in self._made()}

    def resource(self, name: str) -> Resource:
        """One of them."""
        declared = self._declared(name)
        properties = self._value(declared.get("Properties", {}))
        return Resource(declared["Type"], properties, self._arn(name), frozenset(references(declared)))

    def _made(self) -> Iterator[str]:
        for name, declared in self._template["Resources"].items():
            if "Condition" not in declared or self._holds(declared["Condition"]):
                yield name

    def _holds(self, condition: str) -> bool:
        held = self._value(self._template["Conditions"][condition])
        assert isinstance(held, bool)
        return held

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self._value, node) if value is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((key, inner),) = node.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._function(key, inner)
        values = {key: self._value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not _NOTHING}

    def _function(self, name: str, given: Any) -> Any:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": lambda name: _NOTHING if name == "AWS::NoValue" else self._ref(name),
            "Fn::Base64": lambda text: b64encode(self._value(text).encode()).decode(),
            "Fn::Equals": lambda pair: len(set(map(str, self._value(pair)))) == 1,
            "Fn::GetAtt": lambda path: self._attribute(*path),
            "Fn::If": lambda parts: self._value(parts[1 if self._holds(parts[0]) else 2]),
            "Fn::Join": lambda parts: parts[0].join(self._value(parts[1])),
            "Fn::Not": lambda condition: not self._value(condition[0]),
            "Fn::Split": lambda parts: self._value(parts[1]).split(parts[0]),
            "Fn::Sub": lambda text: self._substituted(*([text] if isinstance(text, str) else text)),
        }
        return functions[name](given)

    def _substituted(self, text: str, own: Mapping[str, Any] = MappingProxyType({})) -> str:
        """The text with a value for each `${Name}` and `${Name.Attribute}`."""

        def value(found: re.Match[str]) -> str:
            name, dot, attribute = found[1].partition(".")
            if name in own:
                return str(self._value(own[name]))
            return str(self._attribute(name, attribute) if dot else self._ref(name))

        return _SUBSTITUTION.sub(value, text)

    def _ref(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        by_arn = self._declared(name)["Type"] in _REFERRED_BY_ARN
        return self._arn(name) if by_arn else self._name(name)

    def _attribute(self, name: str, attribute: str) -> str:
        if attribute == "Arn":
            return self._arn(name)
        return self._name(name) if attribute.endswith("Name") else f"{name}-{attribute}"

    def _name(self, name: str) -> str:
        path, _ = _KINDS.get(self._declared(name)["Type"], ("", ""))
        node: Any = self._declared(name).get("Properties", {})
        for step in filter(None, path.split(".")):
            node = node[step]
        return str(self._value(node)) if path else name

    def _arn(self, name: str) -> str:
        declared = self._declared(name)
        _, form = _KINDS.get(declared["Type"], ("", ""))
        properties = {key: declared["Properties"][key] for key in _FIELD.findall(form) if key[0].isupper()}
        fields = {**vars(self._place), "name": self._name(name), **self._value(properties)}
        return form and f"arn:{self._place.partition}:{form.format(**fields)}"

    def _declared(self, name: str) -> dict[str, Any]:
        declared: dict[str, Any] = self._template["Resources"][name]
        return declared
