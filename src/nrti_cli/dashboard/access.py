"""Access to the page: only for the browser that opened the address that the command printed.

The page listens on 127.0.0.1, which all users of a machine can reach. The address has a token that admits one
browser, which receives a cookie for it. Host names other than the loopback's are refused, so that no website
can reach the page under a name of its own (DNS rebinding). So are requests that another page makes.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

Headers = dict[bytes, bytes]

#: The port of addresses without one.
_HTTP = 80


class Access:
    """The key to one running page.

    Args:
        port: where it listens.

    Attributes:
        token: good for the next visit.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._session = secrets.token_urlsafe(24)
        self.token = secrets.token_urlsafe(24)

    def address(self, query: dict[str, str]) -> str:
        """The address for the next visit."""
        return f"http://127.0.0.1:{self._port}/?{urlencode({**query, 'token': self.token})}"

    def is_local(self, headers: Headers) -> bool:
        """Whether a request is addressed to the loopback, and has this page as its origin, or none."""
        port = "" if self._port == _HTTP else f":{self._port}"  # browsers leave it out
        hosts = {f"{name}{port}" for name in ("127.0.0.1", "localhost")}
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        return host in hosts and origin in {"", *(f"http://{each}" for each in hosts)}

    def admit(self, token: str) -> str | None:
        """The cookie for a visit with this token, which is used up by it; None if it is not good."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = secrets.token_urlsafe(24)
        return f"{self._name}={self._session}; Path=/; HttpOnly; SameSite=Strict"

    def is_admitted(self, headers: Headers) -> bool:
        """Whether a request bears the cookie."""
        try:
            cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        found = cookies.get(self._name)
        return found is not None and hmac.compare_digest(found.value.encode(), self._session.encode())

    @property
    def _name(self) -> str:
        """Cookies do not distinguish ports, so each page has a name of its own."""
        return f"nrti-{self._port}"
