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


@pytest.mark.parametrize(
    ("template", "body", "expected"),
    [
        ("$input.path('$.a')", {"a": {"b": "c", "d": [{"e": 1}]}}, '{b=c, d=[{"e":1}]}'),
        ("$input.path('$.a')", {"a": [{"b": "c"}]}, '[{"b":"c"}]'),
        ("$input.path('$.a')[0]", {"a": [{"b": "c"}]}, "{b=c}"),
        ("$input.path('$.a').toString()", {"a": {"b": "c"}}, "{b=c}"),
        (
            "#set($a = $input.path('$.a'))[$a] [$a.b] #if($a == $null)null#end #if($a == '')empty#end",
            {},
            "[] [] null empty",
        ),
        (
            "#set($a = $input.path('$.a'))[$a] #if($a == $null)null#end #if($a == '')empty#end",
            {"a": None},
            "[] null empty",
        ),
        (
            "#set($a = $input.path('$.a'))$a #if($a == $null)null#end #if($a == '')empty#end",
            {"a": []},
            "[]  ",
        ),
        ("#if($none)yes#end#if(!$none)no#end#if(${a.b.c})yes#end", {}, "yesyes"),
        ("[$input.path('$').none]", {}, "[]"),
    ],
)
def test_it_answers_as_aws_in_the_recordings_of_localstacks_tests(
    template: str, body: Any, expected: str
) -> None:
    assert render(template, json.dumps(body), {}) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "$input.path('$.zero')", "$input.path('$.empty')", "$input.path('$.list')", "$input.path('$.map')",
        "$input.params('none')", "$none || false", "$none && true", "$input.path('$.map').none && true",
        "$none.contains('a')", "$util.parseJson('{}').none == ''", "$context.none == $stageVariables.none",
    ],
)  # fmt: skip
def test_all_but_null_and_false_is_true(condition: str) -> None:
    body = json.dumps({"zero": 0, "empty": "", "list": [], "map": {}})

    assert render(f"#if({condition})yes#end", body, {}) == "yes"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.5, "1.5"), (0.001, "0.001"), (0.00099, "9.9E-4"),
        (9999999.5, "9999999.5"), (1e7, "1.0E7"), (1.25e300, "1.25E300"), (5e-324, "4.9E-324"),
        (float("-inf"), "-Infinity"),
    ],
)  # fmt: skip
def test_numbers_have_javas_text(number: float, text: str) -> None:
    assert render("$input.path('$')", json.dumps(number), {}) == text


def test_a_map_has_methods_beside_its_members() -> None:
    template = "#set($m = $input.path('$'))$m.size() $m.isEmpty() $m.containsKey('b') [$m.get('c')] $m.keys"

    assert render(template, '{"b": null, "keys": 7}', {}) == "2 false true [] 7"


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
