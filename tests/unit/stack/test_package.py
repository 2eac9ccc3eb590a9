from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.target import Target
from nrti_cli.stack.package import Artifact, archive, artifacts, upload
from tests.unit.conftest import Stub


@pytest.fixture
def code(tmp_path: Path) -> Path:
    package = tmp_path / "function"
    (package / "lib" / "__pycache__").mkdir(parents=True)
    (package / "handler.py").write_text("def handler(event, context): ...\n")
    (package / "lib" / "more.py").write_text("x = 1\n")
    (package / "lib" / "__pycache__" / "more.pyc").write_bytes(b"compiled")
    return package


def test_a_zip_has_the_sources_only_in_order(code: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(code))) as zipped:
        assert zipped.namelist() == ["function/handler.py", "function/lib/more.py"]
        assert zipped.infolist()[0].external_attr >> 16 == 0o644


def test_a_zip_depends_on_contents_alone(code: Path) -> None:
    before = archive(code)
    os.utime(code / "handler.py", (1, 1))
    (code / "handler.py").chmod(0o700)
    assert archive(code) == before

    (code / "handler.py").write_text("changed\n")
    assert archive(code) != before


def test_the_stack_is_made_of_functions_and_state_machines() -> None:
    keys = {artifact.parameter: artifact.key for artifact in artifacts()}

    code = {"InferenceCodeKey", "TransformCodeKey", "LabelsCodeKey", "AlertsCodeKey"}
    machines = {"StateMachineKey", "LabelsStateMachineKey", "ShadowStateMachineKey"}
    assert set(keys) == code | machines
    assert all(keys[name].startswith("code/") for name in code)
    assert all(keys[name].endswith(".json") for name in machines)


@pytest.mark.parametrize("there", [True, False])
def test_only_what_is_missing_is_uploaded(target: Target, stub: Stub, there: bool) -> None:
    s3 = stub("s3")
    wanted = {"Bucket": "b", "Key": "code/1.zip"}
    if there:
        s3.add_response("head_object", {}, wanted)
    else:
        s3.add_client_error("head_object", "404", http_status_code=404, expected_params=wanted)
        s3.add_response("put_object", {}, {**wanted, "Body": b"zip"})

    uploaded = upload(S3(target), "b", (Artifact("InferenceCodeKey", "code/1.zip", b"zip"),))

    assert uploaded == ([] if there else ["code/1.zip"])
