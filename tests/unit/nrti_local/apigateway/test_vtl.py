import json
from typing import Any

import pytest

from nrti_local.apigateway.vtl import render

BODY = {"sensor": 'it\'s "é" / \\ \n \U0001f600', "data": [1, 2.5]}
TEXT = json.dumps(BODY)
PARAMETERS = {"path": {"id": "1"}, "querystring": {"id": "2"}, "header": {"x-api-key": "secret"}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$input.body", TEXT),
        ("$input.json('$.data')", "[1,2.5]"),
        ("$input.json('$.data[1]')", "2.5"),
        ("$input.path('$.data').size()", "2"),
        ("$input.params('x-api-key')", "secret"),
        ("$input.params('X-Api-Key')", "secret"),
        ("$input.params('id')", "1"),
        ("$input.params('none')", ""),
        ("#foreach($place in $input.params().keySet())$place;#end", "path;querystring;header;"),
        ("$input.json('$.data[-1:]')", "[2.5]"),
        ("$input.json('$.none')", '""'),
        ("[$input.path('$.none')]", "[]"),
        ("$stageVariables.table", "events"),
        ("[$stageVariables.none]", "[]"),
        ("$context.requestId", "r1"),
        ("[$context.unknown]", "[]"),
        ("$util.urlEncode('a b&c')", "a+b%26c"),
        ("$util.urlDecode('a+b%26c')", "a b&c"),
        ("$util.base64Decode($util.base64Encode('é'))", "é"),
        ("$util.parseJson('{\"a\": 1}').a", "1"),
        ("#if($context.requestId == 'r1')yes#{else}no#end", "yes"),
        ("#foreach($n in $input.path('$.data'))$n;#end", "1;2.5;"),
    ],
)
def test_it_renders_what_api_gateway_renders(template: str, expected: str) -> None:
    assert render(template, TEXT, PARAMETERS, {"requestId": "r1"}, {"table": "events"}) == expected


def test_an_empty_body_is_an_empty_object() -> None:
    assert render("$input.body $input.json('$')", "", {}) == "{} {}"


def test_javascript_is_escaped_as_by_javas_commons_lang() -> None:
    body = json.dumps({"text": "\x7f\x80\u00e9\u20ac\U0001f600 \\u00e9 it's </b> \x01\n"})
    expected = r"\u0080\u00E9\u20AC\uD83D\uDE00 \\u00e9 it\'s <\/b> \u0001\n"

    assert render("$util.escapeJavaScript($input.path('$.text'))", body, {}) == f"\x7f{expected}"


@pytest.mark.parametrize(("function", "expected"), [("base64Encode", "Pw=="), ("urlEncode", "%3F")])
def test_half_of_a_surrogate_pair_becomes_a_question_mark(function: str, expected: str) -> None:
    assert render(f"$util.{function}($input.path('$'))", r'"\ud800"', {}) == expected


def test_a_body_survives_as_a_string_within_json() -> None:
    template = '{"input": "{$util.escapeJavaScript($input.json(\'$\')).replaceAll("\\\\\'", "\'")}"}'
    rendered = json.loads(render(template, TEXT, {}))["input"]
    assert json.loads(rendered[1:-1]) == BODY


def test_a_template_overrides_the_status() -> None:
    context: dict[str, Any] = {"responseOverride": {}}
    render("#set($context.responseOverride.status = 422)", "{}", {}, context)
    assert context["responseOverride"]["status"] == 422
