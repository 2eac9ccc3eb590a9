"""Who may see the page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from nrti_cli.dashboard.access import Access


def token(access: Access) -> str:
    return parse_qs(urlsplit(access.address({"period": "300"})).query)["token"][0]


def test_an_address_admits_one_browser() -> None:
    access = Access(4711)
    first = token(access)

    cookie = access.admit(first)

    assert cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert access.is_admitted({b"cookie": cookie.split(";")[0].encode()})
    assert access.admit(first) is None
    assert access.admit(token(access)) == cookie


def test_browsers_leave_out_the_port_of_http() -> None:
    assert Access(80).is_local({b"host": b"127.0.0.1", b"origin": b"http://127.0.0.1"})


@pytest.mark.parametrize("cookie", [b"", b"nrti-4711=wrong", b"nrti-4712=x", b"\xff=;;", b"nrti-4711"])
def test_no_other_cookie_does(cookie: bytes) -> None:
    assert not Access(4711).is_admitted({b"cookie": cookie})


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        (b"127.0.0.1:4711", b"", True),
        (b"localhost:4711", b"http://localhost:4711", True),
        (b"127.0.0.1:4712", b"", False),
        (b"evil.example:4711", b"", False),
        (b"", b"", False),
        (b"127.0.0.1:4711", b"http://evil.example", False),
        (b"127.0.0.1:4711", b"null", False),
        (b"127.0.0.1:4711", b"https://127.0.0.1:4711", False),
    ],
)
def test_only_the_loopback_is_answered_and_only_pages_of_it(
    host: bytes, origin: bytes, allowed: bool
) -> None:
    headers = {b"host": host} | ({b"origin": origin} if origin else {})

    assert Access(4711).is_local(headers) is allowed
