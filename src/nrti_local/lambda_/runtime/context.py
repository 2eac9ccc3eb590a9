"""The context object of an invocation."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any


class Context:
    """What a handler gets beside the event.

    Args:
        invocation: `arn`, `request_id`, and `deadline` in seconds since 1970.
    """

    client_context = None

    def __init__(self, invocation: Mapping[str, Any]) -> None:
        environment = os.environ
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = invocation["arn"]
        self.aws_request_id = invocation["request_id"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self._deadline = invocation["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may still take, in milliseconds."""
        return max(0, int((self._deadline - time.time()) * 1000))
