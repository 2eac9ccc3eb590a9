"""Filter patterns: the examples of AWS's page "Filter pattern syntax", and what CloudWatch refuses."""

from __future__ import annotations

import pytest

from nrti_local.cloudwatch.patterns.compiling import compiled
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

TRAIL = """{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "other"],
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "ThisFlag": true,
  "latency": 500.5, "code": "500", "quote": "a \\"b\\""}"""
USERS = """{"user": {"id": 1, "email": "John.Stiles@example.com"}, "coordinates": [[0, 1, 2], [4, 5, 6]],
  "users": [{"id": 2, "email": "John.Doe@example.com"}], "actions": ["GET", "PUT", "DELETE"]}"""
APACHE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "Exiting with ERRORCODE: -1", True),
        ("ERROR", "an error", False),
        ("ERROR Exception", "[ERROR] Unhandled Exception", True),
        ("ERROR Exception", "[ERROR] unhandled", False),
        ('ERROR -"Exiting"', "Exiting with ERRORCODE: -1", False),
        ("ERROR -Exiting", "[ERROR] A fatal exception", True),
        ('"INTERNAL SERVER ERROR"', "500 INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "SERVER INTERNAL ERROR", False),
        ('"say \\"so\\""', 'they say "so"', True),
        ("?ERROR ?WARN", "WARN message", True),
        ("?ERROR ?WARN", "INFO message", False),
        ("?ERROR ?INFO REQUEST", "[WARN] UNAUTHORIZED REQUEST", True),
        ("?ERROR ?INFO REQUEST", "[ERROR] nothing", False),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%[Ee]rror|[Ff]ail%", "it Failed", True),
        (r"%\d{1,3}\.\d{1,3}%", "at 10.20", True),
        (r"%^\x28%", "(first", True),
    ],
)
def test_terms(pattern: str, message: str, matches: bool) -> None:
    assert (compiled(pattern).extracted(message) is not None) == matches


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', TRAIL, True),
        ("{ $.eventType = UpdateTrail }", TRAIL, True),
        ("{ $.eventType = *Trail }", TRAIL, True),
        ("{ $.eventType = Up*il }", TRAIL, False),
        ("{ $.sourceIPAddress != 123.123.* }", TRAIL, True),
        ('{ $.arrayKey[0] = "value" }', TRAIL, True),
        ("{ $.objectList[1].id = 2 }", TRAIL, True),
        ("{ $.objectList[2].id = 2 }", TRAIL, False),
        ("{ $.SomeObject IS NULL }", TRAIL, True),
        ("{ $.SomeOtherObject NOT EXISTS }", TRAIL, True),
        ("{ $.SomeObject NOT EXISTS }", TRAIL, False),
        ("{ $.ThisFlag IS TRUE }", TRAIL, True),
        ("{ $.ThisFlag IS FALSE }", TRAIL, False),
        ("{ $.ThisFlag = true }", TRAIL, False),
        ("{ $.latency >= 500 }", TRAIL, True),
        ("{ $.latency < 10e-3 }", TRAIL, False),
        ("{ $.latency > +1000 }", TRAIL, False),
        ("{ $.latency = * }", TRAIL, True),
        ("{ $.latency = 5.005e2 }", TRAIL, True),
        ("{ $.code = 500 }", TRAIL, True),
        ("{ $.code > 400 }", TRAIL, False),
        ("{ $.eventType = %^Update% }", TRAIL, True),
        ('{ $.quote = "a \\"b\\"" }', TRAIL, True),
        ("{ $.missing != 1 }", TRAIL, False),
        ("{ $.users = 1 }", USERS, False),
        ("{ $.users != 1 }", USERS, False),
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', USERS, True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', USERS, False),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no && $.actions[2] = no }',
            USERS,
            True,
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no) && $.actions[2] = no }',
            USERS,
            False,
        ),
        ("{ $.a = 1 }", "no JSON", False),
        ("{ $.a = 1 }", "[1]", False),
    ],
)
def test_conditions_on_json(pattern: str, message: str, matches: bool) -> None:
    assert (compiled(pattern).extracted(message) is not None) == matches


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", APACHE, True),
        ("[ip, user, username, timestamp, request, status_code]", APACHE, False),
        ("[..., status_code, bytes > 1000]", APACHE, True),
        ("[ip, user, ..., status_code = 404, bytes]", APACHE, True),
        ("[..., request = *html*, status_code = 4*, bytes]", APACHE, True),
        ('[..., status_code = 403 || status_code = "404", bytes]', APACHE, True),
        ("[..., status_code = 4* && status_code != 404, bytes]", APACHE, False),
        ("[..., request = %^GET%, status, bytes]", APACHE, True),
        ("[..., a, b, c, d, e, f, g, h]", APACHE, False),
        ("[w1=ERROR, w2]", "ERROR message", True),
        ("[w1=ERROR, w2]", "ERROR WARN message", False),
        ("[w1!=ERROR&&w1!=WARN, w2]", "INFO message", True),
        ("[ip > 5]", "text", False),
    ],
)
def test_conditions_on_columns(pattern: str, message: str, matches: bool) -> None:
    assert (compiled(pattern).extracted(message) is not None) == matches


def test_what_a_pattern_extracts() -> None:
    assert compiled("[..., request=*.html*, status_code=4*,]").extracted(APACHE) == {
        "$1": "127.0.0.1",
        "$2": "-",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0",
        "$status_code": "404",
        "$7": "1534",
    }
    assert compiled("{ $.latency > 1 || $.ThisFlag IS TRUE }").extracted(TRAIL) == {
        "$.latency": "500.5",
        "$.ThisFlag": "true",
    }
    assert compiled("{ $.latency > 1 }").value(TRAIL, "$.objectList[1].id") == 2


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("a-b", "Invalid character(s) in term 'a-b'"),
        ('""', "Invalid character(s) in term '\"\"'"),
        ("what?", "Invalid character(s) in term 'what?'"),
        ('"not closed', "Invalid filter pattern"),
        ("%a(b)%", "Invalid character(s) in term '%a(b)%'"),
        ("%something!%", "Invalid character(s) in term"),
        ("%[a%", "Invalid regular expression"),
        ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
        ("[a, b", "If a filter pattern starts with '[' it must end with ']'"),
        ("{}", "Invalid filter pattern"),
        ("{ $.a }", "Invalid filter pattern"),
        ("{ a = 1 }", "'a' is no property selector"),
        ("{ $.a[*] = 1 }", "is no property selector"),
        ("{ $.a > b }", "'>' needs a number"),
        ("{ $.a = b@c }", "Invalid character(s) in term 'b@c'"),
        ("{ $.a EXISTS }", "Invalid filter pattern"),
        ("{ $.a IS EMPTY }", "'IS EMPTY'"),
        ("{ ($.a = 1 }", "a parenthesis is not closed"),
        ("{ $.a = 1 $.b = 2 }", "Invalid filter pattern: at '$.b'"),
        ("{ $.a = %x% || $.a = %y% || $.a = %z% }", "at most 2 regular expressions"),
        ("[ip, status_code = 4* && bytes > 1000]", "conditions on one name"),
        ("[..., a, ...]", "more than one ellipsis"),
        ("[a-b, c]", "Invalid character(s) in term 'a-b'"),
    ],
)
def test_malformed_patterns(pattern: str, error: str) -> None:
    with pytest.raises(InvalidPatternError) as raised:
        compiled(pattern)
    assert error in str(raised.value)
