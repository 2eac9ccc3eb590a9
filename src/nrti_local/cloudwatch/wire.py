"""CloudWatch's protocols: requests as JSON or as forms, answers as JSON or XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp
from ministack.core.responses import error_response_json, json_response

from nrti_local.server.asgi import Answer, present
from nrti_local.server.shared.errors import ServiceError

_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


def is_form(headers: Mapping[str, str]) -> bool:
    """Whether a request is a form, whose answer is XML."""
    return not headers.get("x-amz-target") and "json" not in headers.get("content-type", "")


def members(shape: Shape | None, body: bytes, *, form: bool) -> dict[str, Any]:
    """The members of a request, with times in seconds since 1970.

    Raises:
        ServiceError: it cannot be read.
    """
    try:
        if not form:
            read = _timed(shape, json.loads(body or b"{}"))
        else:
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
            read = _of_form(shape, "", fields) if shape else {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ServiceError("SerializationException", f"the request cannot be read: {error}") from None
    return dict(read or {})


def _timed(shape: Shape | None, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {name: _timed(shape.members.get(name), each) for name, each in present(value).items()}
    if isinstance(shape, ListShape):
        return [_timed(shape.member, each) for each in value]
    return _time(value) if shape is not None and shape.type_name == "timestamp" else value


def _time(value: Any) -> float:
    return value if isinstance(value, int | float) else parse_timestamp(value).timestamp()


def _of_form(shape: Shape, prefix: str, fields: Mapping[str, str]) -> Any:
    """The value of a member; None if the form lacks it."""
    if isinstance(shape, StructureShape):
        dot = f"{prefix}." if prefix else ""
        found = {name: _of_form(member, dot + name, fields) for name, member in shape.members.items()}
        return {name: each for name, each in found.items() if each is not None} or None
    if isinstance(shape, ListShape):
        items: list[Any] = []
        while (item := _of_form(shape.member, f"{prefix}.member.{len(items) + 1}", fields)) is not None:
            items.append(item)
        return items or None
    return None if prefix not in fields else _scalar(shape.type_name, fields[prefix])


def _scalar(kind: str, text: str) -> Any:
    if kind == "timestamp":
        return parse_timestamp(text).timestamp()
    if kind in {"integer", "long"}:
        return int(text)
    if kind in {"float", "double"}:
        return float(text)
    return text == "true" if kind == "boolean" else text


def done(operation: OperationModel, result: dict[str, Any], *, form: bool) -> Answer:
    """The answer of an operation, from the members of its result."""
    if not form:
        answer: Answer = json_response(result)
        return answer
    shape = operation.output_shape
    name = operation.name
    inner = f"<{name}Result>{_xml(shape, result)}</{name}Result>" if shape else ""
    metadata = f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
    document = f'<{name}Response xmlns="{_NAMESPACE}">{inner}{metadata}</{name}Response>'
    return 200, {"Content-Type": "text/xml"}, document.encode()


def _xml(shape: Shape | None, value: Any) -> str:
    if isinstance(shape, StructureShape):
        known = [(name, each) for name, each in value.items() if name in shape.members and each is not None]
        parts = ((name, _xml(shape.members[name], each)) for name, each in known)
        return "".join(f"<{name}>{content}</{name}>" for name, content in parts)
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_xml(shape.member, each)}</member>" for each in value)
    if isinstance(shape, MapShape):
        entries = ((escape(str(key)), _xml(shape.value, each)) for key, each in value.items())
        return "".join(f"<entry><key>{key}</key><value>{each}</value></entry>" for key, each in entries)
    if shape is not None and shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def refused(error: ServiceError, *, form: bool) -> Answer:
    """The answer to a request that is refused."""
    if not form:
        answer: Answer = error_response_json(error.code, error.message, error.status)
        return answer
    inner = f"<Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    document = f'<ErrorResponse xmlns="{_NAMESPACE}"><Error>{inner}</Error></ErrorResponse>'
    return error.status, {"Content-Type": "text/xml"}, document.encode()
