"""What Step Functions answers the API: how an execution ended, or why there is none."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from nrti_cli.remote.inference_function.endpoints import Answer, Rejection
from nrti_cli.remote.inference_function.outcomes import outcome, text
from tests.clients.special_texts import TEXTS
from tests.local import fuzz_bodies
from tests.unit.remote.conftest import judged
from tests.unit.workflow import DEFINITION

_ERRORS = st.sampled_from(
    ("ThrottlingException", "ExecutionLimitExceeded", "ValidationException", "InvalidExecutionInput", "Other")
)
_PARKED = str(DEFINITION["States"]["AnswerParked"]["Result"]["body"])


@st.composite
def _scored(draw: st.DrawFn) -> str:
    """What became of each event of a request."""
    event = {"sensor": draw(TEXTS), "model": "m", "timestamp": 5, "event_id": draw(TEXTS)}
    rejections = [Rejection("E", draw(TEXTS), status) for status in (422, 429, 503)]
    answers: list[Answer] = draw(
        st.lists(st.sampled_from([judged("m", 1, 0.75), *rejections]), min_size=1, max_size=3)
    )
    outcomes = [outcome(event, answer, 1, 2) for answer in answers]
    return text(outcomes, array=len(outcomes) > 1 or draw(st.booleans()), first=True, last=True)


EXECUTIONS = st.one_of(
    st.one_of(_scored(), st.just(_PARKED)).map(
        lambda body: {"status": "SUCCEEDED", "output": json.dumps({"body": body})}
    ),
    st.fixed_dictionaries({"status": st.sampled_from(["FAILED", "TIMED_OUT"])}, optional={"cause": TEXTS}),
)
REFUSALS = st.fixed_dictionaries(
    {},
    optional={
        "__type": st.one_of(
            _ERRORS, _ERRORS.map("com.amazonaws.swf.service.v2.model#{}".format), st.integers()
        ),
        "message": st.one_of(TEXTS, st.just("must have length less than or equal to 262144"), st.none()),
        "error": fuzz_bodies.EVENTS,
    },
)
