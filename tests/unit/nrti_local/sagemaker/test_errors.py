from __future__ import annotations

import pytest

from nrti_local.sagemaker.errors import internal_error


def test_a_fault_of_our_own_names_its_cause_and_where_the_rest_is(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TypeError) as raised:
        int("7", bass=10)  # type: ignore[call-overload]

    line = internal_error("training job j", raised.value)

    assert line.startswith("TypeError: 'bass' is an invalid keyword argument for int() (error ")
    assert "; the log of the embedded AWS shows where)" in line
    assert "training job j failed, error " in caplog.text
    assert "Traceback" in caplog.text
