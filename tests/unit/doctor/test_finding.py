from __future__ import annotations

import threading

from botocore.exceptions import NoCredentialsError

from nrti_cli.doctor.finding import Check, Finding, run
from nrti_cli.errors import NrtiError

FINE = Finding("fine", "ok", "all well")


def _raising(error: Exception) -> Check:
    def look() -> Finding:
        raise error

    return Check("a", look)


def test_findings_come_in_the_order_of_the_checks() -> None:
    finished = threading.Event()

    def slow() -> Finding:
        assert finished.wait(10)
        return Finding("slow", "warn", "late")

    def fine() -> Finding:
        finished.set()
        return FINE

    assert [found.check for found in run([Check("slow", slow), Check("fine", fine)])] == ["slow", "fine"]


def test_what_a_check_raises_is_its_finding() -> None:
    ours, sdk, bug = run(
        [_raising(NrtiError("no", hint="do it")), _raising(NoCredentialsError()), _raising(KeyError("x"))]
    )

    assert ours == Finding("a", "failed", "no", "do it")
    assert (sdk.state, sdk.found) == ("failed", "there are no AWS credentials")
    assert "aws configure" in sdk.advice
    assert bug == Finding("a", "failed", "KeyError: 'x'")
