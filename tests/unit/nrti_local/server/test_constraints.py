from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.operations import HANDLERS
from nrti_local.server.shared import constraints
from nrti_local.server.shared.api_model import ApiModel
from nrti_local.server.shared.errors import ServiceError

MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


@pytest.fixture(scope="module")
def api() -> ApiModel:
    return ApiModel("sagemaker", invalid)


def refused(api: ApiModel, operation: str, body: bytes) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        api.read(operation, body)
    return raised.value


def test_members_that_the_model_does_not_know_are_ignored(api: ApiModel) -> None:
    assert api.read("DescribeEndpoint", b'{"EndpointName": "e", "New": 1}')["EndpointName"] == "e"


@pytest.mark.parametrize(
    ("operation", "body", "value", "constraint"),
    [
        ("DescribeEndpoint", b"{}", "null at 'endpointName'", "not be null"),
        (
            "DescribeEndpoint",
            b'{"EndpointName": "a--b_"}',
            "'a--b_' at 'endpointName'",
            "satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            "ListEndpoints",
            b'{"SortOrder": "Up"}',
            "'Up' at 'sortOrder'",
            "satisfy enum value set: [Ascending, Descending]",
        ),
        (
            "ListEndpoints",
            b'{"MaxResults": 0}',
            "'0' at 'maxResults'",
            "have value greater than or equal to 1",
        ),
    ],
)
def test_violations_are_reported_in_aws_s_words(
    api: ApiModel, operation: str, body: bytes, value: str, constraint: str
) -> None:
    error = refused(api, operation, body)
    assert error.code == "ValidationException"
    assert error.message == (
        f"1 validation error detected: Value {value} failed to satisfy constraint: Member must {constraint}"
    )


def test_all_violations_are_reported(api: ApiModel) -> None:
    error = refused(api, "ListEndpoints", b'{"MaxResults": 0, "SortOrder": "Up"}')
    assert error.message.startswith("2 validation errors detected: ")
    assert error.message.count("; Value ") == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"EndpointName": 7}', b'{"EndpointName": ["a"]}'])
def test_wrong_json_is_a_serialization_exception(api: ApiModel, body: bytes) -> None:
    assert refused(api, "DescribeEndpoint", body).code == "SerializationException"


def test_a_truth_is_no_number(api: ApiModel) -> None:
    assert refused(api, "ListEndpoints", b'{"MaxResults": true}').code == "SerializationException"


def test_members_of_lists_are_counted_from_one(api: ApiModel) -> None:
    body = b'{"EndpointConfigName": "c", "ProductionVariants": [{"VariantName": "v"}, {}]}'
    assert (
        "Value null at 'productionVariants.2.member.variantName'"
        in refused(api, "CreateEndpointConfig", body).message
    )


def test_tags_may_have_letters_of_any_language(api: ApiModel) -> None:
    tag = {"Key": "Größe:1", "Value": "日 本"}
    request = {"ResourceArn": "arn:aws:sagemaker:a:000000000000:model/m", "Tags": [tag]}
    assert api.read("AddTags", json.dumps(request).encode())["Tags"][0]["Key"] == "Größe:1"


def test_a_long_value_is_cut(api: ApiModel) -> None:
    message = refused(api, "DescribeEndpoint", b'{"EndpointName": "%s"}' % (b"x" * 5000)).message

    assert "'xxx" in message
    assert len(message) < 3_000  # two constraints are violated


def test_an_unknown_operation(api: ApiModel) -> None:
    assert refused(api, "MakeCoffee", b"{}").code == "UnknownOperationException"


def test_an_answer_has_only_what_the_model_has(api: ApiModel) -> None:
    document: dict[str, Any] = {
        "EndpointName": "e",
        "FailureReason": None,
        "Plan": [1],
        "ProductionVariants": [{"VariantName": "v", "Own": 1}],
    }
    assert api.answer("DescribeEndpoint", document) == {
        "EndpointName": "e",
        "ProductionVariants": [{"VariantName": "v"}],
    }


def _patterns(shape: Shape, above: tuple[str, ...] = ()) -> Iterator[str]:
    if shape.name in above:
        return
    if "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inner = [getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)]
    for each in [*getattr(shape, "members", {}).values(), *inner]:
        yield from _patterns(each, (*above, shape.name))


_MODELS = {
    name: ServiceModel(Loader().load_service_model(name, "service-2"), name)
    for name in ("athena", "sagemaker")
}
_OPERATIONS = [("sagemaker", name) for name in sorted(HANDLERS)]
_OPERATIONS += [("athena", name) for name in _MODELS["athena"].operation_names]


@pytest.mark.parametrize(("service", "operation"), _OPERATIONS)
def test_every_expression_of_java_becomes_one_of_python(service: str, operation: str) -> None:
    shape = _MODELS[service].operation_model(operation).input_shape
    assert shape

    for pattern in set(_patterns(shape)):
        constraints._expression(pattern)


@pytest.mark.parametrize("operation", ["ListModels", "AddAssociation"])
def test_a_body_without_a_bottom_is_refused(api: ApiModel, operation: str) -> None:
    assert refused(api, operation, b"[" * 100_000).code == "SerializationException"
