"""The HTTP of the page, on ASGI: a few addresses, JSON, and files from the package."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.dashboard.rings import WIDTHS
from nrti_cli.dashboard.shared import Body, encoded
from nrti_cli.dashboard.views import Choice
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.dashboard.access import Access
    from nrti_cli.dashboard.board import Board

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".woff2": b"font/woff2",
}
#: The page gets everything from here, and nothing may frame it or run what is not a file of it.
_HEADERS = [
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'none'",
                b"script-src 'self'",
                b"style-src 'self'",
                b"img-src 'self'",
                b"font-src 'self'",
                b"connect-src 'self'",
                b"base-uri 'none'",
                b"form-action 'none'",
                b"frame-ancestors 'none'",
            )
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
#: Bytes from which on an answer is worth compressing.
_COMPRESSED = 1_000
_PAGE = files("nrti_cli.dashboard") / "page"
_NAMES = frozenset(file.name for file in _PAGE.iterdir() if PurePath(file.name).suffix in _TYPES)
_NOT_ADMITTED = "Open the address that `nrti dashboard` printed last: each address admits one browser."


class App:
    """The application of one page.

    Args:
        board: the data.
        access: who may see it.
        about: what the page says of the target: its name, the stack and so on.
        admitted: called after a browser was let in, when the address that it came by is used up.
    """

    def __init__(
        self, board: Board, access: Access, about: dict[str, Any], admitted: Callable[[], None]
    ) -> None:
        self._board, self._access, self._about, self._admitted = board, access, about, admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        """Answers a request."""
        headers = dict(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        answer = await self._answer(scope, headers, query)
        await _send(send, answer, compress=b"gzip" in headers.get(b"accept-encoding", b""))

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], query: dict[str, list[str]]
    ) -> _Answer:
        if not self._access.is_local(headers):
            return _text(403, "This page is for a browser on the machine that it runs on.")
        if scope["method"] not in {"GET", "HEAD"}:
            return _text(405, "This page only answers GET.")
        if "token" in query and scope["path"] == "/" and (cookie := self._access.admit(query["token"][0])):
            self._admitted()
            rest = urlencode({name: values for name, values in query.items() if name != "token"}, doseq=True)
            to = f"/?{rest}" if rest else "/"
            return _Answer(303, [(b"location", to.encode()), (b"set-cookie", cookie.encode())], Body(b""))
        if not self._access.is_admitted(headers):
            return _text(401, _NOT_ADMITTED)
        try:
            return await self._found(scope["path"], query)
        except (KeyError, ValueError, NrtiError, BotoCoreError, ClientError) as error:
            return _refusal(error)

    async def _found(self, path: str, query: dict[str, list[str]]) -> _Answer:
        found: Any
        match path:
            case "/changes":
                after = query.get("after", [""])[0]
                return _json((await self._board.changes(_choice(query), after)).body)
            case "/production":
                found = await self._board.production(_choice(query))
            case "/about":
                found = self._about
            case "/thresholds":
                models = list(zip(query["model"], query["version"], strict=True))
                found = await self._board.thresholds(models)
            case "/sensor":
                found = await self._board.sensor(query["name"][0])
            case "/prediction":
                found = await self._board.prediction(query["sensor"][0], query["key"][0])
            case _:
                return _file("index.html" if path == "/" else path.removeprefix("/"))
        return _text(404, "There is no such prediction.") if found is None else _json(encoded(found))


class _Answer:
    """An answer that is not sent yet."""

    def __init__(self, status: int, headers: Headers, body: Body) -> None:
        self.status, self.headers, self.body = status, headers, body


def _choice(query: dict[str, list[str]]) -> Choice:
    period = int(query["period"][0])
    if period not in WIDTHS:
        raise ValueError(f"period is one of {', '.join(map(str, WIDTHS))}")
    sensors = query.get("sensor")
    return Choice(period, frozenset(sensors) if sensors else None, query.get("model", [None])[0])


def _json(body: Body) -> _Answer:
    return _Answer(200, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], body)


def _refusal(error: Exception) -> _Answer:
    if isinstance(error, KeyError | ValueError):
        return _text(400, f"This request is wrong: {error}.")
    return _text(502, f"AWS gives no answer: {error}")


def _text(status: int, text: str) -> _Answer:
    return _Answer(status, [(b"content-type", b"text/plain; charset=utf-8")], Body(f"{text}\n".encode()))


def _file(name: str) -> _Answer:
    """A file of the page; there are no folders."""
    if name not in _NAMES:
        return _text(404, "There is no such page.")
    headers = [(b"content-type", _TYPES[PurePath(name).suffix]), (b"cache-control", b"no-cache")]
    return _Answer(200, headers, Body((_PAGE / name).read_bytes()))


async def _send(send: Send, answer: _Answer, *, compress: bool) -> None:
    body, headers = answer.body.content, [*answer.headers, *_HEADERS]
    if compress and len(body) >= _COMPRESSED:
        body = answer.body.compressed
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
