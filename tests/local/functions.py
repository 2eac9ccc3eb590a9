"""Functions for the tests of Lambda, made and invoked through the SDK."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.target import Target

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

ROLE = "arn:aws:iam::000000000000:role/any"


@dataclass(frozen=True)
class Answer:
    """What an invocation answered.

    Attributes:
        payload: parsed.
        error: of X-Amz-Function-Error.
        version: that was executed.
        log: its end.
    """

    payload: Any
    error: str
    version: str
    log: str


class Functions:
    """Makes functions, and invokes them.

    Args:
        target: where they are.
        config: of the client, for particular settings.
    """

    def __init__(self, target: Target, **config: Any) -> None:
        self.client: LambdaClient = target.client("lambda", **config)

    def make(self, name: str, code: str, **settings: Any) -> str:
        """Makes a function of one module; returns its name."""
        self.client.create_function(
            FunctionName=name,
            Role=ROLE,
            Code={"ZipFile": archive(code)},
            **{"Runtime": "python3.12", "Handler": "index.handler", **settings},
        )
        return name

    def invoke(self, name: str, event: Any = None, **settings: Any) -> Answer:
        """Invokes a function and waits for the answer."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        found = self.client.invoke(FunctionName=name, Payload=payload, LogType="Tail", **settings)
        return Answer(
            json.load(found["Payload"]),
            found.get("FunctionError", ""),
            found["ExecutedVersion"],
            base64.b64decode(found.get("LogResult", "")).decode(),
        )


def archive(code: str, name: str = "index.py") -> bytes:
    """A zip archive with one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(name, code)
    return content.getvalue()
