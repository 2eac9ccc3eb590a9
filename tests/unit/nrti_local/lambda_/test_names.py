import pytest

from nrti_local.lambda_ import names
from nrti_local.lambda_.names import FunctionName
from nrti_local.server.shared.errors import ServiceError

ARN = "arn:aws:lambda:eu-central-2:123456789012:function:f"


@pytest.mark.parametrize(
    ("reference", "name", "qualifier"),
    [
        ("f", "f", ""),
        ("f:7", "f", "7"),
        ("f:$LATEST", "f", "$LATEST"),
        ("eu-west-1:live", "eu-west-1", "live"),
        ("function:f", "f", ""),
        ("123456789012:function:f:live", "f", "live"),
        ("eu-central-2:123456789012:function:f", "f", ""),
        (ARN, "f", ""),
        (f"{ARN}:live", "f", "live"),
    ],
)
def test_a_function_has_many_names(reference: str, name: str, qualifier: str) -> None:
    found = names.parse(reference, account="123456789012", region="eu-central-2")
    assert found == FunctionName("123456789012", "eu-central-2", name, qualifier)


def test_the_qualifier_of_the_request_is_for_a_name_without_one() -> None:
    found = names.parse("f", account="123456789012", region="eu-central-2", qualifier="live")
    assert found.arn == f"{ARN}:live"
    found = names.parse("f:7", account="123456789012", region="eu-central-2", qualifier="live")
    assert (found.arn, found.unqualified_arn) == (f"{ARN}:7", ARN)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        (ARN.replace("eu-central-2", "eu-west-1"), "ResourceNotFoundException"),
        (ARN.replace("123456789012", "210987654321"), "ResourceNotFoundException"),
        ("arn:aws:sqs:eu-central-2:123456789012:q", "ValidationException"),
        ("a b", "ValidationException"),
    ],
)
def test_what_names_no_function_of_the_caller_is_refused(reference: str, code: str) -> None:
    with pytest.raises(ServiceError) as raised:
        names.parse(reference, account="123456789012", region="eu-central-2")
    assert raised.value.code == code
