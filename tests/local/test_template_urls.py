"""Templates in S3, by the URLs that CloudFormation takes and those that it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.local.small_stack import make_bucket

BUCKET = "template-urls"
KEY = "templates/a b.json"
TEMPLATE = {"Parameters": {"Given": {"Type": "String"}}, "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
QUOTED = KEY.replace(" ", "%20")


@pytest.fixture(scope="module")
def cloudformation(embedded: Target) -> Iterator[Any]:
    s3 = embedded.client("s3")
    make_bucket(embedded, BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(TEMPLATE).encode())
    large = json.dumps({**TEMPLATE, "x": "x" * 1_000_000})
    s3.put_object(Bucket=BUCKET, Key="large.json", Body=large.encode())
    yield embedded.client("cloudformation")
    for key in (KEY, "large.json"):
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)


@pytest.mark.parametrize(
    "url",
    [
        f"https://{BUCKET}.s3.eu-central-1.amazonaws.com/{QUOTED}",
        f"https://{BUCKET}.s3.amazonaws.com/{QUOTED}",
        f"https://{BUCKET}.s3-eu-west-1.amazonaws.com/{QUOTED}",
        f"https://{BUCKET}.s3.dualstack.eu-west-1.amazonaws.com/{QUOTED}",
        f"https://s3.eu-central-1.amazonaws.com/{BUCKET}/{QUOTED}",
        f"https://s3.amazonaws.com/{BUCKET}/{QUOTED}",
        f"https://s3-us-gov-west-1.amazonaws.com/{BUCKET}/{QUOTED}",
        f"https://{BUCKET}.s3.cn-north-1.amazonaws.com.cn/{QUOTED}",
        f"http://127.0.0.1:4566/{BUCKET}/{QUOTED}",
        f"http://{BUCKET}.s3.localhost:4566/{QUOTED}",
    ],
)
def test_a_template_is_read_by_the_url_of_its_object(cloudformation: Any, url: str) -> None:
    found = cloudformation.get_template_summary(TemplateURL=url)

    assert [each["ParameterKey"] for each in found["Parameters"]] == ["Given"]


_SEE = "\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"s3://{BUCKET}/{KEY}", f"S3 error: Domain name specified in {BUCKET} is not a valid S3 domain"),
        (f"https://example.com/{BUCKET}/{KEY}", "TemplateURL must be a supported URL."),
        (f"https://s3.amazonaws.com/{BUCKET}", "TemplateURL must be a supported URL."),
        (
            f"https://s3.amazonaws.com/{BUCKET}/missing.json",
            f"S3 error: The specified key does not exist.{_SEE}",
        ),
        ("https://no-such.s3.amazonaws.com/a", f"S3 error: The specified bucket does not exist{_SEE}"),
        (
            f"https://s3.amazonaws.com/{BUCKET}/large.json",
            "Template may not exceed 1000000 bytes in size.",
        ),
    ],
)
def test_other_urls_are_refused_in_cloudformations_words(cloudformation: Any, url: str, said: str) -> None:
    with pytest.raises(ClientError) as raised:
        cloudformation.validate_template(TemplateURL=url)

    assert raised.value.response["Error"]["Code"] == "ValidationError"
    assert raised.value.response["Error"]["Message"] == said
