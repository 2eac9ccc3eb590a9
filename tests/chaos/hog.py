"""Takes an endpoint's concurrency away from others, so that SageMaker throttles them."""

from __future__ import annotations

import json
import threading

from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target

#: Rows of one request; the model is at them for some tenths of a second.
_ROWS = 20_000
_PAUSE_SECONDS = 0.2


class Hog:
    """Keeps an endpoint busy about half of the time."""

    def __init__(self, target: Target, endpoint: str) -> None:
        self._endpoint = endpoint
        self._runtime = target.client("sagemaker-runtime", retries={"total_max_attempts": 1})
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hog")

    def __enter__(self) -> Hog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        body = json.dumps({"instances": [[1, 2, 3]] * _ROWS})
        while not self._over.wait(_PAUSE_SECONDS):
            try:
                answer = self._runtime.invoke_endpoint(
                    EndpointName=self._endpoint, ContentType="application/json", Body=body
                )
                answer["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] != "ThrottlingException":
                    raise
