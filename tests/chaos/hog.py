"""Takes an endpoint's concurrency away from others, so that SageMaker throttles them."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.repeated import Repeated

#: Rows of one request; the model is at them for some tenths of a second.
_ROWS = 20_000
_PAUSE_SECONDS = 0.2


class Hog(Repeated):
    """Keeps an endpoint busy about half of the time."""

    def __init__(self, target: Target, endpoint: str) -> None:
        self._endpoint = endpoint
        self._runtime = target.client("sagemaker-runtime", retries={"total_max_attempts": 1})
        self._body = json.dumps({"instances": [[1, 2, 3]] * _ROWS})
        super().__init__(self._invoke, _PAUSE_SECONDS)

    def _invoke(self) -> None:
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint, ContentType="application/json", Body=self._body
            )
            answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException":
                raise
