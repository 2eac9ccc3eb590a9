"""Templates in S3: reads their URLs as CloudFormation does, and with the permissions of the caller.

ministack takes the path of any URL for bucket and key, and reads every object for every caller.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from xml.etree import ElementTree as ET

from ministack.services import s3

from nrti_local.iam.authorization import denial_of
from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import replacing, replaying
from nrti_local.server.shared.ask import RefusedError, ask
from nrti_local.server.shared.caller import identify

_MEMBER = "TemplateURL"
#: The hosts of S3, with or without the bucket in front, and those of the embedded AWS.
_HOST = re.compile(
    r"""(?:(?P<bucket>.+?)\.)??
    (?: s3(?:[.-](?:fips|dualstack|accelerate|external-1|[a-z]{2}(?:-[a-z]+)+-\d+))*\.amazonaws\.com(?:\.cn)?
      | (?:s3\.)?(?:localhost|127\.0\.0\.1)(?::\d+)? )""",
    re.VERBOSE,
)
_SEE = "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"


class _RefusedError(Exception):
    """CloudFormation cannot read the template; the message says why."""


def before(ministack: Application) -> Application:
    """Checks the URL of a template, and gives ministack one that it reads correctly."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or request.service != "cloudformation" or not request.form:
            await ministack(scope, receive, send)
            return
        body = await read(receive)
        form = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        url = dict(form).get(_MEMBER)
        if not url:
            await ministack(scope, replaying(body), send)
            return
        try:
            read_as = f"https://s3.amazonaws.com/{'/'.join(_found(url, scope, body))}"
        except _RefusedError as error:
            await respond(send, *request.error(400, "ValidationError", str(error)))
            return
        changed = [(name, read_as if name == _MEMBER else value) for name, value in form]
        await ministack(*replacing(scope, body, urlencode(changed).encode()), send)

    return serve


def _found(url: str, scope: Scope, body: bytes) -> tuple[str, str]:
    """Bucket and key of a template that exists and that the caller may read.

    Raises:
        _RefusedError: it is none; with CloudFormation's message.
    """
    bucket, key = _located(url)
    if denial_of("s3", f"arn:aws:s3:::{bucket}/{key}", identify(scope), scope, body, "s3:GetObject"):
        raise _RefusedError(f"S3 error: Access Denied\n{_SEE}")
    try:
        ask(s3, "GET", f"/{bucket}/{key}")
    except RefusedError as error:
        message = ET.fromstring(error.body).findtext("Message")  # noqa: S314 (our own S3 wrote it)
        raise _RefusedError(f"S3 error: {message}\n{_SEE}") from error
    return bucket, key


def _located(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        raise _RefusedError(f"S3 error: Domain name specified in {parts.netloc} is not a valid S3 domain")
    host = _HOST.fullmatch(parts.netloc) if parts.scheme in {"http", "https"} else None
    path = unquote(parts.path).removeprefix("/")
    bucket, _, key = (host["bucket"], "", path) if host and host["bucket"] else path.partition("/")
    if not host or not bucket or not key:
        raise _RefusedError("TemplateURL must be a supported URL.")
    return bucket, key
