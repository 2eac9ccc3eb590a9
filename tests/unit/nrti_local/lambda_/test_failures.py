import json

import pytest

from nrti_local.lambda_ import failures


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (3, "Runtime exited with error: exit status 3"),
        (-9, "Runtime exited with error: signal: killed"),
    ],
)
def test_an_exit_says_how(status: int, reason: str) -> None:
    payload, line = failures.exited("r", status)
    assert json.loads(payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: r Error: {reason}",
    }
    assert line == f"RequestId: r Error: {reason}\nRuntime.ExitError"
