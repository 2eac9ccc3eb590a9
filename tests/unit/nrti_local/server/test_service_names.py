"""The names of AWS's services are those of botocore's models, of which little is read."""

from __future__ import annotations

from botocore.session import get_session

from nrti_local.server import service_names

(PATCH,) = service_names.PATCHES
IS_NAME = PATCH.replace(None)


def test_each_name_of_a_service_is_known() -> None:
    session = get_session()
    for service in ("pinpoint", "glacier", "stepfunctions", "cloudwatch", "iot-data", "s3"):
        metadata = session.get_service_model(service).metadata
        assert IS_NAME(service)
        assert IS_NAME(metadata["endpointPrefix"])
        assert IS_NAME(metadata.get("signingName", service))


def test_what_is_no_service_is_not() -> None:
    assert not IS_NAME("s3express")
    assert not IS_NAME("nonsense")
