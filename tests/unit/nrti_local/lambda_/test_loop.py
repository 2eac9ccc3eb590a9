import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HANDLER = """
import os, sys
from nrti_local.lambda_.loop import serve

def handler(event, context):
    print("printed")
    os.system("echo printed by a child")
    if event == "raise":
        raise LookupError("no such thing")
    return {
        "event": event,
        "environment": {name: os.environ.get(name) for name in ("DEPTH", "TOKEN", "_X_AMZN_TRACE_ID")},
        "id": context.aws_request_id,
        "name": context.function_name,
        "left": context.get_remaining_time_in_millis(),
    }

sys.stdout = sys.stderr  # as ministack has it
serve(handler, {"function_name": "f"}, "DEPTH", ("TOKEN",))
"""

Invoke = Callable[..., Any]


@pytest.fixture
def invoke(tmp_path: Path) -> Iterator[Invoke]:
    script = tmp_path / "worker.py"
    script.write_text(HANDLER)
    with subprocess.Popen(
        [sys.executable, str(script)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        requests, answers = process.stdin, process.stdout
        assert requests
        assert answers

        def ask(event: Any, **told: Any) -> Any:
            print(json.dumps({"event": event, "ctx": told}), file=requests, flush=True)
            return json.loads(answers.readline())

        yield ask
        requests.close()
        assert process.wait(10) == 0


def test_an_event_is_answered_with_what_is_told_of_its_invocation_alone(invoke: Invoke) -> None:
    first = invoke({"n": 1}, request_id="r", depth=2, trace_id="t", durable={"TOKEN": "d"})["result"]
    assert (first["event"], first["id"], first["name"]) == ({"n": 1}, "r", "f")
    assert 0 < first["left"] <= 3000
    assert first["environment"] == {"DEPTH": "2", "TOKEN": "d", "_X_AMZN_TRACE_ID": "t"}
    assert set(invoke([])["result"]["environment"].values()) == {None}


def test_an_exception_is_a_result(invoke: Invoke) -> None:
    failure = invoke("raise", request_id="r")["result"]["__nrti_failure__"]
    assert (failure["errorType"], failure["errorMessage"]) == ("LookupError", "no such thing")
    assert "raise LookupError" in failure["stackTrace"][-1]
    assert invoke("again")["status"] == "ok"


def test_what_is_printed_lies_beside_the_script(invoke: Invoke, tmp_path: Path) -> None:
    invoke("any")
    assert (tmp_path / "log").read_text().splitlines() == ["printed", "printed by a child"]
